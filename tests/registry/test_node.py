"""A node that lost a part of itself says so, and is not ready."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from registry.access import CONSOLE
from registry.api.server import create_app
from registry.domain.trial.commands import RegisterTrial
from registry.node import Node
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


async def test_a_node_whose_views_became_unfit_is_not_ready_and_says_what_to_run(node: Node) -> None:
    with psycopg.connect(node.settings.database_url) as connection:
        connection.execute("drop table views.site, views.record")
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", RegisterTrial.model_validate({"registration": registration()}))
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        told = await not_ready(client)
        while "Runner stopped" not in told["reasons"]:
            told = await not_ready(client)

    assert "registry rebuild" in node.stopped["Runner"]


async def test_a_node_whose_reader_was_cancelled_by_what_it_reads_with_says_so(node: Node) -> None:
    (reader,) = [task for task in asyncio.all_tasks() if task.get_name() == "Heads"]
    reader.cancel()
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        assert "Heads stopped" in (await not_ready(client))["reasons"]


async def not_ready(client: TestClient[web.Request, web.Application]) -> dict[str, Any]:
    """What /readyz says, once it says more than that all is well."""
    while True:
        async with client.get("/readyz") as response:
            if response.status == 503:
                told: dict[str, Any] = await response.json()
                return told
