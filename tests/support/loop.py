"""A node's command loop on a log in memory: real heads, states, numbers and deciders, and no database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from events.catalogue import payload_of
from events.event import Event
from events.memory import MemoryEventLog
from events.port import Addressed, MessageTooLarge, Topic
from events.record import Position, Stored
from events.schemas import trial as happened
from events.stopping import stop
from registry.domain.catalogue import DECIDERS
from registry.domain.decider import Command
from registry.domain.numbers.grammar import Grammar
from registry.domain.permissions import CONSOLE
from registry.engine.commanding import Commanding
from registry.engine.heads import Heads
from registry.engine.numbering import Numbering
from registry.engine.order import Order
from registry.engine.states import States
from tests.projections.trials import ORIGIN, TOPIC
from tests.support.faults import UnreliableLog
from tests.support.history import MemoryHistory

TRIAL_STREAM, SERIES = "trial/1", "numbers/JTR2027"
NOW = datetime(2026, 12, 31, 15, 30, 0, 123_456, tzinfo=UTC)
"""In Japan it is the year 2027."""
GRAMMAR = Grammar("JTR{year}{number:06}")
TOLERANCE = timedelta(minutes=5)
BLOCK = 2
"""Numbers that a node reserves at once."""


@dataclass
class Log(UnreliableLog):
    """A log in which, where a test says so, others write first, no large message fits, or reading starts late."""

    before: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    """What happens before the next appends, one each."""
    too_large: bool = False
    read_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        if self.before:
            await self.before.pop(0)()
        if self.too_large:
            raise MessageTooLarge("planned")
        return await super().append(topic, messages)

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        async for batch in self.log.read(topic, start, until):
            await self.read_on.wait()
            yield batch


@dataclass
class Stand:
    """A node's command loop without the node."""

    log: Log
    heads: Heads
    history: MemoryHistory
    states: States
    loop: Commanding

    async def do(self, command: Command, *, key: int = 0, **options: Any) -> Event | None:
        """Gives a command, under a fresh key where none is named."""
        stream = TRIAL_STREAM if command.__module__.startswith("registry.domain.trial") else SERIES
        deadline = options.pop("deadline", 10)
        actor = options.pop("actor", CONSOLE)
        return await self.loop.execute(Order(UUID(int=key or fresh()), stream, command, actor, **options), deadline)

    async def sizes(self) -> list[int]:
        """The planned sizes that were recorded, in order."""
        events = [payload_of(event.record) for event in await self.history.events(TRIAL_STREAM)]
        return [event.changes[0].new for event in events if isinstance(event, happened.TrialAmended)]


keys = iter(range(1_000, 1_000_000))


def fresh() -> int:
    return next(keys)


@asynccontextmanager
async def standing(on: MemoryEventLog) -> AsyncIterator[Stand]:
    """A node that has read what is in the log."""
    log = Log(on)
    log.read_on.set()
    heads, history = Heads(log, TOPIC), MemoryHistory(on, TOPIC)
    states = States(heads, history, DECIDERS)

    def numbers(loop: Commanding) -> Numbering:
        return Numbering(loop.execute, GRAMMAR, BLOCK, lambda: UUID(int=fresh()), 10)

    loop = Commanding(log, heads, states, history, ORIGIN, numbers=numbers, clock=lambda: NOW, tolerance=TOLERANCE)
    running = asyncio.create_task(heads.run())
    await heads.until_ready()
    yield Stand(log, heads, history, states, loop)
    await stop([running])
