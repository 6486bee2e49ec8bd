"""The fold of a batch: documents after its events, and the rows that the views get from them."""

from collections.abc import Callable, Collection, Iterable, MutableMapping, Sequence
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from events.event import Event
from projections.base.table import Key, Row, Table
from projections.base.view import Document, View
from projections.engine.program import Program, category_of
from projections.engine.stumbling import Holds, Read, SetAside, Unread, event_in, hold, reason_of

Rows: TypeAlias = dict[Table, dict[Key, tuple[Row, ...]]]
"""The rows of a batch, by table and key; a later row of a key takes the place of an earlier one."""
Shown: TypeAlias = Callable[[str, Event], bool]
"""Whether a view shows an event already."""


class OutOfOrder(ValueError):
    """An event does not follow what is known of its stream: folded, it would make a wrong document."""


class Gathered(NamedTuple):
    """The rows of a batch for the views, and the events that they could not take."""

    rows: Rows
    aside: list[SetAside]


class Step(NamedTuple):
    """An event, with the documents of its stream before and after it."""

    event: Event
    before: Document | None
    after: Document | None


def streams_of(events: Iterable[Read], program: Program) -> set[str]:
    """The streams of the events that have documents."""
    return {stream for stream in {event_in(event).record.subject for event in events} if program.documents_of(stream)}


def nowhere(view: str, event: Event) -> bool:
    """No view shows the event yet."""
    del view, event
    return False


def gather(
    events: Iterable[Read],
    documents: MutableMapping[str, Document],
    program: Program,
    *,
    holds: Holds | None = None,
    shown: Shown = nowhere,
) -> Gathered:
    """The rows that the events put into the views. `documents`, by stream, holds what was before, then what is after.

    An event that can't be folded, or that a view can't show, is set aside, and what comes after it in its stream waits
    behind it. `holds` are those that hold up others already; new ones are added.
    """
    gathering = _Gathering(documents, program, {} if holds is None else holds, shown)
    for event in events:
        gathering.take(event)
    gathering.finish()
    return Gathered(gathering.rows, gathering.aside)


def _reading(views: Sequence[View], category: str, *, latest: bool) -> list[View]:
    """The views that read events of a category: of each event, or of the latest documents."""
    return [view for view in views if view.latest is latest and view.category in (None, category)]


class _Gathering:
    def __init__(self, documents: MutableMapping[str, Document], program: Program, holds: Holds, shown: Shown) -> None:
        self.rows: Rows = {}
        self.aside: list[SetAside] = []
        self._documents, self._holds, self._shown = documents, holds, shown
        self._documents_of, self._base_of = cache(program.documents_of), cache(program.base_of)
        self._showing = cache(program.showing)
        # If history can't take an event, no other view may have taken it.
        # Not a method of its own: in that cycle the rows of a batch would stay until the collector looks for cycles,
        # which it does seldom (registry.process.cycles).
        self._views_of = cache(partial(_reading, sorted(program.views, key=_after_the_base)))
        self._steps: dict[str, list[Step]] = {}

    def take(self, one: Read) -> None:
        event = event_in(one)
        base = self._base_of(event.record.subject)
        if base and self._waits(base.name, event):
            cause = self._holds[event.record.subject][base.name]
            self._set_aside(event, self._showing(event.record.subject), cause=cause)
        elif isinstance(one, Unread):
            self._set_aside(event, self._showing(event.record.subject), one.reason)
        else:
            self._fold(event, base)

    def _fold(self, event: Event, base: View | None) -> None:
        try:
            step = self._step(event)
        except Exception as fault:
            self._set_aside(event, self._showing(event.record.subject), reason_of(fault))
            return
        for view in self._views_of(category_of(event.record.subject), latest=False):
            self._show(view, step)
            if base and self._waits(base.name, event):
                others = [name for name in self._showing(event.record.subject) if name != base.name]
                self._set_aside(event, others, self.aside[-1].reason)
                return
        if step.after is not None:
            self._documents[event.record.subject] = step.after
            self._steps.setdefault(event.record.subject, []).append(step)

    def _step(self, event: Event) -> Step:
        documents = self._documents_of(event.record.subject)
        if documents is None:
            return Step(event, None, None)
        before = self._documents.get(event.record.subject)
        if (before["version"] if before else 0) != event.version - 1:
            raise OutOfOrder(f"{event.position} does not follow the document")
        return Step(event, before, documents.evolve(before, event))

    def finish(self) -> None:
        """For views that follow from the latest documents, only all events of a stream together matter."""
        for stream, steps in self._steps.items():
            for view in self._views_of(category_of(stream), latest=True):
                self._show_latest(view, steps)

    def _show_latest(self, view: View, steps: list[Step]) -> None:
        waiting = [step for step in steps if self._waits(view.name, step.event)]
        # A stream that is held up in a view is held up to its end.
        free = [step for step in steps[: len(steps) - len(waiting)] if not self._shown(view.name, step.event)]
        try:
            if free:
                self._put(view, Step(free[-1].event, free[0].before, free[-1].after))
        except Exception as fault:
            reason_of(fault)
            for step in free:
                self._show(view, step)
        for step in waiting:
            self._set_aside(step.event, [view.name])

    def _show(self, view: View, step: Step) -> None:
        if self._waits(view.name, step.event):
            self._set_aside(step.event, [view.name])
        elif not self._shown(view.name, step.event):
            try:
                self._put(view, step)
            except Exception as fault:
                self._set_aside(step.event, [view.name], reason_of(fault))

    def _put(self, view: View, step: Step) -> None:
        # All of them first: an event is in a view whole or not at all.
        for put in list(view.project(*step)):
            self.rows.setdefault(put.table, {})[put.key] = put.rows

    def _waits(self, view: str, event: Event) -> bool:
        cause = self._holds.get(event.record.subject, {}).get(view)
        return cause is not None and cause <= event.position.offset

    def _set_aside(self, event: Event, views: Collection[str], reason: str = "", cause: int | None = None) -> None:
        lacking = [view for view in views if not self._shown(view, event)]
        self.aside += hold(self._holds, event, lacking, reason, cause)


def _after_the_base(view: View) -> tuple[bool, bool]:
    return view.event_of is None, view.documents is None
