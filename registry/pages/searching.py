"""The first page: trials found by words and facets, with the words marked where they were found."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiohttp import web

from projections.base.moments import Moment
from projections.reading import Views
from projections.search.highlights import Marked, Wanted, excerpt, marked, wanted
from projections.search.query import FACETS, Counts, Found, Order, SearchQuery
from projections.search.texts import texts
from projections.trial.courses import Joining
from registry.api.context import NODE
from registry.api.parameters import as_of, only
from registry.api.search import ASKED, REPEATABLE, query_of
from registry.api.search import found as found_by
from registry.pages.at_home import age_in_words
from registry.pages.drawing import DRAWING
from registry.pages.facets import ALONE, chosen, facets
from registry.pages.joining import Badge, headline
from registry.pages.record import title_of
from registry.pages.rendering import drawn, language_of
from registry.pages.shown import Passage, bilingual
from registry.pages.telling import moment_in_words, trial_name
from registry.pages.values import person
from registry.pages.words import Words, words_in

PATIENCE: Final = 1.0
"""Seconds that the numbers beside the facets' values may take; after that, values are offered without them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A found trial in the list."""

    name: str
    title: Marked
    language: str | None
    number: Marked
    home: str
    status: Badge
    conditions: Marked
    sponsor: Marked
    phase: str
    recruiting_sites: int
    claims: bool
    age: tuple[str, ...] = ()
    """For a partner's trial, when its home changed and confirmed it."""
    excerpt: Marked = field(default_factory=list)

    @property
    def marked(self) -> bool:
        """Whether the entry itself shows why the trial was found."""
        return any(mark for part in (self.title, self.number, self.conditions, self.sponsor) for _, mark in part)


async def search(request: web.Request) -> web.StreamResponse:
    """A page of trials, best first, and how many each facet's values would find."""
    only(request, "as_of", "wait_for", *ASKED, repeatable=REPEATABLE)
    query, moment = query_of(request), as_of(request)
    words, views = words_in(language_of(request.path)), request.app[NODE].views
    found = await found_by(request, query)
    counts = await _counts(views, query, moment)
    summaries = await request.app[NODE].open_found([one.summary for one in found.found])
    shown = [replace(one, summary=summary) for one, summary in zip(found.found, summaries, strict=True)]
    hits = await _hits(request, words, wanted(query.q), shown)
    query_fields = _query_fields(request)

    def content() -> dict[str, Any]:
        return {
            "query": query,
            "asked": query_fields,
            "hits": hits,
            "total": found.total,
            "facets": facets(words, counts, query_fields),
            "chosen": chosen(words, query_fields),
            "kept": {name: query_fields[name] for name in ("order", *FACETS, *ALONE) if name in query_fields},
            "orders": orders(words, query, query_fields),
            "moment": moment_in_words(words, request.query.get("as_of")),
            "also": words.say("value.separator").join(found.also),
            "suggestion": found.suggestion,
            "skipped": found.skipped,
            "previous": _turned(query_fields, found.preceding),
            "following": _turned(query_fields, found.following),
        }

    return await drawn(request, "search.html", content)


def _query_fields(request: web.Request) -> dict[str, Any]:
    """The parameters of the address except the page and the position to wait for."""
    names = [name for name in (*ASKED, "as_of") if name in request.query and name != "cursor"]
    return {name: request.query.getall(name) if name in REPEATABLE else request.query[name] for name in names}


async def _counts(views: Views, query: SearchQuery, moment: Moment | None) -> Counts | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await views.counts(query, moment)
    except TimeoutError:
        return None


def _turned(query_fields: Mapping[str, Any], cursor: str | None) -> dict[str, Any] | None:
    return None if cursor is None else {**query_fields, "cursor": cursor}


def orders(
    words: Words, query: SearchQuery, query_fields: Mapping[str, Any]
) -> tuple[tuple[str, bool, Mapping[str, Any]], ...]:
    """The orders of a list, each in words, with whether it applies and the parameters that ask for it."""
    plain = {name: value for name, value in query_fields.items() if name != "order"}
    return tuple(
        (words.say(f"order.{order}"), order is query.order, plain if order is Order.BEST else {**plain, "order": order})
        for order in Order
    )


async def _hits(request: web.Request, words: Words, sought: Wanted, found: Sequence[Found]) -> list[Hit]:
    drawing = request.app[DRAWING]
    hits = await drawing.do(lambda: [hit(words, sought, one) for one in found])
    for at, one in enumerate(found):
        if sought != Wanted() and not hits[at].marked:
            hits[at] = replace(hits[at], excerpt=await _excerpt(request, one.summary["trial"], sought))
    return hits


def hit(words: Words, sought: Wanted, found: Found) -> Hit:
    """A found trial as the list shows it, with the searched words marked."""
    summary = found.summary
    title = title_of(words, summary, trial_name(summary))
    number = summary.get("number") or summary.get("home", {}).get("number", "")
    conditions = _joined(words, summary["conditions"])
    sponsor = _sponsor(words, summary["sponsor"]).text if "sponsor" in summary else ""
    parts = [marked(text, sought) for text in (title.text, number, conditions, sponsor)]
    return Hit(
        name=trial_name(summary),
        title=parts[0],
        language=title.language,
        number=parts[1],
        home=words.registry(summary.get("home", {}).get("registry", "")),
        status=headline(words, summary["status"], Joining.from_stored(summary["joining"])),
        conditions=parts[2],
        sponsor=parts[3],
        phase=words.say(f"phase.{summary['phase']}") if "phase" in summary else "",
        recruiting_sites=summary["recruiting_sites"],
        claims=found.claims,
        age=age_in_words(words, summary["home"], summary["at_home"]) if "at_home" in summary else (),
    )


def _sponsor(words: Words, sponsor: Mapping[str, Any]) -> Passage:
    return person(words, sponsor) if "person" in sponsor else bilingual(words, sponsor)


async def _excerpt(request: web.Request, trial: str, sought: Wanted) -> Marked:
    """The passage with the searched words, if the trial's entry in the list has none of them."""
    document = await request.app[NODE].views.document(trial, as_of(request))
    return [] if document is None else await request.app[DRAWING].do(lambda: excerpt(texts(document), sought))


def _joined(words: Words, texts_: Sequence[Mapping[str, str]]) -> str:
    return words.say("value.separator").join(words.text(text)[0] for text in texts_)
