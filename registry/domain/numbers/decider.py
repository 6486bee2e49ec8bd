"""Reserving registration numbers: one stream per series, `numbers/{series}`, keeps all nodes apart (ADR 0004)."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import Field

from events.schemas.numbers import NumbersReserved, NumbersSetAside
from events.schemas.values import Value
from registry.domain.decider import Command, Context, Decider, Fault, Rejection

Span: TypeAlias = tuple[int, int]
"""First and last number."""


@dataclass(frozen=True, slots=True)
class Series:
    """The next number that nobody has, and the spans kept for registrations that come back from an export."""

    next: int = 1
    aside: tuple[Span, ...] = ()


class ReserveNumbers(Command):
    """Take the next `count` numbers of the series."""

    count: Annotated[int, Field(ge=1, le=10_000)]


class SetNumbersAside(Command):
    """Keep `number`, and all up to `through` that nobody has, for registrations that bore them before."""

    number: Annotated[int, Field(ge=1)]
    through: Annotated[int, Field(ge=1)]


def decide(series: Series, command: Command, _: Context) -> NumbersReserved | NumbersSetAside | None:
    """The numbers from the next one on; None where the number is set aside already.

    Raises Rejection where it may have been given to another trial here.
    """
    match command:
        case ReserveNumbers():
            return NumbersReserved(first=series.next, count=command.count)
        case SetNumbersAside() if command.number >= series.next:
            return NumbersSetAside(first=series.next, last=max(command.number, command.through))
        case SetNumbersAside():
            if any(first <= command.number <= last for first, last in series.aside):
                return None
            raise Rejection(Fault("number-taken", "this registry has given the number, or may, to another trial"))
        case _:
            raise TypeError(f"{type(command).__name__} is no command on numbers")


def evolve(series: Series, event: Value) -> Series:
    """The series after the event."""
    match event:
        case NumbersReserved():
            return Series(event.first + event.count, series.aside)
        case NumbersSetAside():
            return Series(event.last + 1, (*series.aside, (event.first, event.last)))
        case _:
            raise TypeError(f"{type(event).__name__} is no event of numbers")


NUMBERS: Decider[Series] = Decider(Series(), decide, evolve)
