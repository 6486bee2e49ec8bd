"""The server as its operator knows it: probes, measurements, outages, and a stop that finishes what it began."""

import asyncio
import os
import signal
from uuid import uuid4

import psycopg
import pytest
from aiohttp import ClientConnectorError, ClientSession

from events.schemas.access import Role
from registry.node import Node
from registry.server import serve, serving
from registry.settings import Settings
from registry.wiring import open_node
from tests.api.conftest import Api
from tests.projections.views import eventually
from tests.support.node import settings_for
from tests.support.servers import free_port
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

HEADS_HELD = "select 1 from log.head for update"
"""Held by a session, it keeps every append waiting."""


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The usual settings; a test may shorten deadlines."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


async def test_the_probes_tell_that_the_node_lives_and_is_ready(api: Api) -> None:
    assert (await api.get("/healthz")).body == {"alive": True}
    await api.settled()  # before, the views do not hold the tokens yet
    assert (await api.get("/readyz")).body == {"ready": True}


async def test_a_node_that_has_not_read_the_log_is_alive_and_not_ready(settings: Settings) -> None:
    node = await open_node(settings)
    try:
        async with serving(node, "127.0.0.1", 0) as port, ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/healthz") as alive, session.get("/readyz") as ready:
                assert (alive.status, ready.status) == (200, 503)
                assert "the log is not read to its end" in (await ready.json())["reasons"]
            # A token might be revoked in what was not read yet.
            async with session.get("/v1/trials", headers={"Authorization": "Bearer x"}) as refused:
                assert (refused.status, (await refused.json(content_type=None))["type"]) == (503, "/problems/not-ready")
            async with session.get("/v1/trials") as read:
                assert read.status == 200
    finally:
        await node.close()


async def test_the_node_is_not_ready_while_its_views_are_away(api: Api) -> None:
    await api.node.views.close()

    ready = await api.get("/readyz")
    assert (ready.status, ready.body["reasons"]) == (503, ["the views can't be reached"])
    read = await api.get("/v1/trials")
    assert (read.status, read.kind) == (503, "not-ready")
    assert (await api.get("/metrics")).status == 200


async def test_the_metrics_count_requests_and_what_became_of_commands(api: Api) -> None:
    trial = await api.draft()
    await api.post(f"/v1/trials/{trial}/complete", {"on": "2026"})
    await api.settled()
    lines = (await api.get("/metrics")).raw.decode().splitlines()

    assert 'registry_commands_total{command="register",outcome="recorded"} 1.0' in lines
    assert 'registry_commands_total{command="complete",outcome="rejected"} 1.0' in lines
    assert 'registry_http_requests_total{method="POST",route="/v1/trials",status="201"} 1.0' in lines
    assert 'registry_command_seconds_count{command="register"} 1.0' in lines
    lags = [line for line in lines if line.startswith('registry_follower_lag{follower="views"')]
    assert 'registry_follower_failing{follower="views"} 0.0' in lines
    assert len(lags) == api.node.settings.partitions
    assert all(line.endswith(" 0.0") for line in lags)
    read = sum(float(line.split()[1]) for line in lines if line.startswith("registry_log_next_offset{"))
    assert read == sum(api.node.heads.next_offsets().values())


async def test_a_mark_beyond_the_end_of_the_log_is_told_below_zero_and_by_name(api: Api, settings: Settings) -> None:
    await api.settled()
    with psycopg.connect(settings.database_url) as database:
        database.execute("update vault.mark set next_offset = next_offset + 1000")
    degraded = await api.get("/readyz")
    metrics = (await api.get("/metrics")).raw.decode().splitlines()
    await api.draft()
    await eventually(lambda: _stopped(api))
    stopped = await api.get("/readyz")

    assert [reason for reason in degraded.body["reasons"] if "beyond" in reason] == [
        f"forgetting: {1000 * settings.partitions - _behind(metrics)} records beyond the log's end; "
        "it is another log, or an older copy"
    ]
    assert "destroying keys stopped" in stopped.body["reasons"]
    assert "it is an older copy" in api.node.stopped["destroying keys"]


async def _stopped(api: Api) -> bool:
    return (await api.get("/readyz")).status == 503


def _behind(metrics: list[str]) -> int:
    """How many records were still to be handled, by the lags of a mark that was set 1000 ahead in each partition."""
    lags = [line for line in metrics if line.startswith('registry_follower_lag{follower="forgetting"')]
    return int(sum(1000 + float(line.split()[1]) for line in lags))


@pytest.mark.parametrize("settings", [{"command_deadline": 0.5}], indirect=True)
async def test_an_unknown_outcome_says_where_to_ask_and_the_same_key_gives_certainty(
    api: Api, settings: Settings
) -> None:
    key, body = uuid4(), {"registration": registration()}
    with psycopg.connect(settings.database_url) as session_with_lock:
        session_with_lock.execute(HEADS_HELD)
        unknown = await api.post("/v1/trials", body, key=key)

    assert (unknown.status, unknown.kind) == (503, "outcome-unknown")
    assert (unknown.body["key"], unknown.body["links"]["command"]) == (str(key), f"/v1/commands/{key}")
    assert int(unknown.headers["Retry-After"]) > 0
    async with asyncio.timeout(PATIENCE):
        while (again := await api.post("/v1/trials", body, key=key)).status != 201:
            assert again.status == 503
    assert (await api.get(f"/v1/commands/{key}", role=Role.SPONSOR)).raw == again.raw


async def test_a_stop_finishes_the_command_under_way(node: Node, tokens: dict[Role, str]) -> None:
    headers = {"Authorization": f"Bearer {tokens[Role.SPONSOR]}", "Idempotency-Key": str(uuid4())}
    port = free_port()
    with psycopg.connect(node.settings.database_url) as session_with_lock:
        session_with_lock.execute(HEADS_HELD)
        server = asyncio.create_task(serve(node, "127.0.0.1", port))
        async with ClientSession(f"http://127.0.0.1:{port}") as session:
            await _until_answered(session)
            command = asyncio.create_task(session.post("/v1/trials", json={"registration": {}}, headers=headers))
            await _until_waiting(node.settings.database_url)
            os.kill(os.getpid(), signal.SIGTERM)
            await _until_refused(port)
            assert not server.done()
            session_with_lock.rollback()
            async with await command as answer:
                assert answer.status == 201
            await asyncio.wait_for(server, PATIENCE)


async def _until_answered(session: ClientSession) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with session.get("/healthz"):
                    return
            except ClientConnectorError:
                await asyncio.sleep(0.02)


async def _until_refused(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.02)


async def _until_waiting(database_url: str) -> None:
    """Returns when a session waits for a lock: the command is under way."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with asyncio.timeout(PATIENCE), await psycopg.AsyncConnection.connect(database_url, autocommit=True) as watch:
        while True:
            if (await (await watch.execute(waiting)).fetchone()) != (0,):
                return
            await asyncio.sleep(0.02)
