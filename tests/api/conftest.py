"""The real application on a running node, and a client that speaks to it over loopback."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from yarl import URL

from events.record import Position
from events.schemas.access import Role
from registry.node import Node
from registry.server import serving
from tests.support.node import ORGANISATIONS
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with its whole body."""

    status: int
    headers: Any
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def kind(self) -> str:
        """The code of the problem."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.raw
        assert self.body["status"] == self.status
        return str(self.body["type"].removeprefix("/problems/"))

    @property
    def rules(self) -> set[str]:
        return {fault["rule"] for fault in self.body["faults"]}


@dataclass
class Api:
    """Sends requests as any role; None sends no token."""

    session: aiohttp.ClientSession
    node: Node
    tokens: dict[Role, str]
    port: int

    async def ask(self, method: str, path: str | URL, *, role: Role | None = None, **options: Any) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in options.pop("headers", {}).items()}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        async with self.session.request(method, path, headers=headers, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, *, role: Role | None = None, **headers: str) -> Answer:
        return await self.ask("GET", path, role=role, headers=headers)

    async def post(
        self, path: str, body: Any, *, role: Role | None = Role.SPONSOR, key: UUID | None = None, **headers: str
    ) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Idempotency-Key": str(key or uuid4()), "Content-Type": "application/json", **headers}
        return await self.ask("POST", path, role=role, data=raw, headers=sent)

    async def done(self, path: str, body: Any, *, role: Role = Role.SPONSOR) -> Any:
        """Posts a command that must be recorded; returns the receipt."""
        answer = await self.post(path, body, role=role)
        assert answer.status == 201, answer.raw
        return answer.body

    async def draft(self, **fields: Any) -> str:
        """The id of a new draft of the sponsor's."""
        receipt = await self.done("/v1/trials", {"registration": registration(**fields)})
        return str(receipt["trial"])

    async def published(self, **fields: Any) -> str:
        """The id of a new published trial of the sponsor's."""
        trial = await self.draft(**fields)
        await self.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
        return trial

    async def settled(self) -> None:
        """Returns when the views hold all that the node has read."""
        for partition, offset in self.node.heads.next_offsets().items():
            assert offset == 0 or await self.node.views.wait_for(Position(partition, offset - 1), PATIENCE)

    async def with_site(self, trial: str, site: str = "kyoto") -> str:
        """The trial's address for a site of the site role's organisation, which may open."""
        at = f"/v1/trials/{trial}/sites/{site}"
        named = {"name": {"ja": "京都病院"}, "organisation": ORGANISATIONS[Role.SITE]}
        await self.done(f"{at}/add", {"site": named})
        decision = {"reason": "The filing is published", "to": "published", "on": "2026-11-01"}
        await self.done(f"{at}/change-authorisation", decision, role=Role.REGULATOR)
        return at


@pytest.fixture
async def api(node: Node, tokens: dict[Role, str]) -> AsyncIterator[Api]:
    async with (
        serving(node, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield Api(session, node, tokens, port)
