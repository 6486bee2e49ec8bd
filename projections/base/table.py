"""What a view is made of: tables, and the rows that an event puts into them."""

from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a view. `latest`: its rows follow from the latest documents alone, so a rebuild writes each once."""

    view: str
    name: str
    columns: tuple[str, ...]
    latest: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """Rows for a table. They take the place of what was put under the same key; each row begins with the key."""

    table: Table
    key: Key
    rows: tuple[Row, ...]
