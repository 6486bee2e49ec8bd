"""The progress of an index, and its views: stored in the index, and replaced in the commit that it describes.

A commit of tantivy carries nothing else in Python. A mark that is read back after a commit is the commit's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from events.canonical import from_json, to_json


@dataclass(frozen=True, slots=True)
class Mark:
    """`positions`: next offsets by partition; `digests`: of the record before each.

    `views`: distinguishes these views from those of another program or rebuild. `stumbled`: streams of
    which they lack something, with the offset of the first event that they lack. `aside`: entries that the index could
    not take, by name, with the kind of error.
    """

    positions: Mapping[int, int]
    views: str
    digests: Mapping[int, str] = field(default_factory=dict)
    stumbled: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """As it is stored."""
        return to_json(
            {
                "positions": {str(partition): offset for partition, offset in self.positions.items()},
                "views": self.views,
                "digests": {str(partition): digest for partition, digest in self.digests.items()},
                "stumbled": dict(self.stumbled),
                "aside": dict(self.aside),
            }
        )

    @classmethod
    def read(cls, stored: bytes) -> Self:
        """Raises ValueError, KeyError or TypeError where it is no mark."""
        found: dict[str, Any] = from_json(stored)
        positions = {int(partition): int(offset) for partition, offset in found["positions"].items()}
        digests = {int(partition): str(digest) for partition, digest in found["digests"].items()}
        return cls(positions, str(found["views"]), digests, dict(found["stumbled"]), dict(found["aside"]))

    def includes(self, positions: Mapping[int, int]) -> bool:
        """Whether it holds all below these next offsets."""
        return all(self.positions.get(partition, 0) >= offset for partition, offset in positions.items())
