"""Events that a state keeps so that they can be corrected: they get another day, or did not happen.

A correction folds all recorded events again, without those that did not happen, so that nothing of these remains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from events.catalogue import name_of
from events.schemas.acts import Act
from events.schemas.halts import Halt
from events.schemas.moment import Moment
from registry.domain.decider import Fault

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Occurrence(Generic[E]):
    """An event with its version, as corrected since."""

    version: int
    event: E
    void: bool = False
    days_before: tuple[Moment, ...] = ()
    """The days that it gave before it was corrected."""


class Correcting(Protocol):
    """The fields of a correction, as a command and as an event."""

    @property
    def on(self) -> Moment | None:
        """The right day."""
        ...

    @property
    def void(self) -> bool | None:
        """Whether the event is void: its act did not happen."""
        ...


def put_right(occurrence: Occurrence[E], correction: Correcting) -> Occurrence[E]:
    """The event as the correction says it."""
    if correction.void:
        return replace(occurrence, void=True)
    assert correction.on is not None, "a correction says a day, or that nothing happened"
    before = day_of_event(occurrence.event)
    assert before is not None, "only what has a day is corrected"
    changed = _with_day(occurrence.event, correction.on)
    return replace(occurrence, event=changed, days_before=(*occurrence.days_before, before))


def day_of_event(event: Any) -> Moment | None:
    """The day that the event gives; None where it gives none."""
    if (halt := _halt_in(event)) is not None:
        return halt.decided
    return event.on if isinstance(event, Act) else None


def says_one_thing(correction: Correcting) -> Iterator[Fault]:
    """A correction gives a day, or says that nothing happened."""
    if bool(correction.void) == (correction.on is not None):
        yield Fault("correction-empty", "give the right day (on), or say that it did not happen (void)")


def another_day(event: Any, on: Moment) -> Iterator[Fault]:
    """Only a day that the event gives can be corrected, and only to another day."""
    day = day_of_event(event)
    if day is None:
        yield Fault("no-day", f"{name_of(event)} says no day", "/on")
    elif day == on:
        yield Fault("no-change", f"it says {day.date} already", "/on")


def _halt_in(event: Any) -> Halt | None:
    halt = getattr(event, "halt", None)
    return halt if isinstance(halt, Halt) else None


def _with_day(event: Any, on: Moment) -> Any:
    if (halt := _halt_in(event)) is not None:
        return event.model_copy(update={"halt": halt.model_copy(update={"decided": on})})
    return event.model_copy(update={"on": on})
