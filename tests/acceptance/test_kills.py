"""An API process killed under load, and a broker with it: nothing acknowledged is lost, and the same key answers."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.acceptance.test_races import check_answers, last_position
from tests.support.clients import Client
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.servers import Server, office_token

CLIENTS, ENOUGH = 20, 15
"""Clients under load, and how many commands each completes."""


async def amend(client: Client, trial: str, number: int, begun: asyncio.Semaphore) -> None:
    """Completes its commands, whatever is killed meanwhile."""
    for turn in range(ENOUGH):
        body = {"reason": "under load", "registration": {"planned_size": 1_000 + number * 100 + turn}}
        answer = await client.post(f"/v1/trials/{trial}/amend", body, trial=trial)
        assert answer.status == 201, answer.body
        begun.release()


@pytest.mark.parametrize("log", ["postgres", "kafka3"])
async def test_nothing_acknowledged_is_lost_when_a_process_is_killed_under_load(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cluster = None if log == "postgres" else request.getfixturevalue(log)
    settings = settings_for(database_url, brokers_for(request, log))
    token = await office_token(settings)
    async with (
        Server(settings, tmp_path) as survivor,
        Server(settings, tmp_path) as victim,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        servers = [survivor.url, victim.url]
        office = Client(session, token, servers[:1])
        trials = [await office.register(public_title={"ja": f"停止 {number}"}) for number in range(4)]
        clients = [Client(session, token, servers) for _ in range(CLIENTS)]
        begun = asyncio.Semaphore(0)
        work = [
            asyncio.create_task(amend(client, trials[number % 4], number, begun))
            for number, client in enumerate(clients)
        ]
        for _ in range(CLIENTS * 3):
            await begun.acquire()
        await asyncio.to_thread(victim.kill)
        if cluster is not None:
            await asyncio.to_thread(cluster.kill, 2)
        await asyncio.gather(*work)
        answers = [answer for client in clients for answer in client.answers]

        assert len(answers) == CLIENTS * ENOUGH
        for trial in trials:
            of_trial = [answer for answer in answers if answer.trial == trial]
            check_answers(await office.history(trial, 0, last_position(of_trial)), of_trial)
        for first in answers[::7]:
            again = await office.post(f"/v1/trials/{first.trial}/amend", first.sent, trial=first.trial, key=first.key)

            assert (again.status, again.raw) == (first.status, first.raw)
