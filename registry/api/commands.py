"""POST: a command goes to its aggregate's stream, and is answered when the log has decided."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from events.event import Event
from events.streams import Stream
from projections.trial.document import timestamp
from registry.api.answers import answer
from registry.api.auth import not_permitted, permit_place, permit_role
from registry.api.bodies import read_command
from registry.api.context import ACTOR, METRICS, NODE
from registry.api.history import may_read
from registry.api.offered import OFFERED, Offered, with_part
from registry.api.parameters import expected_version, idempotency_key, only, uuid_in
from registry.api.problems import COMMAND_UNKNOWN, ROUTE_UNKNOWN, UNKNOWN_STREAMS, Problem, problem_of
from registry.api.receiving import when_read
from registry.api.settling import surely
from registry.api.trials import trial_of
from registry.domain.decider import Command
from registry.domain.permissions import NotPermitted, owns_for
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.engine.commanding import OutcomeUnknown
from registry.engine.receipts import Receipt
from registry.engine.turns import LONG

RECORDED: Final = "recorded"


def routes() -> list[web.RouteDef]:
    """One route for each command, so that each has its own name in the OpenAPI document and in the metrics."""
    return [
        *(_post(one.path, _creating(one) if one.declared.creates else _on_one(one)) for one in OFFERED),
        web.get("/v1/commands/{key}", by_key),
    ]


def _post(path: str, handler: Any) -> web.RouteDef:
    return web.post(path, handler, expect_handler=when_read)


def _creating(offered: Offered) -> Any:
    async def handle(request: web.Request) -> web.Response:
        """The id of a new aggregate is the key, so that a repeat goes to the same stream on every node."""
        permit_role(request, offered.model)
        only(request)
        key = idempotency_key(request)
        command = await read_command(request, offered.model)
        stream = Stream.of(offered.aggregate.category, key)
        receipt = await submit(request, offered.label, key, stream, command)
        return _recorded(receipt, {"Location": f"{offered.path}/{key}"})

    return handle


def _on_one(offered: Offered) -> Any:
    at = offered.declared.part_at

    async def handle(request: web.Request) -> web.Response:
        part = request.match_info.get(offered.declared.part)
        key, stream = await _admitted(request, offered, part)
        command = await read_command(request, offered.model, lambda body: with_part(at, body, part or ""))
        return _recorded(await submit(request, offered.label, key, stream, command))

    return handle


async def _admitted(request: web.Request, offered: Offered, part: str | None) -> tuple[UUID, Stream]:
    """Key and stream of a command that the asker may give there. The body has not been read yet.

    Cheapest first: the role costs nothing, the stream may have to be looked up and loaded.
    """
    permit_role(request, offered.model)
    only(request)
    key = idempotency_key(request)
    category = offered.aggregate.category
    stream = Stream.of(category, await ADDRESSED.get(category, _by_id)(request, category))
    await permit_place(request, offered.model, stream, part)
    return key, stream


async def _trial_of(request: web.Request, _: str) -> str:
    """The id of the trial; raises Problem (404) only once the views hold all that any node had acknowledged."""
    return await surely(request, lambda: trial_of(request))


async def _by_id(request: web.Request, category: str) -> str:
    """The id that the address gives; raises Problem (404) if no node has recorded anything under it."""
    id_ = uuid_in(request.match_info[category])
    if id_ is None or not await request.app[NODE].is_recorded(Stream.of(category, id_)):
        raise Problem(UNKNOWN_STREAMS.get(f"{category}-unknown", ROUTE_UNKNOWN))
    return str(id_)


ADDRESSED: Final[Mapping[str, Callable[[web.Request, str], Awaitable[str]]]] = {"trial": _trial_of}
"""By category, the way in which addresses name an aggregate; any other is named by its id."""


async def submit(request: web.Request, name: str, key: UUID, stream: str, command: Command) -> Receipt:
    """Submits the command for the asker and counts it by its name; raises as `Node.submit` does, and Problem (401)."""
    node, metrics = request.app[NODE], request.app[METRICS]
    try:
        with metrics.latency(name).time():
            version = expected_version(request, stream)
            # A body without a stated length may be as long as the largest.
            long = (request.content_length or LONG) >= LONG
            receipt = await node.submit(request[ACTOR], key, stream, command, version=version, long=long)
        if receipt is None:
            raise RuntimeError(f"{name} was neither recorded nor refused")
    except Exception as fault:
        metrics.commands(name, problem_of(fault).kind.code).inc()
        if isinstance(fault, OutcomeUnknown):
            raise _where_to_ask(fault, key) from fault
        if isinstance(fault, NotPermitted) and request[ACTOR] == node.anonymous:
            raise not_permitted(request) from fault
        raise
    metrics.commands(name, RECORDED).inc()
    return receipt


def _where_to_ask(fault: OutcomeUnknown, key: UUID) -> Problem:
    problem = problem_of(fault)
    problem.members = {"key": str(key), "links": {"command": f"/v1/commands/{key}"}}
    return problem


def _content(receipt: Receipt) -> dict[str, Any]:
    stream = Stream(receipt.stream)
    content = {
        "key": str(receipt.key),
        stream.category: stream.id,
        "site": receipt.site,
        "version": receipt.version,
        "position": str(receipt.position),
        "recorded": timestamp(receipt.recorded),
        "event": receipt.type,
        "number": receipt.number,
        "links": {**_reads_of(stream), "command": f"/v1/commands/{receipt.key}"},
    }
    return {name: value for name, value in content.items() if value is not None}


def _reads_of(stream: Stream) -> dict[str, str]:
    trial = f"/v1/trials/{stream.id}"
    return {"trial": trial, "history": f"{trial}/history"} if stream.category == TRIAL.category else {}


def _recorded(receipt: Receipt, headers: dict[str, str] | None = None) -> web.Response:
    """201 whether the command is recorded now or was before: the caller can't tell, and need not know."""
    marked = {"Registry-Position": str(receipt.position), **(headers or {})}
    return answer(_content(receipt), status=201, etag=str(receipt.version), headers=marked)


async def by_key(request: web.Request) -> web.Response:
    """The outcome of a command, as far as any node had acknowledged it.

    Not found is no proof that the command will never be recorded: another node may still be appending it.
    """
    only(request, "wait_for")
    node = request.app[NODE]
    read_to = {str(partition): offset for partition, offset in node.heads.next_offsets().items()}
    key = uuid_in(request.match_info["key"])
    event = None if key is None else await _receivable(request, key)
    if event is None:
        detail = (
            "not recorded as far as the log was read (read_to: next offset by partition); repeat the command with the "
            "same key to be certain"
        )
        raise Problem(COMMAND_UNKNOWN, detail, members={"read_to": read_to})
    receipt = Receipt.of(event)
    return answer(_content(receipt), etag=str(receipt.version), headers={"Registry-Position": str(receipt.position)})


async def _receivable(request: web.Request, key: UUID) -> Event | None:
    """The event under the key that the asker's own organisation sent, or else one that it may read."""
    node, actor = request.app[NODE], request[ACTOR]
    for event in await node.recorded_under(key, actor.organisation, node.settings.read_deadline):
        if event.record.onbehalfof == owns_for(actor) or await _open_to(request, event):
            return event
    return None


async def _open_to(request: web.Request, event: Event) -> bool:
    views, stream = request.app[NODE].views, Stream(event.record.subject)
    if stream.category != TRIAL.category:
        return False
    document = await views.document(stream.id)
    return document is not None and may_read(request, document.get("owner"), event, await views.opened(stream))
