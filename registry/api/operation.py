"""GET: whether the node lives, whether it is ready, and its metrics."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from events.stopping import stop
from registry.api.answers import answer
from registry.api.context import METRICS, NODE
from registry.api.problems import RETRY_AFTER
from registry.engine.followers import Behind
from registry.engine.snapshotting import Coverage
from registry.node import Node
from registry.reacting.standing import PolicyStanding

log = structlog.get_logger()

PATIENCE: Final = 2.0
"""Seconds that a probe waits for the views; shorter than a usual probe's own timeout."""


class LogProbe:
    """Whether the log answers: one check at a time for all probes, none of which waits longer than a probe may."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._looking: asyncio.Task[Mapping[int, int]] | None = None

    async def answers(self) -> bool:
        """Whether the log answers within PATIENCE."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._node.log.ends(self._node.heads.topic))
        # Not cancelled after that: a client that is connecting may take long to stop, and retries by itself.
        done, _ = await asyncio.wait([self._looking], timeout=PATIENCE)
        if not done:
            return False
        if (fault := self._looking.exception()) is not None:
            log.warning("log_unreachable", kind=type(fault).__name__)
        return fault is None

    async def close(self) -> None:
        """Ends a check that is under way."""
        if self._looking is not None:
            await stop([self._looking])


LOG_PROBE: Final = web.AppKey("log_probe", LogProbe)


def routes() -> list[web.RouteDef]:
    """The routes for operators and their machines; no answer depends on the asker."""
    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", measured)]


async def alive(_: web.Request) -> web.StreamResponse:
    """The process answers. Restart it if it does not."""
    return answer({"alive": True})


async def ready(request: web.Request) -> web.StreamResponse:
    """The node takes commands and reads. If it does not, send it no traffic, and leave it running.

    If it does, but not all is well, it is degraded: 200, so that it goes on serving, with the problems to be dealt
    with. Most of these are common to all nodes; to send its traffic elsewhere would not help.
    """
    (reached, positions, aside), log_answers, followers = await asyncio.gather(
        _views(request), request.app[LOG_PROBE].answers(), _followers(request)
    )
    node = request.app[NODE]
    if reasons := [*dict.fromkeys(unready(node, positions if reached else None, log_answers=log_answers))]:
        headers = {"Retry-After": str(RETRY_AFTER)}
        return answer({"ready": False, "reasons": reasons}, status=503, headers=headers)
    if reasons := list(degraded(node, aside, followers)):
        return answer({"ready": True, "degraded": True, "reasons": reasons})
    return answer({"ready": True})


def unready(node: Node, positions: Mapping[int, int] | None, *, log_answers: bool) -> Iterator[str]:
    """The reason why the node can't take commands or reads; `positions` are the views', None if out of reach."""
    heads = node.heads
    if not heads.ready:
        yield "the log is not read to its end" if heads.fault is None else "reading the log stopped"
    if not log_answers:
        yield "the log can't be reached"
    if node.commanding.appends.failing:
        yield "the log takes no records"
    if positions is None:
        yield "the views can't be reached"
    elif heads.ready and not heads.includes_start(positions):
        # A read would miss events acknowledged before this node started.
        yield "the views do not hold yet what the log held when the node started"
    if node.unfit:
        yield node.unfit
    for task in node.stopped:
        yield f"{task} stopped"


def degraded(node: Node, aside: Mapping[str, int], followers: Sequence[Behind]) -> Iterator[str]:
    """The problems of a node that serves."""
    index = node.views.searches.index.standing
    if index.unfit:
        yield f"the search index is being made anew, and searches wait for it: {index.unfit}"
    if index.aside:
        yield f"{index.aside} entries of trials can't be indexed, and no search finds them; the log names them"
    for view, events in aside.items():
        yield f"{events} events are set aside in the view {view}; registry status lists them, all else is shown"
    if unreadable := len(node.heads.unreadable):
        yield f"events of {unreadable} streams can't be read here; those streams take no commands, all others do"
    for one in followers:
        if one.beyond:
            yield f"{one.name}: {one.beyond} records beyond the log's end; it is another log, or an older copy"
        elif one.records > node.settings.views_lag:
            yield f"{one.name}: {one.records} records behind the log"
    # The problems of this node's tasks are often those of the followers that it leads.
    yield from dict.fromkeys([*node.troubles(), *(one.standing.trouble for one in followers if one.standing.trouble)])


async def measured(request: web.Request) -> web.StreamResponse:
    """Prometheus' text format."""
    heads = request.app[NODE].heads
    (_, _, aside), followers, policies, snapshots = await asyncio.gather(
        _views(request), _followers(request), _policies(request), _snapshots(request)
    )
    text = request.app[METRICS].render(
        ready=heads.ready,
        log=heads.next_offsets(),
        aside=aside,
        followers=followers,
        policies=policies,
        snapshots=snapshots,
        index=request.app[NODE].views.searches.index.standing,
    )
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class Looked(NamedTuple):
    """Whether the views could be reached, their next offsets, and the number of events that each lacks."""

    reached: bool
    positions: Mapping[int, int]
    aside: Mapping[str, int]


async def _views(request: web.Request) -> Looked:
    """The state of the views; not reached if, for any reason, they do not answer within PATIENCE."""
    views = request.app[NODE].views
    try:
        async with asyncio.timeout(PATIENCE):
            return Looked(True, *await asyncio.gather(views.positions(), views.lacking()))
    except Exception as fault:
        log.warning("views_unreachable", kind=type(fault).__name__)
        return Looked(False, {}, {})


async def _snapshots(request: web.Request) -> Coverage | None:
    """The state of the snapshots; None if, for any reason, it can't be read within PATIENCE."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.app[NODE].snapshotting.coverage()
    except Exception as fault:
        log.warning("snapshots_unreachable", kind=type(fault).__name__)
        return None


async def _policies(request: web.Request) -> Sequence[PolicyStanding]:
    """The state of the policies; empty if, for any reason, it can't be read within PATIENCE."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.app[NODE].policies.standing()
    except Exception as fault:
        log.warning("policies_unreachable", kind=type(fault).__name__)
        return ()


async def _followers(request: web.Request) -> Sequence[Behind]:
    """How far the followers are behind; empty if, for any reason, it can't be read within PATIENCE."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.app[NODE].followers.behind()
    except Exception as fault:
        log.warning("followers_unreachable", kind=type(fault).__name__)
        return ()
