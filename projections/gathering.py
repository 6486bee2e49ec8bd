"""The fold of a batch: documents after its events, and the rows that the views get from them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Final, TypeAlias

from events.event import Event
from projections.document import STREAM, Document, evolve
from projections.history.project import HISTORY
from projections.history.project import project as project_history
from projections.record.project import RECORD
from projections.record.project import project as project_record
from projections.search.project import PAST, SEARCH, SHOWN, WORDS
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
TABLES: Final = (RECORD, HISTORY, SITE, WORDS, SHOWN, SEARCH, PAST)
"""In the order in which statements touch them, so that a swap and a reader never wait for each other."""

Gathered: TypeAlias = dict[Table, dict[Key, tuple[Row, ...]]]
"""The rows of a batch, by table and key; a later row of a key takes the place of an earlier one."""


def trials_of(events: Iterable[Event]) -> set[str]:
    """The ids of the trials that the events are of."""
    streams = (event.record.subject for event in events)
    return {stream.removeprefix(STREAM) for stream in streams if stream.startswith(STREAM)}


def gather(events: Iterable[Event], documents: MutableMapping[str, Document], views: Iterable[str]) -> Gathered:
    """The rows that the events put into the views. `documents`, by trial, holds what was before, then what is after."""
    projects = [VIEWS[name] for name in views]
    gathered: Gathered = {}
    for event in events:
        before = after = None
        if event.record.subject.startswith(STREAM):
            trial = event.record.subject.removeprefix(STREAM)
            before = documents.get(trial)
            after = documents[trial] = evolve(before, event)
        for project in projects:
            for put in project(event, before, after):
                gathered.setdefault(put.table, {})[put.key] = put.rows
    return gathered
