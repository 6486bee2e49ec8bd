"""The bytes of a body: asked for when somebody wants them, and taken in time, within limits, and so many at once."""

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
"""One organisation may have one of so many parts of what is held at once: however many it sends, others come in."""
SMALL: Final = 2_000
"""Bytes of a body that are not counted: a site's report is taken in whatever else is under way."""


class Held:
    """The memory that bodies and the commands in them take, by whose they are, until they are answered.

    Counted as it comes: a promise takes none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @property
    def share(self) -> int:
        """Bytes that one organisation may have."""
        return self._most // PARTS

    @contextmanager
    def on_behalf_of(self, organisation: str) -> Iterator["Holding"]:
        """What one request of the organisation's takes is given back at the end of the context."""
        holding = Holding(self, organisation)
        try:
            yield holding
        finally:
            self.count(organisation, -holding.counted)

    def count(self, organisation: str, size: int) -> bool:
        """Counts bytes, or fewer; whether so many may be held."""
        self._held[organisation] += size
        if not self._held[organisation]:
            del self._held[organisation]
        return self._held[organisation] <= self.share and self._held.total() <= self._most


class Holding:
    """What is held for one request."""

    def __init__(self, held: Held, organisation: str) -> None:
        self._held, self._organisation, self._taken = held, organisation, 0

    @property
    def counted(self) -> int:
        """Bytes beyond what is not counted."""
        return max(0, self._taken - SMALL)

    def take(self, size: int) -> None:
        """Takes so many more bytes; raises Problem (429) where that is too much."""
        before = self.counted
        self._taken += size
        if self.counted and not self._held.count(self._organisation, self.counted - before):
            raise Problem(CROWDED, "too many large bodies are under way; send them one after the other")

    def make(self, size: int) -> None:
        """Takes what is made of a body likewise, and at most all of the share: a body by itself is never too much."""
        self.take(max(0, min(size, self._held.share - self._taken)))


HELD: Final = web.AppKey("held", Held)
HOLDING: Final = web.RequestKey("holding", Holding)


@web.middleware
async def held(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A body, and the command in it, count from their first byte until the command is answered."""
    if request.method != hdrs.METH_POST:
        return await handler(request)
    try:
        with request.app[HELD].on_behalf_of(request[ACTOR].organisation) as request[HOLDING]:
            return await handler(request)
    except Problem as fault:
        if fault.kind is CROWDED:
            # Who is refused asks again at once, whatever it says. Its traceback would hold the body meanwhile.
            fault.__traceback__ = fault.__context__ = None
            await asyncio.sleep(PAUSE)
        raise


async def when_read(_: web.Request) -> None:
    """Answers `Expect` (RFC 9110, 10.1.1) of a route that reads a body: not yet, but when the body is wanted."""


async def received(request: web.Request, limit: int) -> bytes:
    """The whole body. Raises Problem: 400, 408, 413, 415 where it is compressed, 429."""
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
