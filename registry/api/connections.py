"""Connections: their number, the time that each has for a head or an answer, and the bytes that are read in vain."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from aiohttp import EMPTY_PAYLOAD, StreamReader, hdrs, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_request import BaseRequest

from registry.api.lingering import DRAIN_PATIENCE, DRAINED, Lingering
from registry.api.pieces import InPieces
from registry.api.problems import ADDRESS_TOO_LONG, BAD_REQUEST, HEADER_TOO_LONG, INTERNAL, Kind, Problem, problem_of
from registry.api.request_lines import RequestLine
from registry.api.unread import SMALL, Unread

EVERYWHERE: Final = {"Cache-Control": "private, no-cache", "Server": "registry", "X-Content-Type-Options": "nosniff"}
"""Headers of every answer that does not set others.

Public data may be erased later, so a stored answer must be checked before it is shown.
"""
LONGEST_ADDRESS: Final = 8_000
"""Bytes of a request's target, which any server should take (RFC 9110, 4.1)."""
LONGEST_HEADER: Final = 8_192
"""Bytes of a header's name and value. Different from the number before, because a refusal distinguishes them by it."""
LONGEST_HEAD: Final = 32_768
"""Bytes of a head, with all its headers, and of what follows a body in chunks. One more piece may come."""
UNTAKEN: Final = 8_192
"""Half the bytes of a body that may wait for their reader; only after them does aiohttp stop reading."""
QUEUED: Final = 2
"""Requests behind the one under way at which reading stops. aiohttp itself would take 32, each with its body."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`most`: connections at a time. `head`: seconds from a head's first byte, or the connection's, to its end.

    `answer`: seconds in which a client must take an answer. `unread`: bytes of answers that all together leave unread.
    """

    most: int
    head: float
    answer: float
    unread: int


class Connection(web.RequestHandler):
    """aiohttp's, which by itself waits for a head, a reader or an unwanted body for as long as the other side likes."""

    __slots__ = (
        "_body",
        "_clock",
        "_come",
        "_ending",
        "_headed",
        "_limits",
        "_line",
        "_lingering",
        "_streaming",
        "_unread",
    )

    def __init__(self, server: web.Server, limits: Limits, unread: Unread, **options: Any) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            lingering_time=0,  # for bodies; see _drain, and Lingering for what follows a head that was refused
            max_line_size=LONGEST_ADDRESS,
            max_field_size=LONGEST_HEADER,
            read_bufsize=UNTAKEN,
            **options,
        )
        self._max_msg_queue_size, self._msg_queue_resume_size = QUEUED, QUEUED - 1
        self._limits, self._unread = limits, unread
        self._clock: asyncio.TimerHandle | None = None
        self._body: StreamReader = EMPTY_PAYLOAD
        """The body of the request whose head came last."""
        self._line = RequestLine()
        self._come = (0, 0)
        """Number of heads, and bytes of the last one's body."""
        self._headed = 0
        """Bytes that came since: they belong to a head, or to the trailer of a chunked body."""
        self._ending = False
        """Whether the answer under way is the last one, and more bytes may follow its request."""
        self._lingering: Lingering | None = None
        self._streaming = False
        """Whether the answer under way goes on until its client leaves."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accepts the connection; if there are too many, an idle one is closed for it, or this one is."""
        assert self._manager is not None
        others = self._manager.connections
        super().connection_made(transport)
        self._await_head()
        if len(others) >= self._limits.most:
            idle = next((one for one in others if isinstance(one, Connection) and one.idle), self)
            idle.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stops the clock, and any answer that goes on until the client leaves."""
        self._stop_clock()
        if self._lingering is not None:
            self._lingering.end()
        handler = self._task_handler if self._streaming else None
        super().connection_lost(exc)
        if handler is not None:
            # Its handler would learn only at its next line that the client has gone, and keep a place until then.
            handler.cancel()

    def data_received(self, data: bytes) -> None:
        """A complete head stops the clock; the first byte of one starts it."""
        if self._lingering is not None:
            self._lingering.take(len(data))
            return
        before = self._request_count
        super().data_received(self._line.escaped(data) if self._body.is_eof() else data)
        if self._request_count > before:
            self._line.begin()
            self._stop_clock()
            self._body = self._messages[-1][1]
        elif data and self._clock is None and self.idle:
            self._await_head()
        self._bound_head(len(data))

    def _bound_head(self, size: int) -> None:
        """aiohttp bounds each line of a head and their number, which is a megabyte together, and keeps it twice."""
        come = (self._request_count, self._body.total_bytes)
        self._headed, self._come = 0 if come > self._come else self._headed + size, come
        if self._headed <= LONGEST_HEAD:
            return
        self._headed = 0
        if self._body.is_eof():
            # It is refused like one long header, whichever part of a head it is.
            super().data_received(b"x" * (LONGEST_HEADER + 1))
        else:
            self.give_up()

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """A problem document for a request that no handler saw, such as invalid HTTP. It names no software or input."""
        super().handle_error(request, status, exc, message)
        answer = Problem(_kind_of(status, exc)).response(uuid4())
        answer.force_close()
        self._ending = status < 500
        return answer

    async def finish_response(
        self, request: BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Sends the answer within its time, then reads what is left of the body within bounds."""
        if isinstance(resp, web.HTTPException):  # raised by aiohttp outside of all middlewares, as for Expect
            resp = problem_of(resp).response(uuid4())
        if request._message.upgrade:
            # We support no other protocol, and aiohttp drops the bytes that follow such a head in the same piece.
            resp.force_close()
            self._ending = True
        for name, value in EVERYWHERE.items():
            resp.headers.setdefault(name, value)
        size = resp.content_length or 0
        try:
            async with asyncio.timeout(self._limits.answer):
                with self._unread.sending(self, size):
                    if size > SMALL:
                        # aiohttp would send the head with the body, joined to one more copy of it.
                        await resp.prepare(request)
                        request.writer.send_headers()
                    sent = await super().finish_response(request, resp, start_time)
                    # aiohttp leaves the last part to the transport, and that may be the whole answer.
                    await request.writer.drain()
        except (TimeoutError, ConnectionError):
            self.give_up()
            return resp, True
        if not request.content.is_eof() and hdrs.EXPECT not in request.headers:
            await _drain(request)
        if self._ending and self.transport is not None:
            self._lingering = Lingering()
            self._resume_reading_for_buffer()
            await self._lingering.until_over(self.transport)
        return sent

    async def _drain_helper(self) -> None:
        try:
            await super()._drain_helper()
        except ConnectionError as fault:
            # Its traceback leads to a frame that holds the future that holds it. In that cycle the answer, too, would
            # stay until the collector looks for cycles, which it does seldom (registry.process.cycles).
            fault.__traceback__ = None
            raise

    def give_up(self) -> None:
        """Ends the connection, and frees the bytes that its client did not take."""
        if self.transport is not None:
            self.transport.abort()

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """The handler of the request under way is cancelled if the client leaves within the context."""
        self._streaming = True
        try:
            yield
        finally:
            self._streaming = False

    def sending(self, size: int) -> AbstractContextManager[None]:
        """A part of a long answer is sent within the context; its bytes count as unread."""
        return self._unread.sending(self, size)

    @property
    def is_gone(self) -> bool:
        """Whether the client has left."""
        return self.transport is None

    @property
    def idle(self) -> bool:
        """Whether no request is under way: no complete head has come, or it was refused and the refusal is sent."""
        return self._lingering is not None or (self._waiter is not None and not self._waiter.done())

    def _await_head(self) -> None:
        self._clock = asyncio.get_running_loop().call_later(self._limits.head, self._head_is_late)

    def _head_is_late(self) -> None:
        self._clock = None
        if self.idle:
            self.force_close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def _kind_of(status: int, fault: BaseException | None) -> Kind:
    if isinstance(fault, LineTooLong):
        _, most, _ = fault.args
        return ADDRESS_TOO_LONG if most == LONGEST_ADDRESS else HEADER_TOO_LONG
    return INTERNAL if status >= 500 else BAD_REQUEST


async def _drain(request: BaseRequest) -> None:
    remaining = DRAINED
    with suppress(TimeoutError, web.RequestPayloadError):
        async with asyncio.timeout(DRAIN_PATIENCE):
            while remaining > 0 and not request.content.is_eof():
                remaining -= len(await request.content.readany())


@asynccontextmanager
async def listening(
    app: web.Application, limits: Limits, host: str, port: int, *, shutdown: float, **options: Any
) -> AsyncIterator[int]:
    """Accepts connections within the context and yields the port. At the end, requests under way are finished.

    `shutdown`: seconds that they have for it. Raises OSError if the address is not available.
    """
    runner = web.AppRunner(app, shutdown_timeout=shutdown)
    await runner.setup()
    listener: asyncio.Server | None = None
    unread = Unread(limits.unread)
    try:
        server = runner.server
        assert server is not None
        made = asyncio.get_running_loop().create_server(
            lambda: InPieces(Connection(server, limits, unread, **options)), host, port
        )
        listener = await made
        yield listener.sockets[0].getsockname()[1]
    finally:
        if listener is not None:
            listener.close()
        await runner.cleanup()
