"""Streamed answers: how their lines are written, and how they end.

A stream ends at a whole line: when the server stops, when its token is no longer valid, when the node finds that it
reads another log, and when its client has taken nothing for too long. The client continues from the place of its
last entry, on any node.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import hdrs, web

from registry.api.auth import still_bears
from registry.api.connections import EVERYWHERE, Connection
from registry.api.context import METRICS, NODE, REQUEST_ID
from registry.api.unread import SMALL
from registry.feed.feed import Piece
from registry.feed.pages import Entry

log = structlog.get_logger()

RETRY: Final = 2_000
"""Milliseconds after which a browser that lost its stream reconnects."""
HEADERS: Final = {**EVERYWHERE, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Data may be erased later, so no proxy stores it; nor does a proxy wait for more before it passes a line on."""


@dataclass(frozen=True, slots=True)
class Form:
    """A format of entries: the beginning of the stream, each entry, and a sign of life with the place so far."""

    content_type: str
    begin: bytes
    entry: Callable[[Entry], bytes]
    heartbeat: Callable[[str], bytes]


LINES: Final = Form("application/x-ndjson", b"", lambda entry: entry.line + b"\n", lambda _: b"\n")
EVENTS: Final = Form(
    "text/event-stream",
    b"retry: %d\n\n" % RETRY,
    lambda entry: b"id: %b\ndata: %b\n\n" % (entry.cursor.encode(), entry.line),
    # Without data no event is dispatched, but the browser stores the id, and continues from there.
    lambda cursor: b"id: %b\n\n" % cursor.encode(),
)


def form_of(request: web.Request) -> Form:
    """Server-sent events if the request asks for them, lines of JSON otherwise."""
    return EVENTS if EVENTS.content_type in request.headers.get(hdrs.ACCEPT, "") else LINES


async def streamed(
    request: web.Request, form: Form, pieces: AsyncGenerator[Piece], limit: int | None
) -> web.StreamResponse:
    """Writes entries as they come, until `limit` are written, or the stream or the client ends.

    Raises Problem and the like only before anything is written.
    """
    connection = request.protocol
    assert isinstance(connection, Connection)
    headers = {**HEADERS, "Registry-Request": str(request[REQUEST_ID]), hdrs.CONTENT_TYPE: form.content_type}
    response = web.StreamResponse(headers=headers)
    response.force_close()
    with connection.streaming(), request.app[METRICS].reading():
        try:
            async with aclosing(pieces):
                await _Stream(request, response, connection, form).run(pieces, limit)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not connection.is_gone:
                raise
            task.uncancel()  # the client left; the request is logged like any other
        except (TimeoutError, ConnectionError):
            connection.give_up()
        except Exception as fault:
            if not response.prepared:
                raise
            # A problem document would be in the middle of the stream; the client asks again, and gets it then.
            log.warning("stream_failed", request=str(request[REQUEST_ID]), kind=type(fault).__name__)
    return response


class _Stream:
    def __init__(self, request: web.Request, response: web.StreamResponse, connection: Connection, form: Form) -> None:
        self._request, self._response, self._connection, self._form = request, response, connection, form
        self._node = request.app[NODE]
        settings = self._node.settings
        # Pieces come as often, so that the silence between two signs of life is never longer than documented.
        self._patience, self._quiet = settings.answer_deadline, settings.stream_heartbeat / 2
        self._wrote = 0.0

    async def run(self, pieces: AsyncIterator[Piece], limit: int | None) -> None:
        remaining = limit
        async for piece in pieces:
            if self._node.unfit or not still_bears(self._request):
                return
            entries = piece.entries[:remaining]
            await self._send(entries, piece.cursor)
            if remaining is not None and (remaining := remaining - len(entries)) <= 0:
                return

    async def _send(self, entries: list[Entry], cursor: str) -> None:
        if not self._response.prepared:
            await self._response.prepare(self._request)
            await self._write(self._form.begin)
        for chunk in _chunks(map(self._form.entry, entries)):
            await self._write(chunk)
        self._request.app[METRICS].sent(len(entries))
        # Entries that the asker may not see are silence to them, however many there are.
        if asyncio.get_running_loop().time() - self._wrote >= self._quiet:
            await self._write(self._form.heartbeat(cursor))

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(self._patience):
            with self._connection.sending(len(data)):
                await self._response.write(data)
        self._wrote = asyncio.get_running_loop().time()


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in chunks, each small enough not to count as unread."""
    chunk = bytearray()
    for line in lines:
        if chunk and len(chunk) + len(line) > SMALL:
            yield bytes(chunk)
            chunk.clear()
        chunk += line
    if chunk:
        yield bytes(chunk)
