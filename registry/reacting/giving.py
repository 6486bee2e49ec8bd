"""Commands that follow from events, given through the command loop; a refused one is recorded as a consequence."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeAlias
from uuid import UUID

import psycopg
import structlog
from pydantic import ValidationError

from events.admission import IntegrityAlarm
from events.event import Event
from events.port import LogError, MessageTooLarge
from events.schemas.consequence import BrokenRule
from events.stopping import all_of
from registry.domain.consequence.decider import RefuseCommand, SettleConsequence
from registry.domain.decider import Command, Fault, Rejection
from registry.domain.permissions import NotPermitted, policy_actor
from registry.engine.commanding import KeyReused, OutcomeUnknown
from registry.engine.heads import Heads, NotReady
from registry.engine.order import Order
from registry.engine.states import NotInTime, StreamHeld
from registry.reacting.planned import Again, Failed, Planned, Unfit
from registry.reacting.planning import Step

log = structlog.get_logger()
AT_ONCE: Final = 8
"""Target streams that commands go to at a time."""
LONGEST: Final = 4_000
"""Characters of a broken rule's message that are recorded."""
PASSING: Final = (IntegrityAlarm, LogError, NotInTime, NotReady, OutcomeUnknown, OSError, TimeoutError, psycopg.Error)
"""Log or database are absent, late or faulty. The cause is not the command, so the command is given again."""
Execute: TypeAlias = Callable[[Order, float], Awaitable[Event | None]]


class _Refused(Exception):
    """The command is not recorded, and would not be if it was given again now."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults


class Giving:
    """Gives commands, those to one stream in their order. A command given again under its key is recorded once."""

    def __init__(self, heads: Heads, execute: Execute, deadline: float) -> None:
        """`execute`: see `Commanding.execute`. `deadline`: seconds for each command."""
        self._heads, self._execute, self._deadline = heads, execute, deadline

    async def give_all(self, steps: Iterable[Step]) -> list[Event]:
        """Returns the events of the commands, once each is recorded, refused, or found to have nothing to record.

        Raises PASSING: then some of it may be done, and all of it is to be given again.
        """
        by_target: dict[str, list[Step]] = {}
        for step in steps:
            by_target.setdefault(_target(step), []).append(step)
        places = asyncio.Semaphore(AT_ONCE)

        async def give_in_order(some: Sequence[Step]) -> list[Event]:
            async with places:
                return [event for step in some for event in await self._give(step)]

        return [event for events in await all_of(map(give_in_order, by_target.values())) for event in events]

    async def _give(self, step: Step) -> list[Event]:
        if isinstance(step, Again):
            return await self._give_again(step)
        if self._heads.head(step.consequence).version:
            # Refused before, and the office decides what becomes of it: now it might be recorded, and then once more.
            return []
        try:
            event = await self._outcome(step)
        except _Refused as refused:
            await self._refuse(step, refused.faults, Again(0, step).key("refused"))
            return []
        return [] if event is None else [event]

    async def _give_again(self, again: Again) -> list[Event]:
        """Reports the outcome of a command that the office retried. If we crash in between, it is tried once more."""
        try:
            event = None if again.answered else await self._outcome(again.of)
        except _Refused as refused:
            await self._refuse(again.of, refused.faults, again.key("refused"))
            return []
        made = None if event is None else event.version
        await self._record(again.of, SettleConsequence(version=made), again.key("settled"))
        return [] if event is None else [event]

    async def _outcome(self, step: Planned | Failed) -> Event | None:
        """The event that the command became, now or before; None where there was nothing to record.

        Raises _Refused and PASSING.
        """
        if isinstance(step, Failed):
            raise _Refused(Fault("policy-failed", f"it is not known what follows: {step.problem}"))
        try:
            order = Order(step.key, step.stream, step.command(), policy_actor(step.policy), cause=str(step.cause))
            return await self._execute(order, self._deadline)
        except KeyReused:
            # Recorded under this key, by a program that worded it differently. The recorded command stands.
            return None
        except Exception as fault:
            if isinstance(fault, PASSING) and not isinstance(fault, MessageTooLarge):
                raise
            raise _Refused(*_faults(fault)) from fault

    async def _refuse(self, step: Planned | Failed, faults: Sequence[Fault], key: UUID) -> None:
        rules = tuple(
            [BrokenRule(rule=one.rule, message=one.message[:LONGEST], field=one.field or None) for one in faults]
        )
        log.warning("consequence_refused", policy=step.policy, cause=str(step.cause), rules=[one.rule for one in rules])
        refusal = RefuseCommand(policy=step.policy, cause=str(step.cause), faults=rules)
        if isinstance(step, Planned):
            named = {"target": step.stream, "command": step.name, "content": step.content}
            refusal = RefuseCommand.model_validate(refusal.model_dump(exclude_unset=True) | named)
        await self._record(step, refusal, key)

    async def _record(self, step: Planned | Failed, command: Command, key: UUID) -> None:
        actor = policy_actor(step.policy)
        await self._execute(Order(key, step.consequence, command, actor, cause=str(step.cause)), self._deadline)


def _target(step: Step) -> str:
    return step.stream if isinstance(step, Planned) else _target_again(step)


def _target_again(step: Failed | Again) -> str:
    """The stream whose order it keeps: of what is tried again, the one that it goes to."""
    if isinstance(step, Again) and isinstance(step.of, Planned):
        return step.of.stream
    return step.of.consequence if isinstance(step, Again) else step.consequence


def _faults(fault: Exception) -> Sequence[Fault]:
    """Why a command is not recorded; nothing of its content is quoted."""
    match fault:
        case Rejection():
            return fault.faults
        case NotPermitted():
            return [Fault("not-permitted", str(fault))]
        case StreamHeld():
            return [Fault("stream-held", "an event of the stream can't be read by this program")]
        case MessageTooLarge():
            return [Fault("event-too-large", "what it would record is too large for an event")]
        case Unfit():
            return [Fault("command-unfit", str(fault))]
        case ValidationError():
            places = {"/" + "/".join(map(str, one["loc"])) for one in fault.errors()}
            return [Fault("command-unfit", "this program reads it in another form", place) for place in sorted(places)]
        case _:
            return [Fault("command-failed", f"it can't be decided on: {type(fault).__name__}")]
