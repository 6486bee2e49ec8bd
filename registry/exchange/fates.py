"""The outcome of an import: of each registration, of all together, and its receipt."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from events.schemas.exchange import ImportFinished, NotCarried, Refusal
from events.schemas.wording import as_line

PLACE, IDENTIFIER, REASON = 500, 200, 4_000
"""Characters of a refusal that are kept; a broken file can give a reason of any length."""
FILES, FILE_NAME = 400, 200
"""Files that a receipt names, and characters of a name. With its losses, of 200 characters too, it is one record."""
NOTHING: Final = "(blank)"
"""Shown for a name without any printable character."""
REFUSALS_TOLD: Final = 1_000
"""Refusals that the summary lists; the log has all of them, and memory does not grow with them."""


class Carried(Protocol):
    """An adapter's counts over all records that it read."""

    @property
    def carried(self) -> int: ...
    def not_carried_by_path(self) -> tuple[NotCarried, ...]: ...


class Fate(StrEnum):
    """The outcome of one registration of an import."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older"
    """Older than its sender's earlier record: stored, and changes nothing."""
    REFUSED = "refused"


@dataclass(slots=True)
class Summary:
    """The totals of an import so far."""

    fates: Counter[Fate] = field(default_factory=Counter)
    adopted: int = 0
    restored: int = 0
    events: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The summary as printed with --json."""
        counts: dict[str, Any] = {"given": self.fates.total(), **{fate.value: self.fates[fate] for fate in Fate}}
        counts |= {"adopted": self.adopted, "restored": self.restored, "events": self.events}
        return {**counts, "refusals": [one.model_dump() for one in self.refusals]}

    def receipt(self, source: str, files: Iterable[str], values: Carried) -> ImportFinished:
        """The event that ends the import."""
        return ImportFinished(
            source=source,
            files=tuple(_named([*files])),
            given=self.fates.total(),
            new=self.fates[Fate.NEW],
            changed=self.fates[Fate.CHANGED],
            unchanged=self.fates[Fate.UNCHANGED],
            older=self.fates[Fate.OLDER] or None,
            refused=self.fates[Fate.REFUSED],
            adopted=self.adopted,
            restored=self.restored,
            events=self.events,
            carried=values.carried,
            not_carried=values.not_carried_by_path(),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one record: its place, its number, its trial here (none if it was refused), and the reason."""

    place: str
    number: str | None
    trial: str | None
    fate: Fate
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a line of a report."""
        content = {"place": self.place, "number": self.number, "trial": self.trial, "fate": self.fate.value}
        return {**content, "reason": self.reason}


def refusal(place: str, identifier: str | None, reason: str) -> Refusal:
    """The reason of a refusal, cut to the length that is kept."""
    return Refusal(
        place=as_line(place, PLACE) or NOTHING,
        identifier=as_line(identifier or "", IDENTIFIER) or None,
        reason=as_line(reason, REASON) or NOTHING,
    )


def _named(files: Sequence[str]) -> Iterator[str]:
    """The names of files for a receipt, and the number of those left out."""
    yield from (as_line(name, FILE_NAME) or NOTHING for name in files[:FILES])
    if len(files) > FILES:
        yield f"{len(files) - FILES} more"
