"""A programme in memory whose policies react late, react again after crashes, and give their commands again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.schemas.values import Payload
from events.streams import Stream
from registry.domain.catalogue import DECIDERS
from registry.domain.decider import Command, Context, Rejection
from registry.domain.permissions import CONSOLE
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Cause, Happened, Reaction, key_of
from tests.support.followed import World
from tests.support.regions import SPONSOR


@dataclass(frozen=True, slots=True)
class Order:
    """A command of a policy, under its key, and the moment from which it is due."""

    key: UUID
    reaction: Reaction
    due: datetime | None


@dataclass
class Delayed(World):
    """The follower's marks and waiting commands are in memory until `commit`; a crash goes back to the last commit."""

    log: list[tuple[Happened, Any]] = field(default_factory=list)
    """Every event with the state of its stream just after it."""
    mark: int = 0
    timers: list[Order] = field(default_factory=list)
    committed: tuple[int, tuple[Order, ...]] = (0, ())
    taken: set[UUID] = field(default_factory=set)
    """Keys of commands that the log has: as an event, or as a consequence that was refused."""

    def give(self, stream: str, command: Command, by: str = SPONSOR) -> Payload | None:
        """Records only the event of a command; the follower brings its consequences later. Raises Rejection."""
        decider = DECIDERS[Stream(stream).category]
        state = self.states.get(stream, decider.initial)
        event = decider.decide(state, command, Context(self.now, by, f"JTR2026{len(self.events):08}"))
        if event is None:
            return None
        self.states[stream] = decider.evolve(state, event)
        self.versions[stream] = self.versions.get(stream, 0) + 1
        self.events.append((stream, event))
        happened = Happened(Cause(stream, self.versions[stream]), event, self.now, self.now, by)
        self.log.append((happened, self.states[stream]))
        return event

    def follow(self, most: int | None = None) -> bool:
        """Reacts to the next event; if `most` is set, only with so many first commands, as before a crash."""
        if self.mark == len(self.log):
            return False
        for number, order in enumerate(self._commands(*self.log[self.mark])):
            if most is not None and number >= most:
                return True
            if order.due is not None and order.due > self.now:
                self.timers.append(order)
            else:
                self._deliver(order)
        self.mark += 1
        return True

    def _commands(self, happened: Happened, state: Any) -> Iterator[Order]:
        category = Stream(happened.stream).category
        for policy in POLICIES:
            if policy.category == category:
                for reaction in policy.react(happened, state):
                    key = key_of(policy.name, happened.cause, reaction.stream, reaction.name)
                    yield Order(key, reaction, reaction.at)

    def _deliver(self, order: Order) -> None:
        if order.key in self.taken:
            return
        try:
            event = self.give(order.reaction.stream, order.reaction.command, CONSOLE.organisation)
        except Rejection as refusal:
            self.taken.add(order.key)
            self.refused += [(order.reaction.stream, fault.rule) for fault in refusal.faults]
            return
        # A command without effect is not in the log, and is decided again when it is repeated.
        if event is not None:
            self.taken.add(order.key)

    def commit(self) -> None:
        """Notes that marks and timers are on disk."""
        self.committed = (self.mark, tuple(self.timers))

    def crash(self) -> None:
        """Forgets uncommitted work, which is then done again. The log stays as it is."""
        self.mark, timers = self.committed
        self.timers = [*timers]

    def wait(self, by: timedelta) -> None:
        """Moves the clock, and gives the commands due by then, in the order of their times."""
        self.now += by
        due = sorted((one for one in self.timers if one.due and one.due <= self.now), key=lambda one: str(one.due))
        self.timers = [one for one in self.timers if one not in due]
        for order in due:
            self._deliver(order)

    def settle(self) -> None:
        """Lets the follower reach the end of the log, and every timer fire."""
        while self.follow():
            pass
        self.wait(timedelta(days=2))
        while self.follow():
            pass
        self.commit()
