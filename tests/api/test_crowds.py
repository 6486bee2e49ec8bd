"""Clients that are slow, silent or many: each keeps its own connection waiting, and nobody else's."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest

from events.schemas.access import Role
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.node import settings_for
from tests.support.raw_answers import answer_on
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

IDLE = 1_000
SLOW = 20
"""Silent connections, and connections of each kind of slowness."""


@pytest.fixture
def settings(database_url: str) -> Settings:
    """With little patience for bodies."""
    return settings_for(database_url).model_copy(update={"read_deadline": 2.0})


@asynccontextmanager
async def connected(
    api: Api, count: int, sent: bytes = b""
) -> AsyncIterator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    """Connections on which these bytes were sent, and no more."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
            stack.callback(writer.close)
            writer.write(sent)
            await writer.drain()
            opened.append((reader, writer))
        yield opened


async def works_as_ever(api: Api) -> None:
    """A trial is registered, published and read, all within seconds."""
    async with asyncio.timeout(PATIENCE):
        trial = await api.published()
        await api.settled()
        assert (await api.get(f"/v1/trials/{trial}")).status == 200


async def test_work_goes_on_beside_a_thousand_idle_connections(api: Api) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * IDLE + 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), max(hard, needed)))
    try:
        async with connected(api, IDLE):
            await works_as_ever(api)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_work_goes_on_beside_heads_and_bodies_that_trickle(api: Api) -> None:
    before = api.node.heads.next_offsets()
    head = (
        b"POST /v1/trials HTTP/1.1\r\nHost: registry\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nIdempotency-Key: %b\r\nContent-Length: 1000\r\n"
    ) % (api.tokens[Role.SPONSOR].encode(), str(uuid4()).encode())
    async with connected(api, SLOW, head[:40]) as heads, connected(api, SLOW, head + b'\r\n{"registration"') as bodies:
        for _ in range(3):
            for _, writer in (*heads, *bodies):
                writer.write(b" ")
            await works_as_ever(api)
        for reader, _ in bodies:
            async with asyncio.timeout(PATIENCE):
                assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")

    written = sum(api.node.heads.next_offsets().values()) - sum(before.values())
    assert written == 3 * 2 + 1, "three trials, registered and published, and one block of numbers"


async def test_an_answer_that_nobody_reads_keeps_nobody_else_waiting(api: Api) -> None:
    trial = await api.draft(description={"en": "long " * 15_000})
    await api.settled()
    ask = b"GET /v1/trials/%b HTTP/1.1\r\nHost: registry\r\nAuthorization: Bearer %b\r\n\r\n"
    request = ask % (trial.encode(), api.tokens[Role.SPONSOR].encode())
    async with connected(api, SLOW, request * 50):
        await works_as_ever(api)


async def test_a_head_without_end_is_refused_and_no_log_quotes_it(
    api: Api, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    head = b"GET /v1/trials HTTP/1.1\r\nAuthorization: Bearer secret" + b"a" * 100_000
    async with connected(api, 1, head) as [(reader, _)], asyncio.timeout(PATIENCE):
        status = (await answer_on(reader)).split()[1]

    assert status == b"431"
    assert "a connection failed: LineTooLong" in caplog.text
    assert "secret" not in caplog.text + "".join(capsys.readouterr())
    await works_as_ever(api)


async def test_more_keys_than_any_head_needs_are_refused(api: Api) -> None:
    many = {f"X-{number}": "1" for number in range(2_000)}
    async with api.session.get("/v1/trials", headers=many) as answer:
        assert answer.status == 400
    assert (await api.post("/v1/trials", {"registration": registration()})).status == 201
