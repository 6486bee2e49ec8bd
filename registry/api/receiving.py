"""The bytes of a body: asked for when somebody wants them, and taken in time and within limits."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from registry.api.context import NODE
from registry.api.problems import BAD_REQUEST, MEDIA_TYPE, TOO_LARGE, TOO_SLOW, Problem

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


async def when_read(_: web.Request) -> None:
    """Answers `Expect` (RFC 9110, 10.1.1) of a route that reads a body: not yet, but when the body is wanted."""


async def received(request: web.Request, limit: int) -> bytes:
    """The whole body. Raises Problem: 400, 408, 413, 415 where it is compressed."""
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
        parts += part
        if len(parts) > limit:
            raise _too_large(limit)
    return bytes(parts)


def _too_large(limit: int) -> Problem:
    return Problem(TOO_LARGE, f"a body may have {limit} bytes here")
