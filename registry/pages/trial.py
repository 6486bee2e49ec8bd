"""Requests for a trial's page, its sites and its timeline, now or as known at a moment."""

from datetime import date
from typing import Any, Final

from aiohttp import web

from projections.trial.document import Document, stream_of
from registry.api.context import NODE
from registry.api.history import LAST_VERSION, entries_of
from registry.api.paging import PAGE_BYTES
from registry.api.parameters import as_of, only, whole_number
from registry.api.trials import lacks, opened_for, sites_after, visible
from registry.pages.contacts import for_public
from registry.pages.places import NO_CONTACTS, OF_TRIAL, Contacts, board, contacts_of_open_sites
from registry.pages.programmes import belongs_to
from registry.pages.rendering import address, drawn, language_of
from registry.pages.showing import timeline_shown, trial_shown
from registry.pages.words import Words, words_in

LATEST: Final = 5
"""Events that the trial's own page shows; the timeline has them all."""
EVENTS: Final = 50
"""Events on one page of the timeline."""


async def trial(request: web.Request) -> web.StreamResponse:
    """The trial's page."""
    only(request, "after", "as_of", "wait_for")
    after = request.query.get("after", "")
    document = await _document(request)
    if "same_as" in document and "as_of" not in request.query:
        # The claim may be withdrawn: the browser must ask again next time.
        there = address(language_of(request.path), f"/trials/{document['same_as']}")
        return web.Response(status=302, headers={"Location": there})
    words, moment = words_in(language_of(request.path)), request.query.get("as_of", "")
    events, _ = await _events(request, document, max(document["version"] - LATEST, 0))
    lacking = await lacks(request, document)
    day = await request.app[NODE].views.day(as_of(request))
    contacts = NO_CONTACTS if moment else await _contacts(request, document, after, day)
    programmes = [] if moment else await belongs_to(request, words, document, day)

    def content() -> dict[str, Any]:
        return {
            **trial_shown(words, document, reversed(events), moment, day, contacts=contacts),
            **page_of_sites(words, document, after, day, contacts),
            "lacks": lacking,
            "programmes": programmes,
        }

    return await drawn(request, "trial.html", content)


def page_of_sites(
    words: Words, document: Document, after: str, day: date, contacts: Contacts = NO_CONTACTS
) -> dict[str, Any]:
    """A page of the sites whose ids come after one, and the last id if more follow."""
    sites, last = sites_after(document, after)
    regions = board(words, {**document, "sites": {site["site"]: site for site in sites}}, day, contacts)
    return {"regions": regions, "sites_from": after, "sites_after": last}


async def timeline(request: web.Request) -> web.StreamResponse:
    """A page of the trial's events, oldest first."""
    only(request, "after", "as_of", "wait_for")
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    document = await _document(request)
    words, moment = words_in(language_of(request.path)), request.query.get("as_of", "")
    events, last = await _events(request, document, after, PAGE_BYTES)
    lacking = await lacks(request, document)
    day = await request.app[NODE].views.day(as_of(request))

    def content() -> dict[str, Any]:
        following = last if last < document["version"] else None
        shown = timeline_shown(words, document, events, moment, day)
        return {**shown, "lacks": lacking, "after": after, "following": following}

    return await drawn(request, "timeline.html", content)


async def _events(
    request: web.Request, document: Document, after: int, most_bytes: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """A page of events, and its last version."""
    node, stream = request.app[NODE], stream_of(document["trial"])
    rows = await node.views.history(stream, as_of(request), after, EVENTS, most_bytes)
    page = await node.open_for_pages({"events": await entries_of(request, document, rows)}, stream)
    return page["events"], rows[-1].event.version if rows else document["version"]


async def _document(request: web.Request) -> Document:
    """The trial with its texts and sponsors in clear; persons of contacts stay sealed."""
    document = await visible(request)
    return await request.app[NODE].open_for_pages(document, stream_of(document["trial"]))


async def _contacts(request: web.Request, document: Document, after: str, day: date) -> Contacts:
    """In clear, the public contacts of the trial, and those of the sites on the page that recruit (ADR 0046)."""
    sites, _ = sites_after(document, after)
    on_page = {**document, "sites": {site["site"]: site for site in sites}}
    sealed = {OF_TRIAL: for_public(document), **dict(contacts_of_open_sites(on_page, day))}
    return (await opened_for(request, {"contacts": sealed}, document))["contacts"]  # type: ignore[no-any-return]
