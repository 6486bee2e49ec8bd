"""The places of the parts of documents in the log: an index made from the log and unknown to events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from events.record import Position


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a document: the `part`th of `parts`, from 0. Digests are SHA-256 in hexadecimal."""

    document: str
    """The digest of the bytes that the partner sent."""
    whole: str
    """The digest of all parts together, sealed. A document that was stored twice may be sealed in other bytes."""
    part: int
    parts: int
    position: Position


class Places(Protocol):
    """The index. Its entries may be wrong or missing, and are checked against the log."""

    async def add(self, parts: Sequence[Part]) -> None:
        """Adds parts; of one that stands in the log twice, the first place counts."""
        ...

    async def find(self, document: str) -> list[Part]:
        """The parts of a document, in the order of the log."""
        ...

    async def reached(self, partition: int) -> int:
        """The offset up to which the partition was read for parts."""
        ...

    async def reach(self, partition: int, next_offset: int) -> None:
        """Notes that the partition was read up to an offset; one that lies before what was noted changes nothing."""
        ...

    async def clear(self) -> None:
        """Forgets all: the index is another log's."""
        ...
