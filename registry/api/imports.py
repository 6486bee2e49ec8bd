"""GET: what came of imports: their receipts, and every record that was refused."""

from typing import Any, Final

from aiohttp import web

from events.event import Event
from projections.document import timestamp
from registry.api.answers import answer
from registry.api.auth import not_permitted
from registry.api.context import ACTOR, NODE
from registry.api.parameters import as_of, only, uuid_in, whole_number
from registry.api.problems import IMPORT_UNKNOWN, Problem
from registry.domain import permissions

PAGE: Final = 20
LONGEST_PAGE: Final = 200
FINISHED: Final = "import.finished.v1"


def routes() -> list[web.RouteDef]:
    """Receipts, for the registry and regulators."""
    return [web.get("/v1/imports", imports), web.get("/v1/imports/{import}", one)]


async def imports(request: web.Request) -> web.StreamResponse:
    """The last receipts, without their refusals."""
    _permit(request)
    only(request, "as_of", "limit", "wait_for")
    limit = whole_number(request, "limit", PAGE, 1, LONGEST_PAGE)
    rows = await request.app[NODE].views.latest(FINISHED, as_of(request), limit)
    return answer({"imports": [_receipt(row.event) for row in rows]})


async def one(request: web.Request) -> web.StreamResponse:
    """A receipt with every refusal. An import that was stopped has none."""
    _permit(request)
    only(request, "as_of", "wait_for")
    name = uuid_in(request.match_info["import"])
    events = await request.app[NODE].views.events(f"import/{name}", moment=as_of(request)) if name else []
    if not events or events[-1].record.type != FINISHED:
        raise Problem(IMPORT_UNKNOWN)
    refusals = [refusal for event in events[:-1] for refusal in event.record.data["refusals"]]
    return answer({**_receipt(events[-1]), "refusals": refusals})


def _receipt(event: Event) -> dict[str, Any]:
    name = event.record.subject.removeprefix("import/")
    return {"id": name, "recorded": timestamp(event.recorded), **event.record.data}


def _permit(request: web.Request) -> None:
    if not permissions.may_see_imports(request[ACTOR]):
        raise not_permitted(request)
