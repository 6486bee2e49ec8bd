"""The parts of a view: tables, and the rows that an event puts into them."""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[Any, ...]

SINCE: Final = ("since", "since_offset")
"""Columns of an entry that say when it begins: the time at which its event was recorded, and the event's offset."""
UNTIL: Final = ("until", "until_offset")
"""Columns of an entry of the past that say when the next begins."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a view. Its name tells it from all others.

    `key`: the columns of its primary key, by which a dump is ordered. `replaced`: before rows are written, all rows
    that agree with them in the first column of the key are deleted; of other tables no key is written twice.
    `past`: the table holds entries, each until another of the same first column of the key follows; then it moves to
    this table, which has all columns of the entries and UNTIL. The key of entries is a name and a version.
    """

    name: str
    columns: tuple[str, ...] = field(compare=False)
    key: tuple[str, ...] = field(compare=False)
    replaced: bool = field(default=False, compare=False)
    past: "Table | None" = field(default=None, compare=False)

    def ended(self, entry: Row, following: Row) -> Row:
        """The row that an entry has in the past, once another follows it."""
        return (*entry, *(following[self.columns.index(name)] for name in SINCE))


@dataclass(frozen=True, slots=True)
class Put:
    """Rows for a table. They take the place of what was put under the same key; each row begins with the key."""

    table: Table
    key: Key
    rows: tuple[Row, ...]
