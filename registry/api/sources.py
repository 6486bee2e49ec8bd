"""GET: where a trial's data came from: what each partner last said of it, and where that differs from the record."""

from functools import reduce
from typing import Any

from aiohttp import web

from events.catalogue import payload_of
from events.changes import diff
from projections.document import WHOLE, Document, stream_of
from registry.api.answers import answer
from registry.api.context import NODE
from registry.api.parameters import as_of, only
from registry.api.trials import visible
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import SourceView, Trial


def routes() -> list[web.RouteDef]:
    """The sources of one trial."""
    return [web.get("/v1/trials/{trial}/sources", sources)]


async def sources(request: web.Request) -> web.StreamResponse:
    """Every source with its time, and the fields in which it says something else than the record."""
    only(request, "as_of", "wait_for")
    node, document = request.app[NODE], await visible(request)
    stream = stream_of(document["trial"])
    events = await node.views.events(stream, moment=as_of(request))
    trial: Trial | None = reduce(evolve, (payload_of(event.record) for event in events), None)  # type: ignore[arg-type]
    said = trial.sources if trial else {}
    listed = [
        {
            "source": key,
            **source,
            "home": said[key].sender == _home(document),
            "differs": differing(document, said[key]),
        }
        for key, source in sorted(document["sources"].items())
    ]
    told = {"trial": document["trial"], "version": document["version"], "sources": listed}
    return answer(await node.open_persons(told, stream))


def _home(document: Document) -> str:
    registry: str = (document.get("home") or document.get("adopted_from") or {"registry": ""})["registry"]
    return registry


def differing(document: Document, source: SourceView) -> list[dict[str, Any]]:
    """Fields in which the source says another thing: {"field": JSON Pointer, "here", "there"}; silence is no thing."""
    here = {name: document.get(name, document.get("adopted_from", {}) if name == "home" else {}) for name in WHOLE}
    return [
        {"field": field, "here": ours, "there": theirs}
        for field, ours, theirs in diff(here, source.whole)
        if theirs is not None
    ]
