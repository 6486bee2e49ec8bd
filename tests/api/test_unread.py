"""Clients that ask for much and read nothing cost a bounded buffer, for a bounded time."""

import asyncio
import socket
import struct
import tracemalloc
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import pytest
import uvloop
from aiohttp import web

from registry.api.connections import Limits, listening
from registry.api.unread import SMALL, Unread
from registry.settings import Settings
from tests.api.conftest import Api
from tests.api.test_door import head_of
from tests.api.test_let_go import remaining, uncollected
from tests.support.node import settings_for
from tests.support.waiting import PATIENCE

T = TypeVar("T")
LIMIT = 1_000_000
ANSWER = {"description": {"en": "x" * 95_000}, "plain_summary": {"en": "x" * 95_000}} | {
    "conditions": [{"name": {"en": f"{number} " + "x" * 150}} for number in range(1_000)]
}
"""A trial of 370 kB: two answers are within the limit, three are not."""
CLIENTS = 5
HUGE = 10_000_000
"""Bytes of an answer that the systems' own buffers do not hold."""


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The usual settings; a test may lower limits."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


class Client:
    """A connection on which large answers are counted."""

    given_up = False

    def give_up(self) -> None:
        """Notes the end."""
        self.given_up = True


def test_beyond_the_limit_the_answer_begun_first_is_given_up() -> None:
    unread, clients = Unread(10 * SMALL), [Client() for _ in range(4)]
    with (
        unread.sending(clients[0], SMALL),
        unread.sending(clients[1], 6 * SMALL),
        unread.sending(clients[2], 4 * SMALL),
    ):
        assert not any(client.given_up for client in clients)
        assert unread.size == 10 * SMALL
        with unread.sending(clients[3], 20 * SMALL):
            assert [client.given_up for client in clients] == [False, True, True, False]
    assert unread.size == 0


class Silent:
    """A client that asks and never reads, and has little room for what comes."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    @classmethod
    async def asking(cls, port: int, path: str, times: int = 20) -> "Silent":
        """Asks so many times, for more than the systems' own buffers hold."""
        loop, line = asyncio.get_running_loop(), socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", port))
        await loop.sock_sendall(line, head_of(path, method="GET") * times)
        return cls(line)

    async def until_closed(self) -> None:
        """Returns when the server has ended the connection."""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    # Empty lines before a request are nothing.
                    await asyncio.get_running_loop().sock_sendall(self._line, b"\r\n")
                    await asyncio.sleep(0.02)

    async def until_answered(self) -> None:
        """Returns when an answer has begun to come, and leaves the rest of it."""
        assert await asyncio.get_running_loop().sock_recv(self._line, 1)

    def close(self) -> None:
        """Ends it from here."""
        self._line.close()

    def break_off(self) -> None:
        """Ends it as a killed client does: the server sees a fault."""
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._line.close()


@pytest.fixture
async def large(api: Api) -> str:
    """The address of a large answer."""
    trial = await api.published(**ANSWER)
    await api.settled()
    return f"/v1/trials/{trial}"


@pytest.mark.parametrize("settings", [{"answer_deadline": 0.5}], indirect=True)
async def test_an_answer_that_is_not_taken_in_time_ends_the_connection(api: Api, large: str) -> None:
    began = asyncio.get_running_loop().time()
    silent = await Silent.asking(api.port, large)
    await silent.until_closed()
    silent.close()

    assert asyncio.get_running_loop().time() - began >= 0.5
    assert (await api.get(large)).status == 200


@pytest.mark.parametrize("settings", [{"answers_limit": LIMIT}], indirect=True)
async def test_clients_that_leave_more_unread_than_the_limit_lose_the_oldest_and_readers_are_served(
    api: Api, large: str
) -> None:
    clients = []
    for _ in range(6):
        clients.append(await Silent.asking(api.port, large))
        served = await api.get(large)
        assert len(served.raw) > LIMIT // 3
    await asyncio.gather(*(client.until_closed() for client in clients[:3]))
    for client in clients:
        client.close()


async def left_unread(port: int, path: str) -> float:
    """Bytes of memory that a client takes which leaves the answer unread."""
    tracemalloc.start()
    silent = []
    try:
        for _ in range(CLIENTS):
            silent.append(await Silent.asking(port, path, times=1))
            await silent[-1].until_answered()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        for client in silent:
            client.close()
    return taken / CLIENTS


async def huge(_: web.Request) -> web.Response:
    """Answers each time anew."""
    return web.Response(body=b"x" * HUGE)


@asynccontextmanager
async def answering() -> AsyncIterator[int]:
    """The port of an application that gives huge answers."""
    app = web.Application()
    app.router.add_get("/", huge)
    limits = Limits(2 * CLIENTS, PATIENCE, PATIENCE, unread=2 * CLIENTS * HUGE)
    async with listening(app, limits, "127.0.0.1", 0, shutdown=0) as port:
        yield port


def on_the_servers_loop(run: Coroutine[Any, Any, T]) -> T:
    """What it returns on a loop as a server has: another one keeps what it could not send in a copy of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run)


def test_an_answer_that_is_left_unread_is_in_memory_once() -> None:
    async def taken() -> float:
        async with answering() as port:
            return await left_unread(port, "/")

    assert HUGE <= on_the_servers_loop(taken()) < 1.2 * HUGE


def test_an_answer_whose_reader_breaks_off_is_let_go_at_once() -> None:
    async def remaining_after() -> list[str]:
        async with answering() as port:
            silent = await Silent.asking(port, "/")
            await silent.until_answered()
            silent.break_off()
            with uncollected():
                return await remaining()

    assert on_the_servers_loop(remaining_after()) == []


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
async def test_what_is_the_same_for_all_is_in_memory_once_however_many_leave_it_unread(api: Api, path: str) -> None:
    size = len((await api.get(path)).raw)

    assert await left_unread(api.port, path) < size / 5
