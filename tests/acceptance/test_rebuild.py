"""Drop every table of the views and rebuild: the dump is the same, byte for byte."""

from pathlib import Path

import aiohttp
import psycopg
import pytest

from tests.support.clients import Client
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.servers import Server, console, office_token
from tests.support.trials import site


@pytest.mark.parametrize("log", ["postgres", "kafka1"])
async def test_views_dropped_and_rebuilt_dump_the_same_bytes(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = brokers_for(request, log)
    settings = settings_for(database_url, kafka)
    token = await office_token(settings)
    async with Server(settings, tmp_path) as server, aiohttp.ClientSession() as session:
        await live(Client(session, token, [server.url]))
    before = await console(settings, "dump")
    with psycopg.connect(database_url) as connection:
        connection.execute("drop schema views cascade")
    await console(settings, "rebuild")
    after = await console(settings, "dump")

    assert before.count(b"\n") > 40
    assert before == after
    for view in ("record", "history", "search"):
        await console(settings, "rebuild", view)
    assert before == await console(settings, "dump")


async def live(client: Client) -> None:
    """A few trials with a life: sites that open and pause, amendments, an end."""
    for number in range(6):
        trial = await client.register(acronym=f"T{number}")
        path = f"/v1/trials/{trial}"
        added = site().to_stored()
        day = {"on": "2026-11-20"}
        steps = [
            ("/sites/kyoto/add", {"site": added}),
            ("/publish", {}),
            ("/sites/kyoto/open", day),
            ("/sites/kyoto/report-enrolment", {**day, "enrolled": number}),
            ("/sites/kyoto/pause", {**day, "why": {"ja": "機器の点検"}}),
            ("/amend", {"reason": "更新", "registration": {"public_title": {"ja": f"改題 {number}", "en": "Renamed"}}}),
            ("/discontinue", {**day, "why": {"en": "No drug supply"}}),
        ]
        for step, body in steps[: number + 2]:
            answer = await client.post(path + step, body)

            assert answer.status == 201, answer.body
        await client.get(path, wait_for=client.answers[-1].body["position"])
