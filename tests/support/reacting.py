"""The follower `policies` with toy policies: on a command loop in memory, and its effects."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from events.event import Event, accepted, follow, new_folds
from events.identity import Mark, Marks
from events.judging import Batch
from events.memory import MemoryEventLog
from events.postgres.marks import MarkSession, MarkTable, PostgresMarks, connect, standings
from events.record import CAUSE, MalformedRecord
from events.standing import lag
from events.stopping import stop
from events.streams import Stream
from registry.domain.catalogue import DECIDERS
from registry.domain.decider import Command
from registry.domain.permissions import CONSOLE
from registry.engine import hearing
from registry.engine.order import Order
from registry.policies.policy import Cause, key_of
from registry.reacting import waiting
from registry.reacting.follower import Reacting
from registry.reacting.giving import Giving
from registry.reacting.planning import Planning
from registry.reacting.states_after import StatesAfter
from tests.projections.trials import BEGINNING, TOPIC, Writer, amended, memory_log, registered, trial_id
from tests.projections.views import eventually
from tests.support.loop import Stand, standing
from tests.support.policies import TOYS, series, token

TRIALS = [f"trial/{trial_id(number)}" for number in range(4)]


class VirtualClock:
    """Shows the moment that it was set to, and wakes those who wait for a moment that has come."""

    def __init__(self, moment: datetime = BEGINNING) -> None:
        self.moment = moment
        self.moved = asyncio.Event()
        self.waited_for: list[datetime] = []

    def now(self) -> datetime:
        return self.moment

    async def until(self, moment: datetime) -> None:
        self.waited_for.append(moment)
        while self.moment < moment:
            await self.moved.wait()

    def move(self, by: timedelta) -> None:
        """Goes on."""
        self.moment += by
        self.moved.set()
        self.moved = asyncio.Event()


@dataclass
class Crash:
    """Where a node stops for good: the work goes no further, as if its process was gone."""

    step: str = ""
    number: int = 0
    """How often the step is passed before."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def here(self, step: str) -> None:
        """Does not return where it is this step."""
        if step != self.step:
            return
        if not self.number:
            self.reached.set()
            await asyncio.Event().wait()
        self.number -= 1


class CrashingSession(MarkSession):
    """Marks that are moved by a node that may crash."""

    crash: Crash

    @asynccontextmanager
    async def past(self, found: Marks, batch: Batch) -> AsyncIterator[dict[int, Mark]]:
        crash = self.crash if batch.judged else Crash()
        await crash.here("before the mark")
        async with super().past(found, batch) as moved:
            yield moved
            await crash.here("in the mark's transaction")
        await crash.here("after the mark")


class CrashingMarks(PostgresMarks):
    """Gives sessions that may crash."""

    crash: Crash

    @asynccontextmanager
    async def session(self) -> AsyncIterator[MarkSession]:
        async with super().session() as session:
            session.__class__ = CrashingSession
            session.crash = self.crash
            yield session


@dataclass
class Node:
    """A node that reacts, and the task that does."""

    reacting: Reacting
    task: asyncio.Task[None]
    stand: Stand

    async def office(self, stream: str, command: Command) -> None:
        """Gives a command as the office does."""
        await self.stand.loop.execute(Order(uuid4(), stream, command, CONSOLE), 10)


@dataclass
class World:
    """A log in memory, the database with the marks, and nodes that react."""

    database: str
    log: MemoryEventLog
    clock: VirtualClock = field(default_factory=VirtualClock)
    policies: Any = TOYS
    executed: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.log)

    def reacting(self, stand: Stand, crash: Crash, **options: Any) -> Reacting:
        """The follower on a node's command loop."""

        async def execute(order: Order, deadline: float) -> Event | None:
            await crash.here("before a command")
            self.executed.append(order)
            event = await stand.loop.execute(order, deadline)
            await crash.here("after a command")
            return event

        planning = Planning(StatesAfter(stand.heads, stand.history, DECIDERS, 10), self.policies)
        giving = Giving(stand.heads, execute, 10)
        table = MarkTable(waiting.NAME, waiting.MARKS)
        marks = CrashingMarks(self.database, waiting.NAME, TOPIC, prepare=waiting.ensure, table=table, **options)
        marks.crash = crash
        return Reacting(stand.heads, stand.log, planning, giving, marks, clock=self.clock)

    @asynccontextmanager
    async def node(self, crash: Crash | None = None, **options: Any) -> AsyncIterator[Node]:
        """A node that reacts for as long as the context lasts."""
        async with AsyncExitStack() as stack:
            stand = await stack.enter_async_context(standing(self.log))
            reacting = self.reacting(stand, crash or Crash(), **options)
            task = asyncio.create_task(reacting.run())
            stack.push_async_callback(stop, [task])
            yield Node(reacting, task, stand)

    async def sql(self, statement: str) -> None:
        """Does something to the database."""
        async with await connect(self.database) as connection:
            await connection.execute(statement.encode())

    async def everything(self) -> list[Event]:
        """Every event of the log."""
        read = follow(self.log, TOPIC, new_folds(TOPIC), await self.log.ends(TOPIC))
        judged = [one async for batch in read for one in batch]
        events = []
        for one in judged:
            with suppress(MalformedRecord):
                events.append(accepted(one))
        return [event for event in events if event is not None]

    async def effects(self) -> dict[str, list[Any]]:
        """By stream, what policies recorded: the sizes of reservations, or the types of other events."""
        found: dict[str, list[Any]] = {}
        for event in await self.everything():
            if CAUSE in event.record.extensions:
                effect = event.record.data.get("count", event.record.type)
                found.setdefault(event.record.subject, []).append(effect)
        return found

    async def until_reacted(self) -> None:
        """Returns when the marks are at the log's end, and all that is due is given."""

        async def reacted() -> bool:
            async with await connect(self.database) as connection:
                await waiting.ensure(connection)
                found = {one.follower: one.next_offsets for one in await standings(connection, [waiting.MARKS])}
                ends = await self.log.ends(TOPIC)
                at_end = set(lag(found.get(waiting.NAME, {}), ends).values()) == {0}
                # After the marks: what waits is written together with them.
                return at_end and not await waiting.Waiting(connection).due(self.clock.now(), 1)

        await eventually(reacted)

    async def waiting(self) -> int:
        """How many commands wait."""
        async with await connect(self.database) as connection:
            return len(await waiting.Waiting(connection).due(datetime.max.replace(tzinfo=UTC), 1_000))


@pytest.fixture
def world(database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """A log in memory, and marks in a fresh database."""
    monkeypatch.setattr(hearing, "QUIET", 0.2)
    return World(database_url, memory_log())


async def lived(world: World, *trials: str, amendments: int = 2) -> None:
    """Each trial is registered, and amended so many times."""
    for trial in trials:
        await world.writer.append(trial, registered())
        for size in range(amendments):
            await world.writer.append(trial, amended(("/planned_size", None, size)))


def expected(*trials: str, amendments: int = 2) -> dict[str, list[Any]]:
    """What is recorded because of it, once, but for what is due later."""
    found: dict[str, list[Any]] = {}
    for trial in trials:
        versions = list(range(1, amendments + 2))
        found |= {series(trial, "a"): versions, series(trial, "b"): versions}
        for version in versions[1:]:
            found[consequence("revokes", trial, version, token(trial))] = ["consequence.refused.v1"]
    return found


def consequence(policy: str, stream: str, version: int, target: str = "") -> Stream:
    return Stream.of("consequence", key_of(policy, Cause(stream, version), target))


def late(*trials: str) -> dict[str, list[Any]]:
    return {series(trial, "late"): [1] for trial in trials}
