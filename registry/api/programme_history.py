"""GET: the history of a programme and of each of its regions, event by event, for participating organisations."""

from typing import Any

from aiohttp import web

from events.catalogue import payload_of, upcast
from projections.base.view import Document
from projections.reading import HistoryRow
from registry.api.answers import answer
from registry.api.auth import not_permitted
from registry.api.context import NODE
from registry.api.history import LAST_VERSION, LONGEST_PAGE, PAGE, entry_of
from registry.api.paging import PAGE_BYTES, following
from registry.api.parameters import as_of, only, whole_number
from registry.api.programme_reading import region_of, stream_of, viewer_of
from registry.programmes.events import may_read_of_programme, may_read_of_region
from registry.programmes.seeing import Viewer


def routes() -> list[web.RouteDef]:
    """The histories."""
    one = "/v1/programmes/{programme}"
    return [
        web.get(f"{one}/history", of_programme),
        web.get(f"{one}/regions/{{code}}/history", of_region),
    ]


async def of_programme(request: web.Request) -> web.StreamResponse:
    """A page of the programme's own events, oldest first."""
    viewer = await _taking_part(request)

    def reads(row: HistoryRow) -> bool:
        return may_read_of_programme(viewer, payload_of(upcast(row.event.record)))

    named = {"programme": viewer.whole.id}
    return await _history(request, stream_of(viewer.whole.id), viewer.whole.document, reads, named)


async def of_region(request: web.Request) -> web.StreamResponse:
    """A page of a region's events, oldest first."""
    viewer = await _taking_part(request)
    region = region_of(request, viewer)

    def reads(row: HistoryRow) -> bool:
        return may_read_of_region(viewer, region, payload_of(upcast(row.event.record)))

    named = {"programme": viewer.whole.id, "region": request.match_info["code"]}
    return await _history(request, f"region/{region.id}", region.document, reads, named)


async def _taking_part(request: web.Request) -> Viewer:
    """Raises Problem (401, 403) if the asker takes no part: the public data of a programme is on its board."""
    only(request, "after", "as_of", "limit", "wait_for")
    viewer = await viewer_of(request)
    if not viewer.takes_part:
        raise not_permitted(request)
    return viewer


async def _history(
    request: web.Request, stream: str, document: Document, reads: Any, named: dict[str, Any]
) -> web.StreamResponse:
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    node, moment = request.app[NODE], as_of(request)
    rows = await node.views.history(stream, moment, after, limit, PAGE_BYTES)
    corrections = await node.views.corrections(stream, moment)
    events = [await entry_of(request, row) for row in rows if reads(row)]
    shown = [one | ({"corrected_by": by} if (by := corrections.get(one["version"])) else {}) for one in events]
    page: dict[str, Any] = {**named, "events": shown}
    if rows and rows[-1].event.version < document["version"]:
        page["next"] = following(request, after=str(rows[-1].event.version), limit=str(limit))
    return answer(await node.open_all(page, stream))
