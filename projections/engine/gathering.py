"""The fold of a batch: documents after its events, and the rows that the views get from them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from events.event import Event
from projections.base.table import Key, Put, Row, Table
from projections.engine.stumbling import Holds, Read, SetAside, Unread, event_in, hold, reason_of
from projections.trial.document import STREAM, Document, evolve
from projections.views.history.project import HISTORY
from projections.views.history.project import project as project_history
from projections.views.record.project import RECORD
from projections.views.record.project import project as project_record
from projections.views.search.project import BESIDE, PAST, SEARCH, SHOWN, WORDS
from projections.views.search.project import project as project_search
from projections.views.sites.project import SITE
from projections.views.sites.project import project as project_sites

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


@dataclass(frozen=True, slots=True)
class Program:
    """What makes rows of events. `name` tells it from another; where it is empty, it is the one that is installed."""

    evolve: Callable[[Document | None, Event], Document]
    views: Mapping[str, Project]
    name: str = ""


PROGRAM: Final = Program(evolve, dict(VIEWS))

Rows: TypeAlias = dict[Table, dict[Key, tuple[Row, ...]]]
"""The rows of a batch, by table and key; a later row of a key takes the place of an earlier one."""
Shown: TypeAlias = Callable[[str, Event], bool]
"""Whether a view shows an event already."""


class OutOfOrder(ValueError):
    """An event does not follow what is known of its trial: folded, it would make a wrong document."""


class Gathered(NamedTuple):
    """What a batch gives to the views, and what they could not take of it."""

    rows: Rows
    aside: list[SetAside]


class Step(NamedTuple):
    """An event, with the trial's documents before and after it."""

    event: Event
    before: Document | None
    after: Document | None


def base_of(views: Collection[str]) -> str:
    """The view without which no other takes an event: what can't be in the history is nowhere."""
    return HISTORY.view if HISTORY.view in views else RECORD.view


def trials_of(events: Iterable[Read]) -> set[str]:
    """The ids of the trials that the events are of."""
    streams = (event_in(event).record.subject for event in events)
    return {stream.removeprefix(STREAM) for stream in streams if stream.startswith(STREAM)}


def nowhere(view: str, event: Event) -> bool:
    """No view shows the event yet."""
    del view, event
    return False


def gather(
    events: Iterable[Read],
    documents: MutableMapping[str, Document],
    views: Collection[str],
    *,
    holds: Holds | None = None,
    program: Program = PROGRAM,
    shown: Shown = nowhere,
) -> Gathered:
    """The rows that the events put into the views. `documents`, by trial, holds what was before, then what is after.

    An event that can't be folded, or that a view can't show, is set aside, and what comes after it in its stream waits
    behind it. `holds` are those that hold up others already; new ones are added.
    """
    gathering = _Gathering(documents, views, {} if holds is None else holds, program, shown)
    for event in events:
        gathering.take(event)
    gathering.finish()
    return Gathered(gathering.rows, gathering.aside)


class _Gathering:
    def __init__(
        self,
        documents: MutableMapping[str, Document],
        views: Collection[str],
        holds: Holds,
        program: Program,
        shown: Shown,
    ) -> None:
        self.rows: Rows = {}
        self.aside: list[SetAside] = []
        self._documents, self._holds, self._program, self._shown = documents, holds, program, shown
        self._views = [name for name in VIEWS if name in views]
        self._base = base_of(views)
        self._of_each = [name for name in self._views if name not in LATEST]
        self._of_latest = [name for name in self._views if name in LATEST]
        # What history can't take, no other view may have taken.
        self._of_each.sort(key=lambda name: name != self._base)
        self._steps: dict[str, list[Step]] = {}

    def take(self, one: Read) -> None:
        event = event_in(one)
        if self._held(self._base, event):
            self._set_aside(event, self._views, cause=self._holds[event.record.subject][self._base])
        elif isinstance(one, Unread):
            self._set_aside(event, self._views, one.reason)
        else:
            self._fold(event)

    def _fold(self, event: Event) -> None:
        try:
            step = self._step(event)
        except Exception as fault:
            self._set_aside(event, self._views, reason_of(fault))
            return
        for view in self._of_each:
            self._show(view, step)
            if self._held(self._base, event):
                others = [name for name in self._views if name != self._base]
                self._set_aside(event, others, self.aside[-1].reason)
                return
        if step.after is not None:
            self._documents[step.after["trial"]] = step.after
            self._steps.setdefault(event.record.subject, []).append(step)

    def _step(self, event: Event) -> Step:
        if not event.record.subject.startswith(STREAM):
            return Step(event, None, None)
        before = self._documents.get(event.record.subject.removeprefix(STREAM))
        if (before["version"] if before else 0) != event.version - 1:
            raise OutOfOrder(f"{event.position} does not follow the document")
        return Step(event, before, self._program.evolve(before, event))

    def finish(self) -> None:
        """Of the views that follow from the latest documents, only all events of a trial together matter."""
        for steps in self._steps.values():
            for view in self._of_latest:
                self._show_latest(view, steps)

    def _show_latest(self, view: str, steps: list[Step]) -> None:
        waiting = [step for step in steps if self._held(view, step.event)]
        # What is held is held to the end of the stream.
        free = [step for step in steps[: len(steps) - len(waiting)] if not self._shown(view, step.event)]
        try:
            if free:
                self._put(view, Step(free[-1].event, free[0].before, free[-1].after))
        except Exception as fault:
            reason_of(fault)
            for step in free:
                self._show(view, step)
        for step in waiting:
            self._set_aside(step.event, [view])

    def _show(self, view: str, step: Step) -> None:
        if self._held(view, step.event):
            self._set_aside(step.event, [view])
        elif not self._shown(view, step.event):
            try:
                self._put(view, step)
            except Exception as fault:
                self._set_aside(step.event, [view], reason_of(fault))

    def _put(self, view: str, step: Step) -> None:
        # All of them first: an event is in a view whole or not at all.
        for put in list(self._program.views[view](*step)):
            self.rows.setdefault(put.table, {})[put.key] = put.rows

    def _held(self, view: str, event: Event) -> bool:
        cause = self._holds.get(event.record.subject, {}).get(view)
        return cause is not None and cause <= event.position.offset

    def _set_aside(self, event: Event, views: Collection[str], reason: str = "", cause: int | None = None) -> None:
        lacking = [view for view in views if not self._shown(view, event)]
        self.aside += hold(self._holds, event, lacking, reason, cause)
