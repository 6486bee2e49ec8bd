"""GET: the sources of a trial's data: each partner's last record of it, and its differences from ours."""

import asyncio
from functools import reduce
from typing import Any, Final

from aiohttp import web

from events.catalogue import payload_of
from events.changes import diff, in_list
from events.event import Event
from projections.trial.document import WHOLE, Document, stream_of
from registry.api.answers import answer
from registry.api.context import NODE
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import as_of, only
from registry.api.trials import visible
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import SourceView, Trial

MOST_SOURCES: Final = 50
"""Sources of one page: each is compared with the record."""


def routes() -> list[web.RouteDef]:
    """The sources of one trial."""
    return [web.get("/v1/trials/{trial}/sources", sources)]


async def sources(request: web.Request) -> web.StreamResponse:
    """A page of sources, each with its time, and the fields in which it differs from the record."""
    only(request, "after", "as_of", "wait_for")
    after = request.query.get("after", "")
    node, document = request.app[NODE], await visible(request)
    stream, trial = stream_of(document["trial"]), None
    async for events in node.views.pages(stream, as_of(request)):
        # In a thread: a partner's registration takes long to read, and may be requested again and again.
        trial = await asyncio.to_thread(_folded, trial, events)
    keys = sorted(key for key in document["sources"] if key > after)
    answers = ((key, _answer(document, key, trial)) for key in keys)
    listed, last = await asyncio.to_thread(page, answers, PAGE_BYTES, MOST_SOURCES)
    content = {"trial": document["trial"], "version": document["version"], "sources": listed}
    if last is not None:
        content["next"] = following(request, after=last)
    return answer(await node.open_all(content, stream))


def _folded(trial: Trial | None, events: list[Event]) -> Trial | None:
    return reduce(evolve, (payload_of(event.record) for event in events), trial)  # type: ignore[arg-type]


def _answer(document: Document, key: str, trial: Trial | None) -> dict[str, Any]:
    assert trial is not None
    source = trial.sources[key]
    return {
        "source": key,
        **document["sources"][key],
        "home": source.sender == _home(document),
        "differs": differing(document, source),
    }


def _home(document: Document) -> str:
    registry: str = (document.get("home") or document.get("adopted_from") or {"registry": ""})["registry"]
    return registry


def differing(document: Document, source: SourceView) -> list[dict[str, Any]]:
    """Fields with another value in the source: {"field": JSON Pointer, "here", "there"}; absent ones do not count."""
    here = {name: document.get(name, document.get("adopted_from", {}) if name == "home" else {}) for name in WHOLE}
    return [
        {"field": field, "here": ours, "there": theirs}
        for field, ours, theirs in diff(here, source.whole)
        if theirs is not None or in_list(here, field)
    ]
