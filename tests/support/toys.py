"""Exercises a registry that knows toys, in a process of its own: `python -m tests.support.toys`, in a tree with toys.

It takes the settings from the environment and prints what it saw as JSON.
"""

import asyncio
import json
import sys
from typing import Any
from uuid import uuid4

from aiohttp.test_utils import TestClient, TestServer
from psycopg import AsyncConnection

from events.schemas.access import Role
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.node import Node
from registry.office import tokens
from registry.server import create_app
from registry.settings import Settings
from tests.support.waiting import PATIENCE


async def post(client: Any, token: str, path: str, colour: str, key: str) -> tuple[int, Any]:
    """The status and the body of the answer to a command that names a colour."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    async with client.post(path, json={"colour": colour}, headers=headers) as response:
        return response.status, json.loads(await response.read())


async def played(node: Node) -> dict[str, Any]:
    """A toy is made, made again under the same key, and repainted; others may not."""
    ours, theirs, site = [
        (await tokens.issue(node, role, organisation))[1]
        for role, organisation in ((Role.SPONSOR, "kyoto"), (Role.SPONSOR, "osaka"), (Role.SITE, "kyoto"))
    ]
    toy, key = str(uuid4()), str(uuid4())
    async with TestClient(TestServer(create_app(node))) as client:
        return {
            "toy": toy,
            "made": await post(client, ours, "/v1/toys", "red", toy),
            "made again": await post(client, ours, "/v1/toys", "red", toy),
            "repainted": await post(client, ours, f"/v1/toys/{toy}/repaint", "blue", key),
            "refused": [
                (await post(client, theirs, f"/v1/toys/{toy}/repaint", "red", str(uuid4())))[0],
                (await post(client, site, "/v1/toys", "red", str(uuid4())))[0],
                (await post(client, ours, f"/v1/toys/{uuid4()}/repaint", "red", str(uuid4())))[0],
            ],
            "receipt": await read(client, f"/v1/commands/{key}", ours),
            "schema": (await read(client, "/schemas/toy.painted.v1/1", ours))["title"],
            "paths": list((await read(client, "/openapi.json", ours))["paths"]),
        }


async def read(client: Any, path: str, token: str) -> Any:
    """Status and body of the answer at an address."""
    async with client.get(path, headers={"Authorization": f"Bearer {token}"}) as response:
        return json.loads(await response.read())


async def main() -> None:
    """Prints what was seen: of the commands, and of the views before and after they were made again."""
    settings = Settings()
    async with wiring.running(settings) as node:
        seen = await played(node)
        await node.until_visible(PATIENCE)
        before = [line async for line in dump(settings.database_url, program=PROGRAM)]
    async with await AsyncConnection.connect(settings.database_url, autocommit=True) as connection:
        await connection.execute("drop schema views cascade")
    log = await wiring.open_log(settings, settings.database_url)
    await rebuild(log, wiring.topics(settings)[0], settings.database_url, program=PROGRAM)
    await log.close()
    after = [line async for line in dump(settings.database_url, program=PROGRAM)]
    seen |= {"before": [*map(bytes.decode, before)], "after": [*map(bytes.decode, after)]}
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main())
