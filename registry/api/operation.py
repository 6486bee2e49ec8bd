"""GET: whether the node lives, whether it is ready, and what it measures."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from events.stopping import stop
from registry.api.answers import answer
from registry.api.context import METRICS, NODE
from registry.api.problems import RETRY_AFTER
from registry.node import Node

log = structlog.get_logger()

PATIENCE: Final = 2.0
"""Seconds that a probe waits for the views; shorter than a usual probe's own timeout."""


class LogProbe:
    """Whether the log answers: one look at a time, however many ask, and none of them waits for longer than a probe."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._looking: asyncio.Task[Mapping[int, int]] | None = None

    async def answers(self) -> bool:
        """Whether it answers within PATIENCE."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._node.log.ends(self._node.heads.topic))
        # Not cancelled after that: a client that is connecting may take its time to stop, and asks again by itself.
        done, _ = await asyncio.wait([self._looking], timeout=PATIENCE)
        if not done:
            return False
        if (fault := self._looking.exception()) is not None:
            log.warning("log_unreachable", kind=type(fault).__name__)
        return fault is None

    async def close(self) -> None:
        """Ends a look that is under way."""
        if self._looking is not None:
            await stop([self._looking])


LOG_PROBE: Final = web.AppKey("log_probe", LogProbe)


def routes() -> list[web.RouteDef]:
    """For operators and their machines; nothing here depends on who asks."""
    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", measured)]


async def alive(_: web.Request) -> web.StreamResponse:
    """The process answers. Restart it where it does not."""
    return answer({"alive": True})


async def ready(request: web.Request) -> web.StreamResponse:
    """The node takes commands and reads. Send it no traffic where it does not, and leave it running."""
    reasons = []
    heads = request.app[NODE].heads
    if not heads.ready:
        reasons.append("the log is not read to its end" if heads.fault is None else "reading the log stopped")
    positions, log_answers = await asyncio.gather(_views(request), request.app[LOG_PROBE].answers())
    if not log_answers:
        reasons.append("the log can't be reached")
    if positions is None:
        reasons.append("the views can't be reached")
    elif heads.ready and not heads.includes_start(positions):
        # A read would miss what was acknowledged before this node started.
        reasons.append("the views do not hold yet what the log held when the node started")
    reasons += [f"{task} stopped" for task in request.app[NODE].stopped]
    if reasons:
        headers = {"Retry-After": str(RETRY_AFTER)}
        return answer({"ready": False, "reasons": reasons}, status=503, headers=headers)
    return answer({"ready": True})


async def measured(request: web.Request) -> web.StreamResponse:
    """Prometheus' text format."""
    heads = request.app[NODE].heads
    text = request.app[METRICS].render(ready=heads.ready, log=heads.next_offsets(), views=await _views(request))
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _views(request: web.Request) -> Mapping[int, int] | None:
    """The views' next offsets; None where they can't be reached, whatever the reason."""
    try:
        async with asyncio.timeout(PATIENCE):
            positions: Mapping[int, int] = await request.app[NODE].views.positions()
            return positions
    except Exception as fault:
        log.warning("views_unreachable", kind=type(fault).__name__)
        return None
