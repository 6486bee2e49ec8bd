"""Nodes that take snapshots all the time and are killed in the middle: the next one knows what the log says."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from registry import wiring
from registry.settings import Settings
from tests.support.clients import Client
from tests.support.node import settings_for
from tests.support.servers import Server, office_token
from tests.support.snapshots import NOW

KILLS, CLIENTS, AMENDMENTS = 3, 4, 25


async def known(settings: Settings, every: int) -> list[object]:
    """All that a node knows of each partition once it has read the log, from a snapshot or without one."""
    wanted = settings.model_copy(update={"snapshot_every": every})
    async with wiring.running(wanted, projecting=wiring.Projecting.ELSEWHERE) as node:
        identity = node.snapshotting._starting.identity
        return [node.heads.snapshot(partition, identity, NOW) for partition in range(settings.partitions)]


@pytest.mark.parametrize("log", ["postgres", "empty_kafka1"])
async def test_a_node_that_is_killed_while_it_takes_snapshots_leaves_none_that_differs_from_the_log(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = "" if log == "postgres" else request.getfixturevalue(log).bootstrap
    settings = settings_for(database_url, kafka).model_copy(update={"snapshot_every": 1})
    token = await office_token(settings)
    for kill in range(KILLS):
        async with Server(settings, tmp_path) as server, aiohttp.ClientSession() as session:
            clients = [Client(session, token, [server.url]) for _ in range(CLIENTS)]
            trials = [
                await client.register(public_title={"en": f"{kill} {number}"}) for number, client in enumerate(clients)
            ]
            begun = asyncio.Semaphore(0)
            work = [
                asyncio.create_task(amend(client, trial, begun)) for client, trial in zip(clients, trials, strict=True)
            ]
            for _ in range(CLIENTS * AMENDMENTS // 2):
                await begun.acquire()
            await asyncio.to_thread(server.kill)
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        covered = await covered_by(settings)

        assert covered
        assert await known(settings, every=10**9) == await known(settings, every=0)


async def amend(client: Client, trial: str, begun: asyncio.Semaphore) -> None:
    for turn in range(AMENDMENTS):
        body = {"reason": "under load", "registration": {"planned_size": turn + 1}}
        await client.post(f"/v1/trials/{trial}/amend", body, trial=trial)
        begun.release()


async def covered_by(settings: Settings) -> int:
    """Records that the snapshots cover."""
    unused = settings.model_copy(update={"snapshot_every": 0})
    async with wiring.running(unused, projecting=wiring.Projecting.ELSEWHERE) as node:
        return sum((await node.snapshotting.coverage()).next_offsets.values())
