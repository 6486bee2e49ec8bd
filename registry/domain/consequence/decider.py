"""The progress of a refused command: open, being tried again, settled or closed. Streams are `consequence/{key}`."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from events.schemas.consequence import (
    BrokenRule,
    CommandRefused,
    ConsequenceClosed,
    ConsequenceSettled,
    PolicyName,
    RetryAsked,
)
from events.schemas.values import Line, Payload, SaidLine, Value
from registry.domain.decider import Command, Context, Decider, Fault, Rejection


class Progress(StrEnum):
    """How far the office has come with a refused command."""

    OPEN = "open"
    RETRYING = "retrying"
    SETTLED = "settled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Consequence:
    """A refused command. `command` and `content` are None where the policy itself failed."""

    policy: str
    cause: str
    target: str | None
    command: str | None
    content: dict[str, Any] | None
    progress: Progress = Progress.OPEN


State: TypeAlias = Consequence | None


class RefuseCommand(Command):
    """Record that a command that follows from an event was refused."""

    policy: PolicyName
    cause: Line
    target: Line | None = None
    command: Line | None = None
    content: dict[str, Any] | None = None
    faults: tuple[BrokenRule, ...]


class SettleConsequence(Command):
    """Record that the command was decided on again, and is recorded or has nothing left to record."""

    version: int | None = None


class RetryConsequence(Command):
    """Ask that the refused command is decided on again, as things stand now."""


class CloseConsequence(Command):
    """Close a refused command without giving it again, and say why."""

    reason: SaidLine


def decide(state: State, command: Command, _: Context) -> Payload | None:
    """The event that follows; raises Rejection."""
    match command:
        case RefuseCommand():
            return _refused(state, command)
        case SettleConsequence():
            # The command is recorded now, even if the office has closed the consequence meanwhile.
            settled = state is None or state.progress is Progress.SETTLED
            return None if settled else ConsequenceSettled(version=command.version)
        case RetryConsequence():
            _reject_done(state)
            if state is not None and state.progress is Progress.RETRYING:
                raise Rejection(Fault("retry-underway", "it is being tried again already; wait for the outcome"))
            return RetryAsked()
        case CloseConsequence():
            _reject_done(state)
            return ConsequenceClosed()
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a consequence")


def _refused(state: State, command: RefuseCommand) -> Payload | None:
    if state is not None and state.progress is not Progress.RETRYING:
        return None
    return CommandRefused(
        policy=command.policy,
        cause=command.cause,
        target=command.target,
        command=command.command,
        content=command.content,
        faults=command.faults,
    )


def _reject_done(state: State) -> None:
    if state is None:
        raise Rejection(Fault("consequence-unknown", "no command was refused under this id"))
    if state.progress is Progress.SETTLED:
        raise Rejection(Fault("consequence-settled", "the command is recorded, or has nothing left to record"))
    if state.progress is Progress.CLOSED:
        raise Rejection(Fault("consequence-closed", "the office has closed it; what is still to do, do by itself"))


def evolve(state: State, event: Value) -> State:
    """The state after the event."""
    match event:
        case CommandRefused():
            return Consequence(event.policy, event.cause, event.target, event.command, event.content)
        case RetryAsked() if state is not None:
            return replace(state, progress=Progress.RETRYING)
        case ConsequenceSettled() if state is not None:
            return replace(state, progress=Progress.SETTLED)
        case ConsequenceClosed() if state is not None:
            return replace(state, progress=Progress.CLOSED)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of this consequence")


CONSEQUENCE: Decider[State] = Decider(None, decide, evolve)
