"""Two nodes on one log: each report of a site goes to the node that did not acknowledge the one before it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final
from uuid import uuid4

from events.schemas.access import Role
from registry import wiring
from registry.access import CONSOLE
from registry.commanding import REFUSALS
from registry.domain.permissions import Actor
from registry.domain.trial.commands import (
    AddSite,
    ChangeSiteAuthorisation,
    OpenSite,
    PauseSite,
    PublishTrial,
    RegisterTrial,
)
from registry.node import Node
from registry.settings import Settings
from registry.wiring import Projecting
from tests.support.trials import registration, site

COORDINATOR: Final = Actor("coordinator", Role.SITE, "kyoto-hp")
AUTHORISE: Final = ChangeSiteAuthorisation(site="kyoto", on="2026-11-19", to="published", reason="approved")
OPEN: Final = OpenSite(site="kyoto", on="2026-11-20")
PAUSE: Final = PauseSite(site="kyoto", on="2026-11-20")


@dataclass
class Told:
    """What became of the reports: how many were recorded, and the refusals, each of them wrong."""

    recorded: int = 0
    refused: list[str] = field(default_factory=list)
    seconds: float = 0


@asynccontextmanager
async def two_nodes(settings: Settings) -> AsyncIterator[tuple[Node, Node]]:
    """Two nodes that have read the log to its end; one keeps the views."""
    async with wiring.running(settings) as one, wiring.running(settings, projecting=Projecting.ELSEWHERE) as other:
        yield one, other


async def open_trial(node: Node) -> str:
    """The stream of a published trial with a site of the coordinator's."""
    key = uuid4()
    stream = f"trial/{key}"
    await node.submit(CONSOLE, key, stream, RegisterTrial.model_validate({"registration": registration()}))
    for command in (PublishTrial(), AddSite(site=site()), AUTHORISE):
        await node.submit(CONSOLE, uuid4(), stream, command)
    return stream


async def alternate(nodes: tuple[Node, Node], reports: int) -> Told:
    """Opens and pauses one site in turn, each at the other node, at once after the acknowledgement of the one before.

    Each is right by what was acknowledged before it, and wrong by all that a node knew a moment earlier.
    """
    stream, told, began = await open_trial(nodes[0]), Told(), time.monotonic()
    for number, command, node in zip(range(reports), cycle((OPEN, PAUSE)), cycle(nodes[::-1])):
        try:
            await node.submit(COORDINATOR, uuid4(), stream, command)
        except REFUSALS as refusal:
            told.refused.append(f"{number}: {refusal}")
        else:
            told.recorded += 1
    told.seconds = time.monotonic() - began
    return told
