"""GET: the results of imports: their receipts, and every refused record."""

from typing import Any, Final

from aiohttp import web

from events.catalogue import NAMES
from events.event import Event
from events.schemas.exchange import ImportFinished
from events.streams import Stream
from projections.trial.document import timestamp
from registry.api.answers import answer
from registry.api.auth import not_permitted
from registry.api.context import ACTOR, NODE
from registry.api.history import LAST_VERSION
from registry.api.paging import PAGE_BYTES, following, page
from registry.api.parameters import as_of, only, position_before, uuid_in, whole_number
from registry.api.problems import IMPORT_UNKNOWN, Problem
from registry.domain.exchange.aggregate import AGGREGATE as IMPORT

PAGE: Final = 20
LONGEST_PAGE: Final = 200
EVENTS: Final = 200
"""Events of one page of refusals; each has many."""
FINISHED: Final = NAMES[ImportFinished]


def routes() -> list[web.RouteDef]:
    """Receipts, for the registry and regulators."""
    return [web.get("/v1/imports", imports), web.get("/v1/imports/{import}", one)]


async def imports(request: web.Request) -> web.StreamResponse:
    """A page of receipts without their refusals, latest first."""
    _permit(request)
    only(request, "as_of", "before", "limit", "wait_for")
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    # One more than the page has: if it exists, there is a next page.
    rows = await request.app[NODE].views.latest(
        FINISHED, as_of(request), limit + 1, before=position_before(request), most_bytes=PAGE_BYTES
    )
    receipts = ((str(row.event.position), _receipt(row.event)) for row in rows)
    listed, last = page(receipts, PAGE_BYTES, limit)
    return answer({"imports": listed, **({} if last is None else {"next": following(request, before=last)})})


async def one(request: web.Request) -> web.StreamResponse:
    """A receipt with a page of refusals, in their order. An import that was stopped has no receipt."""
    _permit(request)
    only(request, "after", "as_of", "wait_for")
    after = whole_number(request, "after", 0, 0, LAST_VERSION)
    views, stream = request.app[NODE].views, Stream.of("import", uuid_in(request.match_info["import"]) or "")
    finished = await views.last(stream, as_of(request))
    if finished is None or finished.record.type != FINISHED:
        raise Problem(IMPORT_UNKNOWN)
    rows = await views.history(stream, as_of(request), after, EVENTS, PAGE_BYTES)
    events = [row.event for row in rows if row.event.record.type != FINISHED]
    content = {**_receipt(finished), "refusals": [one for event in events for one in _refusals(event)]}
    if events and events[-1].version < finished.version - 1:
        content["next"] = following(request, after=str(events[-1].version))
    return answer(content)


def _refusals(event: Event) -> list[Any]:
    """The refused records; none if another version of the program wrote them in another form."""
    refusals = event.record.data.get("refusals")
    return refusals if isinstance(refusals, list) else []


def _receipt(event: Event) -> dict[str, Any]:
    name = Stream(event.record.subject).id
    return {"id": name, "recorded": timestamp(event.recorded), "older": 0, **event.record.data}


def _permit(request: web.Request) -> None:
    if not IMPORT.may_see(request[ACTOR]):
        raise not_permitted(request)
