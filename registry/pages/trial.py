"""One trial: in short and in full, its sites, and what happened to it; now, or as it was known at a moment."""

from typing import Any, Final

from aiohttp import web

from projections.document import Document, stream_of
from registry.api.context import NODE
from registry.api.history import LAST_VERSION, PAGE_BYTES, told
from registry.api.parameters import as_of, only, whole_number
from registry.api.trials import lacks, visible
from registry.pages.places import board, headline
from registry.pages.record import criteria, in_full, in_short, title_of
from registry.pages.rendering import drawn, language_of
from registry.pages.telling import moment_told, trial_name, trial_place
from registry.pages.timeline import entry
from registry.pages.words import Words, words_in

LATEST: Final = 5
"""Events that the trial's own page shows; the timeline has them all."""
EVENTS: Final = 50
"""Events on one page of the timeline."""


async def trial(request: web.Request) -> web.StreamResponse:
    """The trial's page."""
    only(request, "as_of", "wait_for")
    document = await visible(request)
    words = words_in(language_of(request.path))
    events, _ = await _events(request, document, max(document["version"] - LATEST, 0))
    lacking = await lacks(request, document)

    def content() -> dict[str, Any]:
        regions = board(words, document)
        return {
            **_heading(request, words, document),
            "lacks": lacking,
            "in_short": in_short(words, document, regions),
            "criteria": criteria(words, document),
            "summary": document["registration"].get("plain_summary"),
            "regions": regions,
            "sites": len(document["sites"]),
            "recruiting": sum(site.status.tone == "open" for region in regions for site in region.sites),
            "sections": in_full(words, document),
            "events": [entry(words, event, document) for event in reversed(events)],
            "last_recorded": words.moment(document["last_recorded"]),
        }

    return await drawn(request, "trial.html", content)


async def timeline(request: web.Request) -> web.StreamResponse:
    """A page of the trial's events, oldest first."""
    only(request, "after", "as_of", "wait_for")
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    document = await visible(request)
    words = words_in(language_of(request.path))
    events, last = await _events(request, document, after, PAGE_BYTES)
    lacking = await lacks(request, document)

    def content() -> dict[str, Any]:
        return {
            **_heading(request, words, document),
            "lacks": lacking,
            "events": [entry(words, event, document) for event in events],
            "after": after,
            "following": last if last < document["version"] else None,
        }

    return await drawn(request, "timeline.html", content)


def _heading(request: web.Request, words: Words, document: Document) -> dict[str, Any]:
    home = document.get("home", {})
    return {
        "document": document,
        "title": title_of(words, document["registration"], trial_name(document)),
        "number": document.get("number") or home.get("number", ""),
        "headline": headline(words, document["status"]),
        "at": trial_place(document),
        "moment": moment_told(words, request.query.get("as_of")),
        "as_of": request.query.get("as_of", ""),
    }


async def _events(
    request: web.Request, document: Document, after: int, most_bytes: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """A page of events, and the version that it came to."""
    views, stream = request.app[NODE].views, stream_of(document["trial"])
    rows = await views.history(stream, as_of(request), after, EVENTS, most_bytes)
    return await told(request, document, rows), rows[-1].event.version if rows else document["version"]
