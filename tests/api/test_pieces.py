"""Bytes that a connection sends before a handler wants them stay with the sender, however many they are."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from aiohttp.streams import StreamReader

from registry.api.connections import QUEUED, UNTAKEN, Limits, listening
from registry.api.pieces import PIECE
from registry.server import CONNECTIONS
from tests.support.waiting import PATIENCE

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
            in_buffers = buffered()
            wanted.set()
            answered = await loop.sock_recv(line, 15)

    assert 0 < in_buffers <= (QUEUED + 1) * (2 * UNTAKEN + PIECE)
    assert answered == b"HTTP/1.1 200 OK"
    assert {*taken} == {size}


@asynccontextmanager
async def answering() -> AsyncIterator[int]:
    """The port of a server that answers every request."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application()
    app.router.add_post("/", handle)
    limits = Limits(most=10, head=10, answer=10, unread=1_000_000)
    async with listening(app, limits, "127.0.0.1", 0, shutdown=1, logger=CONNECTIONS) as port:
        yield port


async def sent(port: int, parts: Iterable[bytes]) -> bytes:
    """What is answered until the server ends the connection, which it does before all was sent."""
    loop = asyncio.get_running_loop()
    with socket.socket() as line:
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", port))
        answered = bytearray()
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                for part in parts:
                    await loop.sock_sendall(line, part)
                    await asyncio.sleep(0)
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while piece := await loop.sock_recv(line, 65_536):
                    answered += piece
        return bytes(answered)


POST = b"POST / HTTP/1.1\r\nHost: registry\r\n"
HEADERS = [f"X-{number}: {'a' * 7_900}\r\n".encode() for number in range(120)]
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n"


async def test_a_head_of_many_long_headers_is_refused_before_it_is_whole() -> None:
    async with answering() as port:
        refused = await sent(port, [POST, *HEADERS])
        second = await sent(port, [POST, b"Content-Length: 1\r\n\r\n ", POST, *HEADERS])

    assert refused.split()[1] == b"431"
    assert second.split()[1] == b"200"
    assert second.count(b" 431 ") == 1


async def test_empty_lines_or_headers_behind_a_body_without_end_end_the_connection() -> None:
    async with answering() as port:
        assert (await sent(port, [b"\r\n" * 8_000] * 100)).split()[1] == b"400"
        assert await sent(port, [CHUNKED, *HEADERS]) == b""


async def test_a_head_of_as_many_headers_as_may_be_is_taken() -> None:
    async with answering() as port:
        ends = b"Connection: close\r\n"
        assert b"200 OK" in await sent(port, [POST, *HEADERS[:3], ends, b"Content-Length: 1\r\n\r\n "])
        assert b"200 OK" in await sent(port, [POST, ends, CHUNKED.partition(b"registry\r\n")[2], *HEADERS[:3], b"\r\n"])
