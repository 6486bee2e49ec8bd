"""The bytes of a body: asked for when somebody wants them, and taken in time, within limits, and so many at once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import hdrs, web

from registry.api.context import ACTOR, NODE
from registry.api.problems import BAD_REQUEST, CROWDED, MEDIA_TYPE, TOO_LARGE, TOO_SLOW, Problem

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
PARTS: Final = 4
"""One organisation may have one of so many parts of what is held at once: however many it sends, others come in."""


class Held:
    """The bytes of bodies that the node holds, by whose they are. Counted as they arrive: a promise takes no memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def on_behalf_of(self, organisation: str) -> Iterator[Callable[[int], None]]:
        """Counts, within the context, the bytes that it is called with; a call raises Problem (429) on too many."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            mine += size
            self._held[organisation] += size
            if self._held[organisation] > self._most // PARTS or self._held.total() > self._most:
                raise Problem(CROWDED, "too many large bodies are under way; send them one after the other")

        try:
            yield take
        finally:
            self._held[organisation] -= mine
            if not self._held[organisation]:
                del self._held[organisation]


HELD: Final = web.AppKey("held", Held)


async def when_read(_: web.Request) -> None:
    """Answers `Expect` (RFC 9110, 10.1.1) of a route that reads a body: not yet, but when the body is wanted."""


@contextmanager
def holding(request: web.Request) -> Iterator[Callable[[int], None]]:
    """Within it, a body of the asker's is read and made a command of."""
    with request.app[HELD].on_behalf_of(request[ACTOR].organisation) as take:
        yield take


async def received(request: web.Request, limit: int, take: Callable[[int], None]) -> bytes:
    """The whole body. Raises Problem: 400, 408, 413, 415 where it is compressed, 429."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Problem(MEDIA_TYPE, "send the body as it is, without Content-Encoding")
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    await _ask_for(request)
    try:
        async with asyncio.timeout(request.app[NODE].settings.read_deadline):
            return await _whole(request, limit, take)
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


async def _whole(request: web.Request, limit: int, take: Callable[[int], None]) -> bytes:
    parts = bytearray()
    while part := await request.content.readany():
        take(len(part))
        parts += part
        if len(parts) > limit:
            raise _too_large(limit)
    return bytes(parts)


def _too_large(limit: int) -> Problem:
    return Problem(TOO_LARGE, f"a body may have {limit} bytes here")
