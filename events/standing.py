"""How followers of the log stand: how far each has come, how far it is behind, and what it fails at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a follower stands: its next offsets, when the latest record that it handled was recorded, and its trouble."""

    follower: str
    next_offsets: Mapping[int, int]
    recorded: datetime | None = None
    trouble: str = ""
    """The work that fails; empty if all is well."""
    since: datetime | None = None
    """Since when it fails at that."""


def lag(next_offsets: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, int]:
    """By partition, the records that a follower at these next offsets has still to handle.

    Below zero where it has handled more than the log holds: the log is another one, or has lost records. Ask for the
    ends after the offsets, or what came in between is missing from them.
    """
    return {partition: end - next_offsets.get(partition, 0) for partition, end in ends.items()}
