"""What a connection sends before anybody wants it stays with its sender, however much that is."""

import asyncio
import gc
import socket

import pytest
from aiohttp import web
from aiohttp.streams import StreamReader

from registry.api.connections import QUEUED, UNTAKEN, Limits, listening
from registry.api.pieces import PIECE

SENT = 32_000_000
SENDING = 0.5
"""Seconds in which a server that reads on has taken far more than it may."""


def buffered() -> int:
    """Bytes of bodies that arrived and that nobody has taken."""
    return sum(one._size for one in gc.get_objects() if type(one) is StreamReader)


@pytest.mark.parametrize("size", [100, 15_000, 100_000, 790_000])
async def test_what_comes_behind_a_request_under_way_is_left_to_its_sender(size: int) -> None:
    wanted, taken = asyncio.Event(), []

    async def handle(request: web.Request) -> web.Response:
        await wanted.wait()
        taken.append(len(await request.read()))
        return web.Response()

    app = web.Application(client_max_size=SENT)
    app.router.add_post("/", handle)
    message = f"POST / HTTP/1.1\r\nHost: registry\r\nContent-Length: {size}\r\n\r\n".encode() + b" " * size
    limits = Limits(most=10, head=10, answer=10, unread=1_000_000)
    async with listening(app, limits, "127.0.0.1", 0, shutdown=1) as port:
        loop = asyncio.get_running_loop()
        with socket.socket() as line:
            line.setblocking(False)
            await loop.sock_connect(line, ("127.0.0.1", port))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(SENDING):
                    await loop.sock_sendall(line, message * (SENT // len(message)))
            held = buffered()
            wanted.set()
            answered = await loop.sock_recv(line, 15)

    assert 0 < held <= (QUEUED + 1) * (2 * UNTAKEN + PIECE)
    assert answered == b"HTTP/1.1 200 OK"
    assert {*taken} == {size}
