"""The findings of a check of the log: counts and faults."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from events.record import Position

MOST_LISTED: Final = 1_000
"""Faults that are listed one by one; all are counted."""


class Kind(StrEnum):
    """The kinds of faults. docs/operations/checking.md gives the meaning and the remedy of each."""

    GAP = "records-missing"
    FOUNDING = "not-founded"
    PARTITION = "wrong-partition"
    ORIGIN = "another-logs"
    ORDER = "out-of-order"
    REPEATED = "key-used-twice"
    UNREADABLE = "unreadable"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_DAMAGED = "document-damaged"
    DOCUMENT_KEY = "document-key-missing"
    KEY_MISSING = "key-missing"
    KEY_WRONG = "key-does-not-open"
    KEY_LEFT = "key-not-destroyed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, its place, and the detail. Contains no personal data."""

    kind: Kind
    at: str
    detail: str


@dataclass(slots=True)
class Findings:
    """Counts by name, in the order in which they are printed, and faults."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    by_kind: Counter[Kind] = field(default_factory=Counter)

    def fault(self, kind: Kind, at: Position | str, detail: str) -> None:
        """Notes a fault; beyond MOST_LISTED it is only counted."""
        self.by_kind[kind] += 1
        if len(self.faults) < MOST_LISTED:
            self.faults.append(Fault(kind, str(at), detail))

    @property
    def whole(self) -> bool:
        """Whether there is no fault."""
        return not self.by_kind

    def report(self) -> dict[str, Any]:
        """As JSON: `whole`, `counts`, `faults` by kind, and the first of them one by one."""
        return {
            "whole": self.whole,
            "counts": dict(self.counts),
            "faults": {kind.value: count for kind, count in self.by_kind.items()},
            "first": [{"kind": one.kind.value, "at": one.at, "detail": one.detail} for one in self.faults],
        }
