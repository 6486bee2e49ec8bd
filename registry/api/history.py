"""GET: the history of one trial, event by event, with the fields that each event changed."""

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from events.event import Event
from events.record import Record, written
from events.sealing import owners_in, without_texts
from events.streams import Stream
from projections.reading import HistoryRow
from projections.trial.document import Document, stream_of, timestamp
from registry.api.answers import answer
from registry.api.causes import follows_from
from registry.api.context import ACTOR, NODE
from registry.api.paging import PAGE_BYTES, following
from registry.api.parameters import as_of, only, whole_number
from registry.api.trials import opened_for, owner_now, visible, withheld_now
from registry.domain import permissions
from registry.domain.trial.aggregate import AGGREGATE as TRIAL

PAGE: Final = 50
LONGEST_PAGE: Final = 200
LAST_VERSION: Final = 10**9
UNTOLD: Final = frozenset({"reason", "texts"})
"""Fields left out of an event's data: a reason is given beside it, and ids of texts are for permitted readers."""


def routes() -> list[web.RouteDef]:
    """The history of one trial."""
    return [web.get("/v1/trials/{trial}/history", history)]


async def history(request: web.Request) -> web.StreamResponse:
    """A page of events, oldest first."""
    only(request, "after", "as_of", "limit", "wait_for")
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    node, document = request.app[NODE], await visible(request)
    stream = stream_of(document["trial"])
    rows = await node.views.history(stream, as_of(request), after, limit, PAGE_BYTES)
    page: dict[str, Any] = {"trial": document["trial"], "events": await entries_of(request, document, rows)}
    if rows and rows[-1].event.version < document["version"]:
        page["next"] = following(request, after=str(rows[-1].event.version), limit=str(limit))
    return answer(await opened_for(request, page, document))


async def entries_of(request: web.Request, document: Document, rows: Sequence[HistoryRow]) -> list[dict[str, Any]]:
    """The events that the asker may read, with their sealed values."""
    views, stream = request.app[NODE].views, stream_of(document["trial"])
    opened, corrections = await views.opened(stream), await views.corrections(stream, as_of(request))
    owner = await owner_now(request, document, as_of(request))
    current = await views.document(document["trial"]) or document
    withheld = await withheld_now(request, current, None)
    rows = [row for row in rows if may_read(request, owner, row.event, opened)]
    events = [without_texts(await entry_of(request, row), withheld) for row in rows]
    return [event | ({"corrected_by": by} if (by := corrections.get(event["version"])) else {}) for event in events]


def may_read(request: web.Request, owner: str | None, event: Event, opened: int | None) -> bool:
    """Whether the asker may read the event: a draft's events stay with its owner. `opened`: see `Views.opened`.

    By versions, not by times: if the log's clock ran ahead, many events have the same time.
    """
    published = opened is not None and event.version >= opened
    return TRIAL.may_see(request[ACTOR], published=published, owner=owner)


async def entry_of(request: web.Request, row: HistoryRow) -> dict[str, Any]:
    """The event in the form that the asker may read, with its sealed values."""
    event, record = row.event, row.event.record
    entry = {
        "key": str(record.id),
        "type": record.type,
        "version": event.version,
        "position": str(event.position),
        "recorded": timestamp(event.recorded),
        "occurred": written(record.time),
        "organisation": record.onbehalfof,
        "data": {name: value for name, value in record.data.items() if name not in UNTOLD},
        "changes": row.changes,
    }
    reason = {"reason": record.data["reason"]} if "reason" in record.data else {}
    return entry | reason | await follows_from(request, record) | await _actor(request, record)


async def _actor(request: web.Request, record: Record) -> dict[str, Any]:
    """The actor, for readers who may know it, and the ids by which its texts are taken back.

    The name is sealed in the token's own stream.
    """
    if not permissions.may_see_actors(request[ACTOR]):
        return {}
    node = request.app[NODE]
    texts = list(dict.fromkeys(owners_in(record.data, ("text",))))
    actor = await node.open_all(node.actor_label(record.actor), Stream.of("access", record.actor))
    return {"actor": actor, **({"texts": texts} if texts else {})}
