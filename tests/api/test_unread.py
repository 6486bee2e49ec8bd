"""Clients that ask for much and read nothing cost a bounded buffer, for a bounded time."""

import asyncio
import socket
from contextlib import suppress

import pytest

from registry.api.unread import SMALL, Unread
from registry.settings import Settings
from tests.api.conftest import Api
from tests.api.test_door import head_of
from tests.support.node import settings_for
from tests.support.waiting import PATIENCE

LIMIT = 1_000_000
ANSWER = {"description": {"en": "x" * 95_000}, "plain_summary": {"en": "x" * 95_000}} | {
    "conditions": [{"name": {"en": f"{number} " + "x" * 150}} for number in range(1_000)]
}
"""A trial of 370 kB: two answers are within the limit, three are not."""


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """As ever; a test may ask for less."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


class Client:
    """A connection on which large answers are counted."""

    given_up = False

    def give_up(self) -> None:
        """Takes note of it."""
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
    async def asking(cls, api: Api, path: str) -> "Silent":
        """Asks for more than the systems' own buffers hold, one answer after the other."""
        loop, line = asyncio.get_running_loop(), socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", api.port))
        await loop.sock_sendall(line, head_of(path, method="GET") * 20)
        return cls(line)

    async def until_closed(self) -> None:
        """Returns when the server has ended the connection."""
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    # Empty lines before a request are nothing.
                    await asyncio.get_running_loop().sock_sendall(self._line, b"\r\n")
                    await asyncio.sleep(0.02)

    def close(self) -> None:
        """Ends it from here."""
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
    silent = await Silent.asking(api, large)
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
        clients.append(await Silent.asking(api, large))
        served = await api.get(large)
        assert len(served.raw) > LIMIT // 3
    await asyncio.gather(*(client.until_closed() for client in clients[:3]))
    for client in clients:
        client.close()
