"""Exports to partners in any format: their content, and the report of each."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeAlias

from events.schemas.parties import Person
from events.schemas.values import Sealed

OpenPersons: TypeAlias = Callable[[str, Sequence[Sealed]], Awaitable[Sequence[Person | None]]]
"""From a trial's id and its sealed persons to each opened, in the same order; None if it can't be opened."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The registry that sends: its name at the partner, the address that a trial's number is appended to, the day."""

    registry: str
    trials: str
    today: date
    """The day of the export. A trial whose recruitment nobody has confirmed for long is not sent as recruiting."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The content of an export."""

    sender: Sender
    documents: AsyncIterator[Mapping[str, Any]]
    """The documents of all trials, whether they are sent or not; persons are sealed."""
    open_persons: OpenPersons


@dataclass(frozen=True, slots=True)
class Gap:
    """One item of one trial that was sent empty, or differently from its registration."""

    trial: str
    """The registration number."""
    item: str
    """Number of the TRDS item and the partner's name of it: `16 date_enrolment`."""
    what: str


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A trial that breaks a rule of the partner, and the rules."""

    trial: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """The trials sent, the items of them that could not be filled, and the trials not sent."""

    written: int
    unnumbered: int
    """Trials of ours passed over: without a number yet, as drafts are."""
    elsewhere: int
    """Trials passed over: registered at another registry."""
    gaps: tuple[Gap, ...]
    not_written: tuple[NotWritten, ...]
    no_element: Mapping[str, int]
    """Values of the written trials that no element of the partner's takes, by field."""

    def to_json(self) -> dict[str, Any]:
        """The report as printed with --json."""
        return asdict(self) | {"no_element": dict(sorted(self.no_element.items()))}

    def gaps_by_item(self) -> list[dict[str, Any]]:
        """The gaps counted by item and by the missing value."""
        counted = Counter((gap.item, gap.what) for gap in self.gaps)
        return [{"item": item, "what": what, "trials": number} for (item, what), number in sorted(counted.items())]
