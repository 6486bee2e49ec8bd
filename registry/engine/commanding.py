"""The command loop: load the state, decide, append, and answer only what the log has decided.

A command's event bears the command's key as its id. Whatever is killed in between, asking again with the same key
either finds that event or writes it; it is never written twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from events.admission import REMEMBERED_IDS, Already
from events.catalogue import name_of
from events.event import Event, accepted
from events.origin import Origin
from events.port import EventLog, MessageTooLarge
from events.record import CAUSE, Message, Record, encode
from events.schemas.values import Payload, SealedText
from events.schemas.zones import JAPAN
from registry.domain import permitting
from registry.domain.catalogue import is_numbered
from registry.domain.decider import Command, Context, Rejection, reject_if, said_in_time
from registry.domain.permissions import Actor, NotPermitted, Scope
from registry.engine.appending import Appending
from registry.engine.heads import Heads
from registry.engine.order import Order
from registry.engine.states import History, Locks, NotInTime, States, Versioned
from registry.engine.turns import Turns

T = TypeVar("T")


class VersionConflict(Exception):
    """The stream is not at the version that the caller decided on."""

    def __init__(self, version: int):
        super().__init__(f"the version is {version}")
        self.version = version


class OutcomeUnknown(Exception):
    """The deadline passed before the log answered: recorded or not, nobody knows yet. Ask again with the same key."""


class KeyReused(Exception):
    """The key was used for another command."""


REFUSALS: Final = (Rejection, NotPermitted, VersionConflict)
"""Refusals that rest on the state that a node knows. KeyReused does not: a recorded event stays recorded."""


class NumberSource(Protocol):
    """Gives registration numbers that nobody else has or will get."""

    async def take(self, year: int) -> str:
        """A number of the year's series."""
        ...

    def give_back(self, year: int, number: str) -> None:
        """Returns a number that no event was proposed with."""
        ...

    async def set_aside(self, number: str) -> None:
        """Keeps a number for the registration that bore it before; raises Rejection where that can't be."""
        ...


class EventsById(History, Protocol):
    """History that can also be asked for an event by its id."""

    async def event_by_id(self, event: UUID, stream: str | None = None) -> Event | None:
        """The stream's accepted event under this id, as far as the view has come."""
        ...


@dataclass(slots=True)
class _Attempt:
    """Whether a record of this command may be on its way into the log with nobody knowing its verdict."""

    ends: float
    under_way: bool = False


def _with_reason(payload: Payload, command: Command) -> Payload:
    """The payload with the command's reason; raises TypeError where that is in clear."""
    if command.reason is None:
        return payload
    if not isinstance(command.reason, SealedText):
        raise TypeError("a reason is sealed before it is decided on")
    return payload.model_copy(update={"reason": command.reason})


class Commanding:
    """Executes commands on one node. Any number of nodes may run on one log."""

    def __init__(
        self,
        log: EventLog,
        heads: Heads,
        states: States,
        history: EventsById,
        origin: Origin,
        *,
        numbers: Callable[["Commanding"], NumberSource],
        clock: Callable[[], datetime],
        tolerance: timedelta,
    ):
        self._heads, self._states, self._history = heads, states, history
        self._origin = origin
        self.numbers = numbers(self)
        self._clock, self._tolerance = clock, tolerance
        self._locks = Locks()
        self._turns = Turns()
        self._appending = Appending(log, heads)
        self.appends = self._appending.appends

    async def execute(self, order: Order, deadline: float) -> Event | None:
        """The event that the command became, now or the first time; None where there was nothing to record.

        `deadline` is in seconds from now. Raises Rejection, NotPermitted, VersionConflict, KeyReused, NotReady,
        NotInTime, LogUnavailable: nothing was recorded. Raises OutcomeUnknown: ask again with the same key.
        """
        attempt = _Attempt(asyncio.get_running_loop().time() + deadline)
        try:
            async with asyncio.timeout(deadline), self._locks.of(order.stream):
                return await self._surely(order.stream, lambda: self._answer(order, attempt, deadline))
        except OutcomeUnknown:
            raise
        except Exception as fault:
            if attempt.under_way:
                raise OutcomeUnknown(f"{order.key} may or may not be recorded") from fault
            if isinstance(fault, TimeoutError):
                raise NotInTime("nothing was recorded in time") from fault
            raise

    async def permit(self, actor: Actor, stream: str, command: Command, patience: float) -> None:
        """Raises NotPermitted where the actor may not give the command to the stream as it stands.

        Checked before anything is done for the command: no vault entry and no reserved number without a permission.
        """
        permitting.check_role(actor, type(command))
        await self._permitted(stream, lambda state: permitting.check(actor, command, state), patience)

    async def permit_place(
        self, actor: Actor, stream: str, model: type[Command], part: str | None, patience: float
    ) -> None:
        """Raises NotPermitted where the actor may give no such command to the stream, whatever it would say.

        Checked before the command is read at all.
        """
        if permitting.check_role(actor, model) is Scope.OWN:
            await self._permitted(stream, lambda state: permitting.check_place(actor, model, state, part), patience)

    async def _permitted(self, stream: str, check: Callable[[Any], None], patience: float) -> None:
        async def permitted() -> bool:
            check((await self._states.load(stream, patience)).state)
            return True

        await self._surely(stream, permitted)

    async def _surely(self, stream: str, answer: Callable[[], Awaitable[T | None]]) -> T | None:
        """The answer. A refusal, or None, rests on everything that any node had acknowledged at the time of the call.

        A node reads the log a moment after another has acknowledged: it would refuse a right command meanwhile.
        """
        known = self._heads.head(stream).version
        refusal: Exception | None = None
        try:
            if (found := await answer()) is not None:
                return found
        except REFUSALS as fault:
            refusal = fault
        await self._heads.catch_up(stream)
        if self._heads.head(stream).version > known:
            return await answer()
        if refusal is not None:
            raise refusal
        return None

    async def _answer(self, order: Order, attempt: "_Attempt", patience: float) -> Event | None:
        if (first := await self._first_answer(order, patience)) is not None:
            return first
        return await self._with_number(order, attempt, patience)

    async def _with_number(self, order: Order, attempt: "_Attempt", patience: float) -> Event | None:
        """Executes with a registration number where one is needed. It goes back unless a record with it may count."""
        if not is_numbered(type(order.command)):
            return await self._execute(order, attempt, "", patience)
        year = self._today().year
        number = await self.numbers.take(year)
        event = None
        try:
            event = await self._execute(order, attempt, number, patience)
            return event
        finally:
            if not attempt.under_way and (event is None or event.record.data.get("number") != number):
                self.numbers.give_back(year, number)

    async def _execute(self, order: Order, attempt: "_Attempt", number: str, patience: float) -> Event | None:
        while True:
            current = await self._states.load(order.stream, patience)
            # Nothing of it depends on what happens meanwhile: the log refuses what was decided on an older version.
            proposed = await self._turns.do(order.long, self._propose, order, current, number)
            if proposed is None:
                return None
            payload, record, encoded = proposed
            attempt.under_way = True
            try:
                judged = await self._appending.append(record, encoded, attempt.ends)
            except MessageTooLarge:
                attempt.under_way = False
                raise
            if isinstance(judged.verdict, Already):
                try:
                    return await self._recorded_before(order, patience)
                except KeyReused:
                    # Another command has the key, given elsewhere at the same moment: no copy of this one counts.
                    attempt.under_way = False
                    raise
            attempt.under_way = False
            if (event := accepted(judged, record)) is not None:
                self._states.recorded(event, current, payload)
                return event
            # Another record took the version. It may be this command's own, by another node; or else decide again.
            if (first := await self._first_answer(order, patience)) is not None:
                return first

    async def _first_answer(self, order: Order, patience: float) -> Event | None:
        """The event this key became before. The head remembers recent ids, the state those of the whole stream."""
        head = self._heads.head(order.stream)
        recent = head.version_of(order.key) is not None
        if not recent and head.version <= REMEMBERED_IDS:
            return None
        if not recent and not await self._states.holds(order.stream, order.key, patience):
            return None
        if not await self._history.wait_for(self._heads.last_position(order.stream), patience):
            raise NotInTime("the history view is behind the log")
        event = await self._history.event_by_id(order.key, order.stream)
        if event is None:
            # The log has accepted it, and views that reached its position do not hold it: never decide it again.
            raise OutcomeUnknown(f"{order.key} is recorded, but the history view does not show it yet")
        if event.record.commandhash != order.digest:
            raise KeyReused(f"{order.key} was used for another command")
        return event

    async def _recorded_before(self, order: Order, patience: float) -> Event:
        event = await self._first_answer(order, patience)
        if event is None:
            raise OutcomeUnknown(f"{order.key} is recorded, but the history view does not show it yet")
        return event

    def _propose(self, order: Order, current: Versioned, number: str) -> tuple[Payload, Record, Message] | None:
        """The event to propose, its record and its message for the log; None if there is nothing to record."""
        payload = self._decide(order, current, number)
        if payload is None:
            return None
        record = self._record(order, current, payload)
        return payload, record, encode(record)

    def _decide(self, order: Order, current: Versioned, number: str) -> Payload | None:
        """The event to propose; None if there is nothing to record."""
        permitting.check(order.actor, order.command, current.state)
        # After the permission: a sender that may not give the command must not learn the version.
        if order.version not in (None, current.version):
            raise VersionConflict(current.version)
        reject_if(list(said_in_time(order.command, self._clock() + self._tolerance)))
        context = Context(self._clock(), order.actor.organisation, number)
        return self._states.decider(order.stream).decide(current.state, order.command, context)

    def _record(self, order: Order, current: Versioned, payload: Payload) -> Record:
        return Record(
            id=order.key,
            type=name_of(payload),
            subject=order.stream,
            expectedversion=current.version,
            previoushash=current.digest,
            commandhash=order.digest,
            actor=order.actor.token,
            onbehalfof=order.actor.organisation,
            time=order.command.occurred_at or self._clock(),
            data=_with_reason(payload, order.command).to_stored(),
            origin=self._origin,
            revision=payload.REVISION,
            extensions={"actorrole": order.actor.role.value, **({CAUSE: order.cause} if order.cause else {})},
        )

    def _today(self) -> date:
        return self._clock().astimezone(JAPAN).date()
