"""Two nodes on one log: each command goes to the node that did not acknowledge the one before it, at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final
from uuid import uuid4

import aiohttp

from events.schemas.access import Role
from registry import wiring
from registry.node import Node
from registry.office import tokens
from registry.server import serving
from registry.settings import Settings
from registry.wiring import Projecting
from tests.support.trials import registration

TRIALS: Final = 10
"""Trials whose sites report at the same time, each one report after the other."""
SITE: Final = {"site": "kyoto", "name": {"ja": "京都中央病院"}, "organisation": "kyoto-hp"}
AUTHORISE: Final = {"on": "2026-11-19", "to": "published", "reason": "approved"}


@dataclass
class Outcome:
    """The outcome of the reports: how many were recorded, and the refusals, each of which is a fault."""

    recorded: int = 0
    refused: list[str] = field(default_factory=list)
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two nodes, where each listens, and a session to speak to them."""

    nodes: tuple[Node, Node]
    urls: tuple[str, str]
    session: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def running(cls, settings: Settings) -> AsyncIterator["Pair"]:
        """Two that have read the log to its end; the first keeps the views."""
        async with (
            wiring.running(settings) as one,
            wiring.running(settings, projecting=Projecting.ELSEWHERE) as other,
            serving(one, "127.0.0.1", 0) as first,
            serving(other, "127.0.0.1", 0) as second,
            aiohttp.ClientSession() as session,
        ):
            yield cls((one, other), (f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"), session)

    async def post(self, at: int, token: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and content of the answer to a command with a key of its own."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        async with self.session.post(f"{self.urls[at]}/v1/trials{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, at: int, path: str, token: str = "") -> tuple[int, str]:
        """Status and text of the answer of one of the two at an address."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.session.get(f"{self.urls[at]}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def published(self, token: str, at: int = 0) -> tuple[str, str]:
        """The id and the number of a trial that was registered and published at one of the two."""
        _, registered = await self.post(at, token, "", {"registration": registration()})
        trial = registered["trial"]
        _, published = await self.post(at, token, f"/{trial}/publish", {})
        return trial, published["number"]

    async def add_site(self, token: str, trial: str, at: int = 0) -> None:
        """Adds the site and lets it proceed."""
        for name, body in (("add", {"site": SITE}), ("change-authorisation", AUTHORISE)):
            status, answer = await self.post(at, token, f"/{trial}/sites/{SITE['site']}/{name}", body)
            assert status == 201, answer


async def alternate(pair: Pair, reports: int) -> Outcome:
    """Opens and pauses sites in turn. Each report is right by what was acknowledged a moment earlier, elsewhere."""
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    _, coordinator = await tokens.issue(pair.nodes[0], Role.SITE, "kyoto-hp")
    trials = [(await pair.published(office))[0] for _ in range(TRIALS)]
    for trial in trials:
        await pair.add_site(office, trial)
    outcome, began = Outcome(), time.monotonic()

    async def report_on(trial: str) -> None:
        for number, what, at in zip(range(reports // TRIALS), cycle(("open", "pause")), cycle((1, 0)), strict=False):
            status, body = await pair.post(at, coordinator, f"/{trial}/sites/kyoto/{what}", {"on": "2026-11-20"})
            if status == 201:
                outcome.recorded += 1
            else:
                outcome.refused.append(f"{number}: {body}")

    await asyncio.gather(*(report_on(trial) for trial in trials))
    outcome.seconds = time.monotonic() - began
    return outcome
