"""The follower `policies`: asks what follows from each event, gives what is to be given now, and keeps what is not."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeGuard

from events.follower_port import Store
from events.following import Following, Leading
from events.port import EventLog
from events.starting import Begin, from_the_beginning
from events.stopping import stop
from registry.engine.heads import Heads
from registry.engine.hearing import Hearing
from registry.reacting.giving import Giving
from registry.reacting.planned import Planned
from registry.reacting.planning import Planning, Step
from registry.reacting.waiting import Waiting

FAILING: Final = "what follows from events is not done"
DUE_AT_ONCE: Final = 200
"""Commands that are due which are read at a time."""
LONGEST_SLEEP: Final = timedelta(minutes=10)
"""After it the clock is looked at again: somebody may have set it."""


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The moment, with its offset."""
        ...

    async def until(self, moment: datetime) -> None:
        """Returns once that moment is there, or earlier."""
        ...


class WallClock:
    """Waits by the clock of the machine."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now

    async def until(self, moment: datetime) -> None:
        """See `Clock.until`."""
        await asyncio.sleep(min(moment - self.now(), LONGEST_SLEEP).total_seconds())


class Reacting:
    """Runs on one of all nodes: records each command that follows from an event, or its refusal.

    Commands first, the mark after: if we crash in between, the commands are given again under the same keys. Commands
    that are due later are stored in the transaction that moves the mark.
    """

    def __init__(
        self,
        heads: Heads,
        events: EventLog,
        planning: Planning,
        giving: Giving,
        store: Store[Any],
        *,
        clock: Clock,
        begin: Begin = from_the_beginning,
    ) -> None:
        """`store`: of the marks, up to which all that follows is recorded, refused or kept until it is due."""
        self._heads, self._planning, self._giving, self._clock = heads, planning, giving, clock
        self._following = Following(store, Hearing(heads, events, planning.wanted, begin), self._lead, failing=FAILING)
        self._connection = asyncio.Lock()
        """Held while the connection that leads is used: a statement could be part of another's transaction."""
        self._added = asyncio.Event()

    @property
    def trouble(self) -> str:
        """The work that fails and is tried again; empty if all is well."""
        return self._following.trouble

    async def run(self) -> None:
        """Runs until cancelled; it waits for absent services. Raises as `Following.run` does."""
        await self._following.run()

    async def _lead(self, leading: Leading[Any]) -> None:
        # Commands that another node recorded as refused before this one leads are not given again.
        await self._heads.catch_up_all()
        if await Waiting(leading.connection).begin(self._planning.policies):
            await leading.resume()
        await _first_to_end(self._follow(leading), self._give_due(leading))

    async def _follow(self, leading: Leading[Any]) -> None:
        async with aclosing(leading.batches()) as batches:
            async for batch in batches:
                steps = [step for judged in batch.judged for step in await self._planning.steps(judged)]
                await self._giving.give_all(step for step in steps if not _is_later(step))
                # If we crash here, all of the batch is given again.
                async with self._connection, leading.past(batch) as connection:
                    await Waiting(connection).add([step for step in steps if _is_later(step)])
                if any(map(_is_later, steps)):
                    self._added.set()

    async def _give_due(self, leading: Leading[Any]) -> None:
        waiting = Waiting(leading.connection)
        while True:
            self._added.clear()
            async with self._connection:
                due = await waiting.due(self._clock.now(), DUE_AT_ONCE)
                following = None if due else await waiting.next_due()
            if not due:
                await self._until(following)
                continue
            await self._giving.give_all(due)
            # If we crash here, they are given again.
            async with self._connection:
                await waiting.done([one.key for one in due])

    async def _until(self, moment: datetime | None) -> None:
        """Returns when that moment may have come, or another waiting command was added."""
        added = asyncio.create_task(self._added.wait())
        tasks = [added] if moment is None else [added, asyncio.create_task(self._clock.until(moment))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await stop(tasks)


def _is_later(step: Step) -> TypeGuard[Planned]:
    return isinstance(step, Planned) and step.at is not None


async def _first_to_end(*works: Coroutine[Any, Any, None]) -> None:
    """Runs them at once until one ends; the others have ended before its error is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await stop(tasks)
    for task in done:
        task.result()
