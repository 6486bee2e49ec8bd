"""A node that lost a part of itself says so, and is not ready."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from events.schemas.access import Role
from projections.engine.schema import ViewsUnfit
from registry import wiring
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import RegisterTrial
from registry.engine.heads import NotReady
from registry.engine.states import NotInTime
from registry.node import Node
from registry.server import create_app
from registry.settings import Settings
from tests.registry.test_unreadable import FAIL, register, reported
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


async def test_a_node_whose_views_became_unfit_is_not_ready_and_says_what_to_run(node: Node) -> None:
    with psycopg.connect(node.settings.database_url) as connection:
        connection.execute("drop table views.search_shown, views.record")
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", RegisterTrial.model_validate({"registration": registration()}))
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        answer = await not_ready(client)
        while "keeping the views stopped" not in answer["reasons"]:
            answer = await not_ready(client)

    assert "registry rebuild" in node.stopped["keeping the views"]
    assert any("registry rebuild" in reason for reason in answer["reasons"])


async def test_a_node_whose_views_became_unfit_acknowledges_no_command_and_records_none(
    node: Node, tokens: dict[Role, str]
) -> None:
    with psycopg.connect(node.settings.database_url) as connection:
        connection.execute("drop table views.record")
    await register(node)
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        while "keeping the views stopped" not in (await not_ready(client))["reasons"]:
            pass
        before = await node.log.ends(node.heads.topic)
        answer = await client.post(
            "/v1/trials",
            json={"registration": registration()},
            headers={"Authorization": f"Bearer {tokens[Role.SPONSOR]}", "Idempotency-Key": str(uuid4())},
        )
        problem = await answer.json()
    for attempt in (node.order("numbers/JTR2026", ReserveNumbers(count=1)), node.receive_all([])):
        with pytest.raises(ViewsUnfit, match="registry rebuild"):
            await attempt

    assert (answer.status, problem["type"]) == (503, "/problems/views-unfit")
    assert int(answer.headers["Retry-After"]) > 10
    assert await node.log.ends(node.heads.topic) == before


async def test_a_node_whose_reader_was_cancelled_by_what_it_reads_with_says_so(node: Node) -> None:
    (reader,) = [task for task in asyncio.all_tasks() if task.get_name() == "reading the log"]
    reader.cancel()
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        assert "reading the log stopped" in (await not_ready(client))["reasons"]


async def test_who_waits_for_views_that_nobody_writes_is_told_that_they_stand_still(settings: Settings) -> None:
    impatient = settings.model_copy(update={"read_deadline": 0.1})
    async with asyncio.timeout(PATIENCE), wiring.running(impatient, projecting=wiring.Projecting.ELSEWHERE) as node:
        with pytest.raises(NotInTime, match=r"^the views are behind the log and stand still$"):
            await node.until_caught_up(lambda _: None)


async def test_who_waits_for_views_whose_follower_fails_is_told_why(settings: Settings) -> None:
    impatient = settings.model_copy(update={"read_deadline": 0.3})
    async with asyncio.timeout(PATIENCE), wiring.running(impatient) as node:
        await node.until_settled(PATIENCE)
        with psycopg.connect(node.settings.database_url, autocommit=True) as database:
            database.execute(FAIL.format(table="views.history"))
            await register(node)
            await reported(node, "the views are not written")
            with pytest.raises(NotInTime, match=r"stand still: the views are not written: DiskFull 53100$"):
                await node.until_caught_up(lambda _: None)
            database.execute("drop trigger fail on views.history; drop table views.search_shown, views.record")
        await reported(node, "keeping the views stopped", 503)
        with pytest.raises(NotInTime, match=r"stand still: keeping the views stopped: .*registry rebuild"):
            await node.until_caught_up(lambda _: None)


async def test_who_waits_for_views_of_a_node_that_stopped_reading_is_told(node: Node) -> None:
    await node.until_settled(PATIENCE)
    (reader,) = [task for task in asyncio.all_tasks() if task.get_name() == "reading the log"]
    reader.cancel()
    await asyncio.wait([reader])
    async with asyncio.timeout(PATIENCE):
        for waiting in (node.until_caught_up(lambda _: None), node.heads.catch_up_all(), node.heads.until_ready()):
            with pytest.raises(NotReady, match="stopped reading the log"):
                await waiting


async def not_ready(client: TestClient[web.Request, web.Application]) -> dict[str, Any]:
    """What /readyz says, once it says more than that all is well."""
    while True:
        async with client.get("/readyz") as response:
            if response.status == 503:
                answer: dict[str, Any] = await response.json()
                return answer
