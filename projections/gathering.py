"""The fold of a batch: documents after its events, and the rows that the views get from them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Final, TypeAlias

from events.event import Event
from projections.document import STREAM, Document, evolve
from projections.history.project import HISTORY
from projections.history.project import project as project_history
from projections.record.project import RECORD
from projections.record.project import project as project_record
from projections.search.project import BESIDE, PAST, SEARCH, SHOWN, WORDS
from projections.search.project import project as project_search
from projections.sites.project import SITE
from projections.sites.project import project as project_sites
from projections.table import Key, Put, Row, Table

Project: TypeAlias = Callable[[Event, Document | None, Document | None], Iterator[Put]]
"""The pure middle of a view: what one event puts into its tables.

It gets the trial's documents before and after the event; both are None for events of other streams.
"""

VIEWS: Final[Mapping[str, Project]] = MappingProxyType(
    {"record": project_record, "history": project_history, "sites": project_sites, "search": project_search}
)
TABLES: Final = (RECORD, HISTORY, SITE, WORDS, BESIDE, SHOWN, SEARCH, PAST)
"""In the order in which statements touch them, so that a swap and a reader never wait for each other."""

LATEST: Final = frozenset(table.view for table in TABLES if table.latest)
"""Views whose rows follow from the latest documents alone: of many events of a trial, only all together matter."""

Gathered: TypeAlias = dict[Table, dict[Key, tuple[Row, ...]]]
"""The rows of a batch, by table and key; a later row of a key takes the place of an earlier one."""


def trials_of(events: Iterable[Event]) -> set[str]:
    """The ids of the trials that the events are of."""
    streams = (event.record.subject for event in events)
    return {stream.removeprefix(STREAM) for stream in streams if stream.startswith(STREAM)}


def gather(events: Iterable[Event], documents: MutableMapping[str, Document], views: Collection[str]) -> Gathered:
    """The rows that the events put into the views. `documents`, by trial, holds what was before, then what is after."""
    of_each = [VIEWS[name] for name in views if name not in LATEST]
    of_latest = [VIEWS[name] for name in views if name in LATEST]
    gathered: Gathered = {}
    known: dict[str, Document | None] = {}
    last: dict[str, Event] = {}
    for event in events:
        before = after = None
        if event.record.subject.startswith(STREAM):
            trial = event.record.subject.removeprefix(STREAM)
            before = documents.get(trial)
            after = documents[trial] = evolve(before, event)
            known.setdefault(trial, before)
            last[trial] = event
        _put(gathered, of_each, event, before, after)
    for trial, event in last.items():
        _put(gathered, of_latest, event, known[trial], documents[trial])
    return gathered


def _put(
    gathered: Gathered, projects: Iterable[Project], event: Event, before: Document | None, after: Document | None
) -> None:
    for project in projects:
        for put in project(event, before, after):
            gathered.setdefault(put.table, {})[put.key] = put.rows
