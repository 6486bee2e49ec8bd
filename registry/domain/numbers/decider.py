"""Reserving registration numbers: one stream per series, `numbers/{series}`, keeps all nodes apart (ADR 0004)."""

from typing import Annotated

from pydantic import Field

from events.schemas.numbers import NumbersReserved
from events.schemas.values import Value
from registry.domain.decider import Command, Context, Decider


class ReserveNumbers(Command):
    """Take the next `count` numbers of the series."""

    count: Annotated[int, Field(ge=1, le=10_000)]


def decide(next_number: int, command: Command, _: Context) -> NumbersReserved:
    """The numbers from the next one on."""
    if not isinstance(command, ReserveNumbers):
        raise TypeError(f"{type(command).__name__} is no command on numbers")
    return NumbersReserved(first=next_number, count=command.count)


def evolve(_: int, event: Value) -> int:
    """The next number that nobody has."""
    if not isinstance(event, NumbersReserved):
        raise TypeError(f"{type(event).__name__} is no event of numbers")
    return event.first + event.count


NUMBERS: Decider[int] = Decider(1, decide, evolve)
