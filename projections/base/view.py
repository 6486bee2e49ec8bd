"""The declaration of a view: all that the engine knows of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from events.event import Event
from projections.base.table import Put, Row, Table

Document: TypeAlias = dict[str, Any]
"""The fold of a stream's events: a JSON object with the `version` of the last. An absent key means unknown."""
Evolve: TypeAlias = Callable[[Document | None, Event], Document]
"""The document after an event; the one before is left as it was."""
Project: TypeAlias = Callable[[Event, Document | None, Document | None], Iterator[Put]]
"""The pure middle of a view: what one event puts into its tables.

It gets the documents of the event's stream before and after; both are None where no view keeps any of its category.
"""
EventOf: TypeAlias = Callable[[Row], Event]
"""The event that a row of a table, in the order of its columns, is."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of the streams of a view's category, each kept in a row of a table.

    The first column of the table's key is the stream's id within the category, its column `document` the JSON.
    """

    evolve: Evolve
    table: Table


@dataclass(frozen=True, slots=True)
class View:
    """A view. `package` is its folder, with `tables.sql` and, where it has any, `indexes.sql`.

    `category`: that of the streams whose events it reads, as `trial`; without one, it reads those of all streams.
    `tables` are in the order in which statements touch them, so that a swap and a reader never wait for each other.
    `latest`: its rows follow from the latest documents alone, so that of many events of a stream only all together
    matter, and a rebuild writes each row once. Its rows as of a moment are made from the documents folded up to it.
    `documents`: it keeps the documents of its category, of which those after the next events are made.
    `event_of`: it shows every event, of whatever stream, in a row of its only table, from which the event can be read
    again. An event that can't be in it is in no other view.
    """

    name: str
    package: str
    project: Project
    tables: tuple[Table, ...]
    category: str | None = None
    latest: bool = False
    documents: Documents | None = None
    event_of: EventOf | None = None
