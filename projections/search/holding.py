"""Conditions for the entries that were in force at a moment, or at the positions that a cursor names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tantivy import Query

from projections.search import shape
from projections.search.queries import Fields, all_of, any_of, none_of, only


@dataclass(frozen=True, slots=True)
class Latest:
    """All that the index holds."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """The index as it was when it held all records below these next offsets and no others."""

    positions: Mapping[int, int]

    def since(self, offsets: Mapping[int, int]) -> Mapping[int, int]:
        """The next offsets of those partitions of which the index holds more by now."""
        return {
            partition: self.positions.get(partition, 0)
            for partition, offset in offsets.items()
            if offset > self.positions.get(partition, 0)
        }


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records up to a moment, in milliseconds since 1970; None if there were none.

    Of a `position`, a partition with an offset, that partition is asked by the offset, the others by the moment.
    """

    moment: int | None
    position: tuple[int, int] | None = None


When = Latest | Pinned | Recorded


def holding(fields: Fields, when: When, offsets: Mapping[int, int]) -> Iterator[tuple[str, list[Query]]]:
    """The states that entries may be in, each with conditions that its documents have to meet.

    `offsets`: next offsets up to which the index has come.
    """
    match when:
        case Latest():
            yield shape.NOW, []
        case Pinned() if not (moved := when.since(offsets)):
            yield shape.NOW, []
        case Pinned():
            begun_since = [fields.of_partition("since_key", partition, low) for partition, low in moved.items()]
            ended_since = [fields.of_partition("until_key", partition, low) for partition, low in moved.items()]
            yield shape.NOW, [only(none_of(begun_since))]
            yield shape.THEN, [only(none_of(begun_since)), only(any_of(ended_since))]
        case Recorded():
            begun, ended = _recorded(fields, when)
            yield shape.NOW, [only(begun)]
            yield shape.THEN, [only(begun), only(ended)]


def _recorded(fields: Fields, when: Recorded) -> tuple[Query, Query]:
    """The queries for entries that had begun, and for those that had not ended yet."""
    moment = -1 if when.moment is None else when.moment
    begun, lasting = fields.between("since", None, moment), fields.after("until", moment)
    if when.position is None:
        return begun, lasting
    partition, offset = when.position
    at, last = shape.key(partition, offset), shape.key(partition + 1, 0) - 1
    elsewhere = none_of([fields.of_partition("since_key", partition)])
    begun_there = fields.between("since_key", shape.key(partition, 0), at)
    lasting_there = fields.between("until_key", at + 1, last)
    return (
        any_of([begun_there, all_of([begun, elsewhere])]),
        any_of([lasting_there, all_of([lasting, elsewhere])]),
    )
