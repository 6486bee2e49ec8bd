"""Two API processes on one log, fifty clients racing on ten trials: every answer is true afterwards."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from events.record import Position
from tests.support.clients import Answer, Client
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.servers import Server, office_token

CLIENTS, TRIALS, COMMANDS = 50, 10, 6
LOGS = ("postgres", "kafka3")


async def race(clients: list[Client], trials: list[str]) -> list[Answer]:
    """Every client amends one trial after the other; each third command insists on the version it saw last."""

    async def run(number: int, client: Client) -> None:
        seen: dict[str, int] = {}
        for turn in range(COMMANDS):
            trial = trials[(number + turn) % len(trials)]
            body = {"reason": "racing", "registration": {"planned_size": 1_000 + number * 100 + turn}}
            condition = {"If-Match": f'"{seen.get(trial, 1)}"'} if turn % 3 == 2 else {}
            answer = await client.post(f"/v1/trials/{trial}/amend", body, trial=trial, **condition)
            assert answer.status in {201, 412}, answer.body
            if answer.status == 201:
                seen[trial] = answer.body["version"]

    await asyncio.gather(*(run(number, client) for number, client in enumerate(clients)))
    return [answer for client in clients for answer in client.answers]


def last_position(answers: list[Answer]) -> str:
    """The highest position that was acknowledged; all are of one trial, so of one partition."""
    return str(max(Position.parse(answer.body["position"]) for answer in answers if answer.status == 201))


@pytest.mark.parametrize("log", LOGS)
async def test_every_version_is_accepted_once_and_every_answer_is_true(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = brokers_for(request, log)
    settings = settings_for(database_url, kafka)
    token = await office_token(settings)
    async with (
        Server(settings, tmp_path) as one,
        Server(settings, tmp_path) as other,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        servers = [one.url, other.url]
        office = Client(session, token, servers)
        trials = [await office.register(public_title={"ja": f"競走 {number}"}) for number in range(TRIALS)]
        answers = await race([Client(session, token, servers) for _ in range(CLIENTS)], trials)
        by_trial: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers:
            by_trial[answer.trial].append(answer)
        for trial, of_trial in by_trial.items():
            at = last_position(of_trial)
            first, second = [await office.history(trial, server, at) for server in (0, 1)]

            assert first == second
            check_answers(first, of_trial)

    accepted = sum(answer.status == 201 for answer in answers)
    assert 0 < accepted < len(answers), "the race had no losers, or no winners"


def check_answers(history: list[dict[str, Any]], answers: list[Answer]) -> None:
    """The history holds each acknowledged command once, at its stated place, and no refused one."""
    by_key = {event["key"]: event for event in history}

    assert [event["version"] for event in history] == list(range(1, len(history) + 1))
    assert len(by_key) == len(history)
    for answer in answers:
        event = by_key.get(str(answer.key))
        if answer.status == 412:
            assert event is None
        else:
            assert event is not None
            place = (event["version"], event["position"], event["recorded"])
            assert place == (answer.body["version"], answer.body["position"], answer.body["recorded"])
    accepted = {str(answer.key) for answer in answers if answer.status == 201}
    amended = {event["key"] for event in history if event["type"] == "trial.amended.v1"}
    assert accepted == amended
