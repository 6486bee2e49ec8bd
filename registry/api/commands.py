"""POST: a command goes to its trial's stream, and is answered when the log has decided."""

from typing import Any, Final
from uuid import UUID

from aiohttp import web

from events.event import Event
from events.streams import Stream
from projections.trial.document import stream_of, timestamp
from registry.api.answers import answer
from registry.api.auth import not_permitted, permit_place, permit_role
from registry.api.bodies import read_command
from registry.api.context import ACTOR, METRICS, NODE
from registry.api.history import may_read
from registry.api.parameters import expected_version, idempotency_key, only, uuid_in
from registry.api.problems import COMMAND_UNKNOWN, Problem, problem_of
from registry.api.receiving import when_read
from registry.api.settling import surely
from registry.api.trials import trial_of
from registry.domain.commands import REGISTER, SITE_COMMANDS, TRIAL_COMMANDS
from registry.domain.decider import Command, Fault, Rejection
from registry.domain.permissions import NotPermitted, owns_for
from registry.domain.trial.commands import AddSite, RegisterTrial
from registry.engine.commanding import OutcomeUnknown
from registry.engine.turns import LONG
from registry.node import Receipt

RECORDED: Final = "recorded"


def routes() -> list[web.RouteDef]:
    """One route for each command, so that each has its own name in the OpenAPI document and in the metrics."""
    return [
        _post("/v1/trials", register),
        *(_post(f"/v1/trials/{{trial}}/{name}", _on_trial(name, model)) for name, model in TRIAL_COMMANDS.items()),
        *(
            _post(f"/v1/trials/{{trial}}/sites/{{site}}/{name}", _on_site(name, model))
            for name, model in SITE_COMMANDS.items()
        ),
        web.get("/v1/commands/{key}", by_key),
    ]


def _post(path: str, handler: Any) -> web.RouteDef:
    return web.post(path, handler, expect_handler=when_read)


async def register(request: web.Request) -> web.Response:
    """The new trial's id is the key, so that a repeat meets the same stream on every node."""
    permit_role(request, RegisterTrial)
    only(request)
    key = idempotency_key(request)
    command = await read_command(request, RegisterTrial)
    receipt = await submit(request, REGISTER, key, stream_of(str(key)), command)
    return _recorded(receipt, {"Location": f"/v1/trials/{key}"})


def _on_trial(name: str, model: type[Command]) -> Any:
    async def handle(request: web.Request) -> web.Response:
        key, stream = await _admitted(request, model)
        command = await read_command(request, model)
        return _recorded(await submit(request, name, key, stream, command))

    return handle


def _on_site(name: str, model: type[Command]) -> Any:
    async def handle(request: web.Request) -> web.Response:
        site = request.match_info["site"]
        key, stream = await _admitted(request, model, site)
        command = await read_command(request, model, lambda body: with_site(model, body, site))
        return _recorded(await submit(request, f"site-{name}", key, stream, command))

    return handle


async def _admitted(request: web.Request, model: type[Command], site: str | None = None) -> tuple[UUID, str]:
    """Key and stream of a command that the asker may give there. Nothing of the body has been read yet.

    Cheapest first: the role costs nothing, the trial may have to be looked up and loaded.
    """
    permit_role(request, model)
    only(request)
    key = idempotency_key(request)
    stream = stream_of(await _trial_of(request))
    await permit_place(request, model, stream, site)
    return key, stream


async def _trial_of(request: web.Request) -> str:
    """The id of the trial; raises Problem (404) only once the views hold all that any node had acknowledged."""
    return await surely(request, lambda: trial_of(request))


def with_site(model: type[Command], body: dict[str, Any], site: str) -> dict[str, Any]:
    """The body with the site of the address in it; raises Rejection where the body names another."""
    if model is AddSite:
        inner = body.get("site", {})
        return {**body, "site": _named(inner, site, "/site/site") if isinstance(inner, dict) else inner}
    return _named(body, site, "/site")


def _named(body: dict[str, Any], site: str, field: str) -> dict[str, Any]:
    if body.get("site", site) != site:
        raise Rejection(Fault("site-contradicted", "the body names another site than the address", field))
    return {**body, "site": site}


async def submit(request: web.Request, name: str, key: UUID, stream: str, command: Command) -> Receipt:
    """Gives the command for who asks, and counts it under its name; raises as `Node.submit` does, and Problem (401)."""
    node, metrics = request.app[NODE], request.app[METRICS]
    try:
        with metrics.latency(name).time():
            version = expected_version(request, stream)
            # A body that does not say how long it is may be as long as any.
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
    trial = Stream(receipt.stream).id
    content = {
        "key": str(receipt.key),
        "trial": trial,
        "site": receipt.site,
        "version": receipt.version,
        "position": str(receipt.position),
        "recorded": timestamp(receipt.recorded),
        "event": receipt.type,
        "number": receipt.number,
        "links": {
            "trial": f"/v1/trials/{trial}",
            "history": f"/v1/trials/{trial}/history",
            "command": f"/v1/commands/{receipt.key}",
        },
    }
    return {name: value for name, value in content.items() if value is not None}


def _recorded(receipt: Receipt, headers: dict[str, str] | None = None) -> web.Response:
    """201 whether the command is recorded now or was before: the caller can't tell, and need not."""
    marked = {"Registry-Position": str(receipt.position), **(headers or {})}
    return answer(_content(receipt), status=201, etag=str(receipt.version), headers=marked)


async def by_key(request: web.Request) -> web.Response:
    """What became of a command, as far as any node had acknowledged.

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
    views, stream = request.app[NODE].views, event.record.subject
    document = await views.document(Stream(stream).id)
    return document is not None and may_read(request, document.get("owner"), event, await views.opened(stream))
