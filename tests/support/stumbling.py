"""Programs that stumble, as older ones do, which can't show some of today's events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from events.event import Event
from projections.base.table import Put
from projections.base.view import Evolve, View
from projections.catalogue import PROGRAM
from projections.engine.program import Program
from projections.trial.document import Document, evolve

POISON = "毒"
"""The programs stumble at an event with this text, and at a document with it."""


THORN = "棘"
"""Only the search of one of them stumbles at this text."""
OF_A_TRIAL = ("record", "history", "search")
"""The views that may show an event of a trial: an event that can't be shown is set aside for these alone."""


def view_of(program: Program, name: str) -> View:
    return next(view for view in program.views if view.name == name)


def with_view(program: Program, name: str, **changes: Any) -> Program:
    """The program with one view changed."""
    views = tuple(replace(view, **changes) if view.name == name else view for view in program.views)
    return replace(program, views=views)


def folding_with(program: Program, evolve: Evolve) -> Program:
    """The program with another fold of trials."""
    return with_view(program, "record", documents=replace(program.documents["trial"], evolve=evolve))


def evolve_or_stumble(document: Document | None, event: Event) -> Document:
    if POISON in str(event.record.data):
        raise KeyError(f"what it says is not to be told: {event.record.data}")
    return evolve(document, event)


@dataclass(frozen=True)
class Spoiled:
    """Implements Project: a view of ours whose rows are spoiled where they are poisoned."""

    view: str
    spoil: Callable[[Put], Put]
    mark: str = POISON

    def __call__(self, event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
        for put in view_of(PROGRAM, self.view).project(event, before, after):
            yield self.spoil(put) if self.mark in str((event.record.data, after)) else put


def _stumble(put: Put) -> Put:
    raise ZeroDivisionError(f"what it says is not to be told: {put.rows}")


@dataclass(frozen=True)
class Column:
    """Puts a value into a column of the rows that have it."""

    name: str
    value: Any

    def __call__(self, put: Put) -> Put:
        if self.name not in put.table.columns:
            return put
        at = put.table.columns.index(self.name)
        return replace(put, rows=tuple((*row[:at], self.value, *row[at + 1 :]) for row in put.rows))


TOO_LONG = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(3_000))
"""An identifier that an index of PostgreSQL can't hold."""
SPOILS: dict[str, tuple[str, Callable[[Put], Put]]] = {
    "search stumbles": ("search", _stumble),
    "search has no status": ("search", Column("authorisation", None)),
    "search has a character that no text holds": ("search", Column("phase", "2\0")),
    "search has a date that is none": ("search", Column("first_enrolment", "[2026-02-30,]")),
    "search has half of a pair": ("search", Column("phase", "\ud800")),
    "record stumbles": ("record", _stumble),
    "record has a number that no index holds": ("record", Column("known", [TOO_LONG])),
    "record has no document": ("record", Column("document", None)),
    "history stumbles": ("history", _stumble),
    "history has no JSON": ("history", Column("data", "{")),
}
"""By what goes wrong: the view, and what becomes of its rows."""

CLUMSY = replace(folding_with(PROGRAM, evolve_or_stumble), name="clumsy")
"""Can't fold a poisoned event."""
OLDER = replace(
    with_view(CLUMSY, "search", project=Spoiled("search", Column("authorisation", None), THORN)), name="older"
)
"""Can't fold the one, and knows no status of the other."""


def spoiled(what: str) -> Program:
    """The program that spoils what one view gets of a poisoned event."""
    view, spoil = SPOILS[what]
    return replace(with_view(PROGRAM, view, project=Spoiled(view, spoil)), name=what)
