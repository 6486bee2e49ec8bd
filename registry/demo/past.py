"""The demo's past: its commands on a log in memory, by a clock that goes through the years in which they happened.

The rules, the permissions and the numbers are those of every registry; only the clock is not. The result is entered
into an empty registry like a restored log, with the times stated. Everything follows from a seed, so that an
interrupted start gives the same bytes when it is repeated.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final, Self
from uuid import UUID, uuid5

from events import founding, moving
from events.port import EventLog, Topic
from events.stopping import stop
from events.vault import Vault
from registry.demo.plan import DatedStep
from registry.demo.remembered import Remembered
from registry.domain.catalogue import DECIDERS
from registry.engine.heads import Heads
from registry.engine.loop import commanding_on
from registry.engine.order import Order
from registry.engine.states import States
from registry.people import persons
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Policy
from registry.reacting.giving import Giving
from registry.reacting.in_step import InStep
from registry.reacting.planning import Planning
from registry.reacting.states_after import StatesAfter
from registry.settings import Settings

SEALED_AT_ONCE: Final = 200
FOUNDED_BEFORE: Final = timedelta(days=30)
"""The registry began before its first trial."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed of a whole demo: its last day, in Japan, and the id of its log."""

    today: date
    log: UUID

    def __str__(self) -> str:
        return f"{self.today} {self.log}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The inverse of `str`; raises ValueError."""
        today, _, log = text.partition(" ")
        return cls(date.fromisoformat(today), UUID(log))

    def ids(self) -> Iterator[UUID]:
        """A source of unique ids, always the same ones."""
        return (uuid5(self.log, f"id {number}") for number in count())


class Clock:
    """A clock that shows the moment that it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def go_on(self, moment: datetime) -> None:
        """Moves to that moment unless it is past: a log's clock does not run backwards."""
        self.now = max(self.now, moment)


async def lived(
    settings: Settings,
    topics: Sequence[Topic],
    vault: Vault,
    seed: Seed,
    steps: Sequence[DatedStep],
    *,
    vault_id: str,
    log_by: Callable[[Callable[[], datetime]], EventLog],
    policies: Sequence[Policy] = POLICIES,
    done: Callable[[], None] = lambda: None,
) -> list[bytes]:
    """The lines of the demo's log, as `events.moving` writes them; raises what `Commanding.execute` does.

    Commands from policies are recorded at the time when they would have been.

    `vault_id`: the id of the vault, which the log names. `log_by` makes an empty log in memory with a clock. `done` is
    called after each step.
    """
    clock = Clock(steps[0].at - FOUNDED_BEFORE)
    log, ids = log_by(clock), seed.ids()
    founded = await founding.ensure(
        log, topics[0], settings.public_url, seed.log, clock(), vault=vault_id, invented=True
    )
    heads = Heads(log, topics[0])
    history = Remembered(heads)
    states = States(heads, history, DECIDERS)
    loop = commanding_on(
        settings,
        log,
        heads=heads,
        states=states,
        history=history,
        origin=founded.origin,
        clock=clock,
        new_id=lambda: next(ids),
    )
    planning = Planning(StatesAfter(heads, history, DECIDERS, settings.command_deadline), policies)
    giving = Giving(heads, loop.execute, settings.command_deadline)
    reacting = InStep(planning, giving, clock.go_on)
    following = asyncio.create_task(heads.run())
    try:
        await heads.until_ready()
        async for at, order in _orders(vault, steps):
            await reacting.until(at)
            clock.now = at
            if (event := await loop.execute(order, settings.command_deadline)) is not None:
                await reacting.after(event)
            done()
        return [line async for line in moving.dump(log, topics)]
    finally:
        await stop([following])
        await log.close()


async def _orders(vault: Vault, steps: Sequence[DatedStep]) -> AsyncIterator[tuple[datetime, Order]]:
    """The steps as orders, with persons and reasons sealed, many at a time."""
    for start in range(0, len(steps), SEALED_AT_ONCE):
        some = steps[start : start + SEALED_AT_ONCE]
        sealed = await persons.seal_all(vault, [(one.stream, one.step.command) for one in some])
        for one, (command, _) in zip(some, sealed, strict=True):
            yield one.at, Order(one.step.key, one.stream, command, one.step.actor)
