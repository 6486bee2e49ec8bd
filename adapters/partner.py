"""A partner: a registry whose records come in here, or that receives ours, described in one place in its folder."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from adapters.exporting import ExportReport, Outgoing
from adapters.reading import Parsed, Refused
from events.identifiers.registries import named

Parse: TypeAlias = Callable[[Iterable[bytes], str], Iterator[Parsed | Refused]]
"""(chunks of a document, its name for people) to its records in order. Raises nothing, whatever the bytes."""
Write: TypeAlias = Callable[[Outgoing, BinaryIO, Callable[[int], None]], Awaitable[ExportReport]]
"""Writes an export to a file, and reports the number of trials examined. If it raises, the file is incomplete."""


@dataclass(frozen=True, slots=True)
class Source:
    """How a partner's records come in."""

    parse: Parse
    media_type: str
    """The media type of one record as it came."""
    signs: tuple[bytes, ...]
    """The beginning of a file of this source contains one of these, and that of no other source does."""

    def begins(self, head: bytes) -> bool:
        """Whether a file with this beginning is of this source."""
        return any(sign in head for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Target:
    """How our records go out to a partner."""

    write: Write
    file: str
    """The name of the file if the operator gives none."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner. At least one of `source` and `target` is given."""

    name: str
    """Its name on the command line and in the receipts of imports: it is in the log, and never changes."""
    registry: str
    """Its code in `events.identifiers.registries`, which has its names for people and the addresses of its records."""
    source: Source | None = None
    target: Target | None = None

    def called(self, language: str) -> str:
        """Its name for people, in Japanese (`ja`) or English (`en`)."""
        return named(self.registry, language)
