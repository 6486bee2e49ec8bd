"""Commands that record acts in the world, and the rules that all of them share.

An organisation records its own acts. The registry's office records anybody's, and says where it read them.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from events.schemas.acts import Sourced
from events.schemas.moment import Moment
from events.schemas.values import Identifier, first_day, last_day
from events.schemas.zones import day_in
from registry.domain.decider import EARLIEST, Command, Context, Fault


class Recording(Command, Sourced):
    """Base of commands that record an act or a statement of an organisation."""

    by: Identifier | None = None
    """Whose act it is; absent means the sender's own. The office names another, with the source."""

    @property
    def stands_for(self) -> str | None:
        """Only the office records an act of another organisation."""
        return self.by

    def organisation(self, context: Context) -> str:
        """The organisation whose act it is."""
        return self.by or context.organisation


class ActCommand(Recording):
    """Base of commands that say when something was done."""

    on: Annotated[Moment, Field(examples=[{"date": "2026-11-22"}])]
    """As precisely as it is known. Not before 1900, and not in the future."""


def sourced(command: Recording, context: Context) -> Iterator[Fault]:
    """An act that is recorded for somebody else has a source."""
    if command.by not in (None, context.organisation) and command.source is None:
        message = f"this is recorded for {command.by}; say where it was read, as a letter with its date or an address"
        yield Fault("source-missing", message, "/source")


def happened(on: Moment, context: Context, field: str = "/on") -> Iterator[Fault]:
    """A reported act has happened, and not before 1900."""
    if last_day(on.date) < EARLIEST.date():
        yield Fault("date-too-early", f"{on.date} is before {EARLIEST.year}; give the right day", f"{field}/date")
    if on.at is not None and instant(on) > context.now:
        yield Fault("date-in-future", f"{on.at} is in the future; report what has happened", f"{field}/at")
    elif first_day(on.date) > (today := context.today_in(on.zone)):
        yield Fault("date-in-future", f"{on.date} is after today ({today}); report what has happened", f"{field}/date")


def one_of(organisation: str, known: Collection[str], what: str, field: str = "/by") -> Iterator[Fault]:
    """The organisation is one of those that may act so here."""
    if organisation not in known:
        listed = ", ".join(known) or "none"
        yield Fault("not-its-act", f"{organisation} is no {what} here (known: {listed}); amend the terms first", field)


def instant(moment: Moment) -> datetime:
    """The time of a moment that has one; raises ValueError for a day."""
    if moment.at is None:
        raise ValueError(f"{moment.date} is a day, no time")
    return datetime.fromisoformat(moment.at)


def has_passed(due: Moment, now: datetime) -> bool:
    """Whether a due moment is over: a time at once, a day when it has ended in its zone (in Japan without one)."""
    if due.at is not None:
        return now > instant(due)
    return day_in(due.zone, now) > last_day(due.date)


def is_before(one: Moment, other: Moment) -> bool:
    """Whether it certainly is: by the times where both have one, else by the days that they can mean."""
    if one.at is not None and other.at is not None:
        return instant(one) < instant(other)
    return last_day(one.date) < first_day(other.date)


def day_of(moment: Moment) -> date:
    """The first day that it can mean: by it, the tables are looked up."""
    return first_day(moment.date)


def fields_of(command: Command, *without: str) -> dict[str, Any]:
    """The fields of a command, for the event that has the same fields."""
    left_out = {"reason", "occurred_at", "by", *without}
    return {name: getattr(command, name) for name in type(command).model_fields if name not in left_out}
