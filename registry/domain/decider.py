"""The shape of every aggregate: an initial state, `decide` and `evolve`, all pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from events.schemas.values import Identifier, Payload, SaidLine, Value
from events.schemas.zones import day_in

S = TypeVar("S")


EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""No event of a trial may have an earlier time. An earlier time is a clock that was never set, or a slip."""

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _of_written(value: Any) -> Any:
    """The time that a text writes. pydantic itself would take `20261101` for seconds since 1970."""
    if not isinstance(value, str):
        return value
    if not _TIME.fullmatch(value):
        raise ValueError("write a time with its offset, as 2026-11-22T09:30:00+09:00")
    return datetime.fromisoformat(value.upper())


def _within_years(moment: datetime) -> datetime:
    """The moment as it was sent, with its offset. The future is refused where a clock is at hand."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as fault:
        raise ValueError("this lies beyond the years 1 to 9999 in UTC") from fault
    if utc < EARLIEST:
        raise ValueError(f"this is before {EARLIEST.year}; give the time at which it occurred")
    return moment


OccurredAt: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_of_written), AfterValidator(_within_years)]
"""RFC 3339 with an offset, as the schema's `date-time` says."""


class Command(Value):
    """A request that something be recorded. Personal data in it is sealed before it is decided."""

    reason: SaidLine | None = None
    """Why. Required where a record changes what was said before."""
    occurred_at: Annotated[OccurredAt | None, Field(examples=["2026-11-22T09:30:00+09:00"])] = None
    """When it happened in the world, as the sender says and with the sender's offset; the log adds when it was
    recorded. Not before 1900, and not in the future."""

    @property
    def stands_for(self) -> str | None:
        """The organisation that it names. Only an actor that may act for all organisations may name another."""
        return None

    def to_content(self) -> Any:
        """The content that distinguishes commands, as JSON: a field set to null is not the same as an absent one."""
        return self.model_dump(mode="json", exclude_unset=True)


class Creating(Command):
    """Base of commands that begin an aggregate. Its id is the command's key."""

    owner: Identifier | None = None
    """The organisation that owns it; absent means the sender's own."""

    @property
    def stands_for(self) -> str | None:
        """An organisation that begins an aggregate begins its own."""
        return self.owner


@dataclass(frozen=True, slots=True)
class Context:
    """The facts that a decision may use besides state and command."""

    now: datetime
    """The node's clock, with its offset."""
    organisation: str
    number: str = ""
    """A registration number reserved for this decision, where it needs one."""

    @property
    def today(self) -> date:
        """The calendar date in Japan."""
        return self.today_in(None)

    def today_in(self, zone: str | None) -> date:
        """The calendar date in a zone; in Japan where none is given."""
        return day_in(zone, self.now)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason for a refusal: the rule by its name, what is wrong, and the field, as a JSON Pointer."""

    rule: str
    message: str
    field: str = ""
    days: tuple[str, ...] = ()
    """Partial dates that can't both be true: the one given, then the one that is known."""


class Rejection(Exception):
    """A refusal by the domain. It holds every fault found, not the first alone; safe to show to the sender."""

    def __init__(self, *faults: Fault):
        super().__init__("; ".join(f"{fault.rule}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """An aggregate. `decide` returns the one event that follows, or None where there is nothing to record.

    `decide` raises Rejection; `evolve` never refuses: events in the log have happened.
    """

    initial: S
    decide: Callable[[S, Command, Context], Payload | None]
    evolve: Callable[[S, Any], S]


def said_in_time(command: Command, latest: datetime) -> Iterator[Fault]:
    """Nothing can have occurred in the future. `latest`: now, plus the difference that clocks may have."""
    if command.occurred_at is not None and command.occurred_at > latest:
        message = f"{command.occurred_at.isoformat()} lies in the future; give the time at which it occurred"
        yield Fault("occurs-in-future", message, "/occurred_at")


def reject_if(faults: list[Fault]) -> None:
    """Raises Rejection with all faults, where there are any."""
    if faults:
        raise Rejection(*faults)
