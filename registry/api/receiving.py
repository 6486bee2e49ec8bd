"""The bytes of a body: requested when a handler wants them, and read within limits of time, size and number."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from registry.api.context import ACTOR, NODE
from registry.api.crowds import PAUSE
from registry.api.problems import BAD_REQUEST, CROWDED, MEDIA_TYPE, TOO_LARGE, TOO_SLOW, Problem

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
PARTS: Final = 4
"""An organisation's share is the memory divided by this: however much it sends, others are served."""
SMALL: Final = 2_000
"""Bytes of a body that are not counted: a site's report is accepted whatever else is under way."""


class BodyMemory:
    """The memory of bodies and of the commands in them, by organisation, until they are answered.

    Bytes count as they arrive; a Content-Length alone takes none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._counted: Counter[str] = Counter()

    @property
    def share(self) -> int:
        """Bytes that one organisation may have."""
        return self._most // PARTS

    @contextmanager
    def on_behalf_of(self, organisation: str) -> Iterator["Holding"]:
        """The memory of one request of the organisation; it is free again at the end of the context."""
        holding = Holding(self, organisation)
        try:
            yield holding
        finally:
            self.count(organisation, -holding.counted)

    def count(self, organisation: str, size: int) -> bool:
        """Adds bytes, or removes them if `size` is negative; whether the total is within the limits."""
        self._counted[organisation] += size
        if not self._counted[organisation]:
            del self._counted[organisation]
        return self._counted[organisation] <= self.share and self._counted.total() <= self._most


class Holding:
    """The memory of one request."""

    def __init__(self, memory: BodyMemory, organisation: str) -> None:
        self._memory, self._organisation, self._taken = memory, organisation, 0

    @property
    def counted(self) -> int:
        """Bytes beyond what is not counted."""
        return max(0, self._taken - SMALL)

    def take(self, size: int) -> None:
        """Takes so many more bytes; raises Problem (429) if that is too much."""
        before = self.counted
        self._taken += size
        if self.counted and not self._memory.count(self._organisation, self.counted - before):
            raise Problem(CROWDED, "too many large bodies are under way; send them one after the other")

    def make(self, size: int) -> None:
        """Takes bytes of objects made from the body, up to the whole share: one body alone is never too much."""
        self.take(max(0, min(size, self._memory.share - self._taken)))


BODIES: Final = web.AppKey("bodies", BodyMemory)
HOLDING: Final = web.RequestKey("holding", Holding)


@web.middleware
async def within_memory(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts a body, and the command in it, from its first byte until the command is answered."""
    if request.method != hdrs.METH_POST:
        return await handler(request)
    try:
        with request.app[BODIES].on_behalf_of(request[ACTOR].organisation) as request[HOLDING]:
            return await handler(request)
    except Problem as fault:
        if fault.kind is CROWDED:
            # A refused client repeats its request at once; the traceback would meanwhile keep the body in memory.
            fault.__traceback__ = fault.__context__ = None
            await asyncio.sleep(PAUSE)
        raise


async def when_read(_: web.Request) -> None:
    """Leaves `Expect` (RFC 9110, 10.1.1) unanswered: `received` sends 100 when it wants the body."""


async def received(request: web.Request, limit: int) -> bytes:
    """The whole body. Raises Problem: 400, 408, 413, 415 if it is compressed, 429."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Problem(MEDIA_TYPE, "send the body as it is, without Content-Encoding")
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    await _ask_for(request)
    try:
        async with asyncio.timeout(request.app[NODE].settings.read_deadline):
            return await _whole(request, limit)
    except TimeoutError as fault:
        raise Problem(TOO_SLOW) from fault


async def _ask_for(request: web.Request) -> None:
    expected = request.headers.get(hdrs.EXPECT)
    if expected is None:
        return
    if expected.lower() != "100-continue":
        raise Problem(BAD_REQUEST, "Expect: only 100-continue is known here")
    await request.writer.write(CONTINUE)
    request.writer.output_size = 0  # the answer itself has not begun


async def _whole(request: web.Request, limit: int) -> bytes:
    parts = bytearray()
    while part := await request.content.readany():
        request[HOLDING].take(len(part))
        parts += part
        if len(parts) > limit:
            raise _too_large(limit)
    return bytes(parts)


def _too_large(limit: int) -> Problem:
    return Problem(TOO_LARGE, f"a body may have {limit} bytes here")
