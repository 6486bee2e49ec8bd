"""The application and the server: routes put together, connections accepted, and a graceful stop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from registry.api import (
    changes,
    commands,
    consequences,
    event_schemas,
    history,
    imports,
    index,
    openapi,
    operation,
    programme_history,
    programmes,
    raw_documents,
    search,
    sources,
    trials,
    vocabulary,
)
from registry.api.bodies import CHECKING
from registry.api.connections import Limits, listening
from registry.api.context import METRICS, NODE
from registry.api.crowds import CROWDS, Crowds, admitted, in_turn
from registry.api.metrics import Metrics
from registry.api.middleware import identified, in_time, recorded, refused, storable
from registry.api.receiving import BODIES, BodyMemory, within_memory
from registry.api.settling import settled
from registry.api.zipping import zipped
from registry.engine.turns import Turns
from registry.feed.feed import Feed
from registry.node import Node
from registry.pages.drawing import DRAWING, Drawing
from registry.pages.refusals import shown, tidied
from registry.pages.routes import routes as pages

KEEPALIVE: Final = 75.0
"""Seconds that an idle connection is kept open."""


MIDDLEWARES: Final = (
    recorded,
    zipped,
    shown,
    refused,
    storable,
    tidied,
    identified,
    within_memory,
    admitted,
    in_time,
    settled,
    in_turn,
)
"""The outermost first."""


class Discreet(logging.Filter):
    """Keeps only the kind of a connection's fault: its message quotes the request's head, and so a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Passes every record on, without quoted input."""
        kind = record.exc_info[0] if record.exc_info else None
        record.msg, record.args = f"a connection failed: {kind.__name__ if kind else record.levelname}", ()
        record.exc_info = record.exc_text = None
        return True


MODULES: Final = (
    commands,
    search,
    trials,
    history,
    changes,
    sources,
    raw_documents,
    imports,
    consequences,
    programmes,
    programme_history,
    operation,
    openapi,
    event_schemas,
    index,
    vocabulary,
)
"""The modules of the API that have routes."""
CONNECTIONS: Final = logging.getLogger("registry.connections")
CONNECTIONS.addFilter(Discreet())


def create_app(node: Node) -> web.Application:
    """The whole API and the page on one node, which the caller has started and closes."""
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=node.settings.body_limit)
    app[NODE] = node
    app[METRICS] = Metrics()
    app[CROWDS] = Crowds(node.settings)
    app[BODIES] = BodyMemory(node.settings.bodies_limit)
    app[CHECKING] = asyncio.Semaphore(1)
    app[openapi.MAKING] = Turns()
    drawing = app[DRAWING] = Drawing()
    app.on_cleanup.append(lambda _: drawing.close())
    probe = app[operation.LOG_PROBE] = operation.LogProbe(node)
    app.on_cleanup.append(lambda _: probe.close())
    feed = app[changes.FEED] = Feed(node.views, node.vault, node.origin.log, node.settings.stream_heartbeat / 2)
    # Before the wait for requests under way: those that follow the feed then end by themselves.
    app.on_shutdown.append(lambda _: feed.close())
    for module in MODULES:
        app.add_routes(module.routes())
    app.add_routes(pages())
    return app


@asynccontextmanager
async def serving(node: Node, host: str, port: int) -> AsyncIterator[int]:
    """Serves within the context and yields the port; for port 0, a free one.

    At the end no further connection is accepted; requests under way are finished, within a command's deadline.
    Raises OSError if the address is not available.
    """
    settings = node.settings
    limits = Limits(settings.connections, settings.read_deadline, settings.answer_deadline, settings.answers_limit)
    async with listening(
        create_app(node),
        limits,
        host,
        port,
        shutdown=node.settings.command_deadline,
        access_log=None,
        # A compressed body would be unpacked before its sender is known.
        auto_decompress=False,
        logger=CONNECTIONS,
        keepalive_timeout=KEEPALIVE,
    ) as port_used:
        yield port_used


async def serve(node: Node, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then stops gracefully."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with serving(node, host, port):
            await stop.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
