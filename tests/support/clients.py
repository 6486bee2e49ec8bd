"""Clients that act as sites and sponsors do over HTTP, and remember every answer they got."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from tests.support.trials import registration

UNCERTAIN = (503,)
"""Statuses after which a client asks again with the same key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answers that a client got to one command."""

    key: UUID
    trial: str
    sent: dict[str, Any]
    status: int
    body: dict[str, Any]
    raw: bytes


@dataclass
class Client:
    """One client with its token. It never gives up on a command: it repeats it, elsewhere too, until it is certain."""

    session: aiohttp.ClientSession
    token: str
    servers: Sequence[str]
    answers: list[Answer] = field(default_factory=list)

    async def post(
        self, path: str, body: dict[str, Any], *, trial: str = "", key: UUID | None = None, **headers: str
    ) -> Answer:
        """Posts a command until the answer is certain."""
        key = key or uuid4()
        turn = key.int % len(self.servers)
        async with asyncio.timeout(120):
            while True:
                answer = await self._try(self.servers[turn % len(self.servers)] + path, body, key, trial, headers)
                if answer is not None and answer.status not in UNCERTAIN:
                    self.answers.append(answer)
                    return answer
                turn += 1
                await asyncio.sleep(0.05)

    async def _try(
        self, url: str, body: dict[str, Any], key: UUID, trial: str, headers: dict[str, str]
    ) -> Answer | None:
        sent = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(key), **headers}
        try:
            async with self.session.post(url, json=body, headers=sent) as response:
                raw = await response.read()
                return Answer(key, trial, body, response.status, json.loads(raw), raw)
        except aiohttp.ClientError:
            return None

    async def get(self, path: str, server: int = 0, **query: str) -> Any:
        """Reads JSON from one server; asserts that it is there."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(self.servers[server] + path, params=query, headers=headers) as response:
            body = await response.json(content_type=None)
            assert response.status == 200, body
            return body

    async def register(self, **fields: Any) -> str:
        """Registers a trial and returns its id."""
        answer = await self.post("/v1/trials", {"registration": registration(**fields)})
        assert answer.status == 201, answer.body
        return str(answer.body["trial"])

    async def history(self, trial: str, server: int, at: str) -> list[dict[str, Any]]:
        """The trial's whole history as one server answers it, once it has seen the position."""
        events: list[dict[str, Any]] = []
        while True:
            after = str(events[-1]["version"]) if events else "0"
            page = await self.get(f"/v1/trials/{trial}/history", server, wait_for=at, after=after, limit="200")
            events += page["events"]
            if "next" not in page:
                return events
