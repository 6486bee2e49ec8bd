"""The form by which a site's coordinator reports on recruitment, the number of participants, or that the site left.

A report is a command of the API, under a key in the form: sent twice, it is recorded once.

No other site can send it in the coordinator's name. There is no session and no cookie: a report needs the
token typed into the form, which a forged form does not know. A request that the browser marks as sent from elsewhere
(Sec-Fetch-Site, W3C Fetch Metadata) is refused as well.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from events.normal_form import nfkc
from projections.trial.document import Document, stream_of
from registry.api.auth import bearer, permit_place, permit_role
from registry.api.bodies import command_from, read_form
from registry.api.commands import submit
from registry.api.context import ACTOR, NODE
from registry.api.parameters import only, uuid_in
from registry.api.problems import BAD_REQUEST, INTERNAL, KEY_REUSED, Problem, problem_of
from registry.api.settling import UNKNOWN, once_settled, surely
from registry.api.trials import trial_named, visible_trial
from registry.domain.catalogue import COMMANDS
from registry.domain.decider import Command
from registry.domain.trial.days import FIRST
from registry.engine.receipts import Receipt
from registry.node import Node
from registry.pages import refused
from registry.pages.joining import of_site, reported_at
from registry.pages.places import site_shown
from registry.pages.record import title_of
from registry.pages.refused import Refused, reason_in
from registry.pages.rendering import language_of, page, today
from registry.pages.telling import trial_name, trial_place
from registry.pages.trial import page_of_sites
from registry.pages.words import Words, words_in

REPORTS: Final = ("open", "pause", "close", "verify", "report-enrolment", "leave")
"""The reports that the form offers, by their commands' names on the wire."""
TAKE_BACK: Final = "ask-take-back"
"""Has a form of its own, linked from a timeline: for the reason of one event."""
NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""The form may contain a token, and a receipt is for its sender alone."""
MOST_DIGITS: Final = 10
FROM_HERE: Final = ("same-origin", "none")
UNSURE: Final = (*UNKNOWN, BAD_REQUEST)
"""Answers that trial or site is unknown wait for all that any node had acknowledged: either may be a moment old."""


async def ask(request: web.Request) -> web.StreamResponse:
    """The form for one site; until trial and site are chosen, the forms that ask for them."""
    only(request, "trial", "site", "of", "after", "wait_for")
    name, site = request.query.get("trial"), request.query.get("site")
    if name is None:
        return page(request, "report_find.html", headers=NOT_KEPT)
    document = await _trial_named(request, name)
    words = words_in(language_of(request.path))
    if site is not None and site not in document["sites"]:
        once_settled(request)
    if "same_as" in document["sites"].get(site, {}):
        site = document["sites"][site]["same_as"]
    if site is None or site not in document["sites"] or "home" in document:
        day = await request.app[NODE].views.day()
        sites = page_of_sites(words, document, request.query.get("after", ""), day)
        return page(request, "report_choose.html", headers=NOT_KEPT, **_trial(words, document), **sites)
    of = request.query.get("of", "")
    return await _form(request, document, site, {"what": TAKE_BACK, "of": of} if of else {}, None)


async def report(request: web.Request) -> web.StreamResponse:
    """Gives the command and shows the receipt, or the filled form with the reason of the refusal."""
    if request.headers.get("Sec-Fetch-Site", "none") not in FROM_HERE:
        raise Problem(BAD_REQUEST, "the form was sent from another site")
    fields = await read_form(request)
    key, site = uuid_in(fields.get("key", "")), fields.get("site", "")
    document = await surely(request, lambda: _with_site(request, fields.get("trial", ""), site), UNSURE)
    if key is None or key.version not in (4, 7):
        raise Problem(BAD_REQUEST)
    words = words_in(language_of(request.path))
    if missing := refused.missing(words, fields, (*REPORTS, TAKE_BACK)):
        return await _form(request, document, site, fields, missing)
    try:
        await _permit(request, document, fields)
        if doubts := refused.doubtful(words, fields):
            return await _form(request, document, site, fields, doubts)
        receipt = await _give(request, key, document, fields, words)
    except Exception as fault:
        problem = problem_of(fault)
        if problem.kind is INTERNAL:
            raise
        filled_in = fields | ({"key": ""} if problem.kind is KEY_REUSED else {})
        return await _form(request, document, site, filled_in, refused.of_problem(words, problem))
    return await _receipt(request, document, fields, receipt)


async def _permit(request: web.Request, document: Document, fields: Mapping[str, str]) -> None:
    """Raises if the token may not report this of the site. Checked before any other field of the form."""
    request[ACTOR] = await bearer(request.app[NODE], fields["token"].strip())
    model = _model(fields["what"])
    permit_role(request, model)
    await permit_place(request, model, stream_of(document["trial"]), fields["site"])


def _model(what: str) -> type[Command]:
    return COMMANDS[f"site.{what}"]


async def _give(
    request: web.Request, key: UUID, document: Document, fields: Mapping[str, str], words: Words
) -> Receipt:
    what = fields["what"]
    command = command_from(_model(what), body_of(what, fields, words))
    return await submit(request, f"site-{what}", key, stream_of(document["trial"]), command)


def body_of(what: str, fields: Mapping[str, str], words: Words) -> dict[str, Any]:
    """The command's body as the API would take it.

    A reason becomes the event's `why` if it has one, which is shown with the site; else it is only in the history.
    """
    expected = _model(what).model_fields
    body: dict[str, Any] = {"site": fields["site"]}
    if "on" in expected:
        body["on"] = fields["on"]
    if "of" in expected:
        body["of"] = _count(fields.get("of", ""))
    if "status" in expected:
        body["status"] = fields.get("seen", "")
    if "enrolled" in expected:
        body["enrolled"] = _count(fields["enrolled"])
    if why := reason_in(fields):
        body |= {"why": {str(words.language): why}} if "why" in expected else {"reason": why}
    return body


def _count(text: str) -> int | str:
    """The number, from digits of any width; any other text is left for the command to refuse."""
    plain = nfkc(text).strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < MOST_DIGITS else text


async def _trial_named(request: web.Request, name: str) -> Document:
    """The trial with its texts and sponsors in clear."""
    document = await visible_trial(request, await trial_named(request, name))
    return await request.app[NODE].open_for_pages(document, stream_of(document["trial"]))


async def _with_site(request: web.Request, name: str, site: str) -> Document:
    """The trial if it has the site; raises Problem."""
    document = await _trial_named(request, name)
    if site not in document["sites"]:
        raise Problem(BAD_REQUEST)
    return document


def _trial(words: Words, document: Document) -> dict[str, Any]:
    return {
        "document": document,
        "title": title_of(words, document["registration"], trial_name(document)),
        "number": document.get("number") or document.get("home", {}).get("number", ""),
        "name": trial_name(document),
        "at": trial_place(document),
    }


async def _form(
    request: web.Request, document: Document, site: str, fields: Mapping[str, str], refused_as: Refused | None
) -> web.Response:
    words, known = words_in(language_of(request.path)), document["sites"][site]
    day = await request.app[NODE].views.day()
    return page(
        request,
        "report_take_back.html" if fields.get("what") == TAKE_BACK else "report.html",
        status=refused_as.status if refused_as else 200,
        headers=NOT_KEPT,
        **_trial(words, document),
        site=site_shown(words, known, of_site(document, known, day)),
        # As the site reported it: "nothing has changed" confirms that.
        reported=reported_at(words, known),
        reports=REPORTS,
        # The site's own day: if it is already tomorrow there, that day's events can be reported.
        today=today(known.get("zone")),
        earliest=FIRST.isoformat(),
        # "Nothing has changed" confirms the state that the coordinator saw, not a later one.
        seen=fields.get("seen") or known["recruitment"],
        key=fields.get("key") or request.app[NODE].new_id(),
        fields=fields,
        refused=refused_as,
    )


async def _receipt(
    request: web.Request, document: Document, fields: Mapping[str, str], receipt: Receipt
) -> web.StreamResponse:
    """The receipt, once the public page shows the report, or without that if the views are behind.

    It repeats the form: under one key nothing else can have been recorded.
    """
    words, node, site = words_in(language_of(request.path)), request.app[NODE], document["sites"][fields["site"]]
    answer = of_site(document, site, await node.views.day())
    return page(
        request,
        "receipt.html",
        status=201,
        headers=NOT_KEPT | {"Registry-Position": str(receipt.position)},
        **_trial(words, document),
        what=words.say(f"report.{fields['what']}"),
        on=words.date(fields["on"]) if "on" in fields else "",
        enrolled=fields.get("enrolled", ""),
        why=None if fields["what"] == TAKE_BACK else reason_in(fields),
        site=site_shown(words, site, answer),
        receipt=receipt,
        recorded=words.moment(receipt.recorded),
        shown_after=await _shown_after(node, receipt),
    )


async def _shown_after(node: Node, receipt: Receipt) -> str:
    """Seconds from the acknowledgement until the views had the report; empty if they were not in time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    shown = await node.views.wait_for(receipt.position, node.settings.read_deadline)
    return f"{loop.time() - began:.2f}" if shown else ""
