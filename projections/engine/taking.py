"""Writing events of which some can't be shown: those are found and set aside, and all others are written."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final, TypedDict

import psycopg
import structlog

from events.event import Event
from projections.base.connecting import Connection
from projections.engine.gathering import PROGRAM, Program, Rows, Shown, base_of, gather, nowhere, trials_of
from projections.engine.stumbling import Holds, Read, SetAside, event_in, hold, reason_of
from projections.engine.writing import load, write
from projections.trial.document import Document, stream_of
from projections.views.history import store as history
from projections.views.history.project import HISTORY
from projections.views.record.project import RECORD

log = structlog.get_logger()

OF_THE_ROW: Final = ("22", "23", "54")
"""Classes of PostgreSQL's codes that a row meets at every attempt: data, constraints, and limits of the program.

All others may pass: a lost connection, a full disk, a lock, a shutdown, no memory. An internal error (XX) is one of
these, too: it may be a damaged index, and then every event would be set aside.
"""
OF_THE_VALUE: Final = (ValueError, TypeError, OverflowError)
"""What the client raises where it can't send a value, as a text with half of a surrogate pair."""


def refused(fault: BaseException) -> bool:
    """Whether PostgreSQL, or the client of it, would refuse the same rows again."""
    if not isinstance(fault, psycopg.Error):
        return isinstance(fault, OF_THE_VALUE)
    if fault.sqlstate is None:
        return isinstance(fault, psycopg.DataError)
    return fault.sqlstate.startswith(OF_THE_ROW)


def tell(aside: Iterable[SetAside]) -> None:
    """A line in the log for each event and view, critical where the event itself could not be taken."""
    for one in aside:
        line = {"view": one.view, "position": str(one.position), "type": one.type, "version": one.version}
        if one.waits:
            log.warning("event_waits", behind=f"{one.position.partition}:{one.cause}", **line)
        else:
            log.critical("event_set_aside", reason=one.reason, **line)


async def documents_of(
    connection: Connection, trials: Iterable[str], holds: Holds, program: Program
) -> dict[str, Document]:
    """The documents that further events of the trials change.

    The record view holds them, or, where it could not take one, all events that lead to it are in the history.
    """
    # PostgreSQL can't even be asked for a name that no text holds.
    asked = {trial for trial in trials if "\0" not in trial}
    folded = {trial for trial in asked if RECORD.view in holds.get(stream_of(trial), {})}
    documents = await load(connection, asked - folded)
    for trial in folded:
        if HISTORY.view not in holds[stream_of(trial)]:
            rows = await history.read(connection, stream_of(trial), None)
            # Where they can't be folded there is no document, and the next event is set aside for that.
            with suppress(Exception):
                documents[trial] = fold(program, [row.event for row in rows])
    return documents


def fold(program: Program, events: Sequence[Event], document: Document | None = None) -> Document:
    """The document after the events; raises LookupError where there is none."""
    for event in events:
        document = program.evolve(document, event)
    if document is None:
        raise LookupError("there is no event")
    return document


class Given(TypedDict):
    """What every gathering of a taking is given."""

    holds: Holds
    program: Program
    shown: Shown


class Taking:
    """Writes events in a transaction that the caller began, halving what is refused until it is one stream's.

    A stream that is refused is written event by event and view by view, so that each view shows what it can.
    """

    def __init__(
        self,
        connection: Connection,
        views: Sequence[str],
        holds: Holds,
        program: Program = PROGRAM,
        *,
        shown: Shown = nowhere,
        documents: dict[str, Document] | None = None,
    ) -> None:
        """`documents`: what is known before the first event, where that is not what the views hold."""
        self._connection, self._views, self._holds = connection, views, holds
        self._program, self._shown, self._documents = program, shown, documents
        self._given: Given = {"holds": holds, "program": program, "shown": shown}

    async def take(self, events: Sequence[Read]) -> list[SetAside]:
        """Writes the events' rows and returns what was set aside. Raises what may pass, with nothing written."""
        streams: dict[str, list[Read]] = {}
        for event in events:
            streams.setdefault(event_in(event).record.subject, []).append(event)
        return await self._take(list(streams.values())) if streams else []

    async def _take(self, streams: list[list[Read]]) -> list[SetAside]:
        before = {name: dict(self._holds.get(name, {})) for name in map(_name, streams)}
        known = None if self._documents is None else dict(self._documents)
        try:
            async with self._connection.transaction():
                return await self._write(list(chain.from_iterable(streams)))
        except Exception as fault:
            if not refused(fault):
                raise
        self._holds |= before
        self._documents = known
        if len(streams) > 1:
            middle = len(streams) // 2
            return [*await self._take(streams[:middle]), *await self._take(streams[middle:])]
        return [one for event in streams[0] for one in await self._take_one(event)]

    async def _write(self, events: list[Read]) -> list[SetAside]:
        documents = await self._known(events)
        gathered = gather(events, documents, self._views, **self._given)
        await write(self._connection, gathered.rows)
        return gathered.aside

    async def _take_one(self, one: Read) -> list[SetAside]:
        documents = await self._known([one])
        rows, aside = gather([one], documents, self._views, **self._given)
        event, base = event_in(one), base_of(self._views)
        for view in sorted(self._views, key=lambda name: name != base):  # base first
            reason = await self._refusal({table: of for table, of in rows.items() if table.view == view})
            if reason and view == base:
                told = {each.view for each in aside}
                others = [name for name in self._views if name not in told and not self._shown(name, event)]
                return [*aside, *hold(self._holds, event, others, reason)]
            if reason:
                aside += hold(self._holds, event, [view], reason)
        return aside

    async def _known(self, events: Sequence[Read]) -> dict[str, Document]:
        if self._documents is not None:
            return self._documents
        return await documents_of(self._connection, trials_of(events), self._holds, self._program)

    async def _refusal(self, rows: Rows) -> str:
        """Why PostgreSQL refuses the rows; empty where they are written."""
        try:
            async with self._connection.transaction():
                await write(self._connection, rows)
        except Exception as fault:
            if not refused(fault):
                raise
            return reason_of(fault)
        return ""


def _name(events: Sequence[Read]) -> str:
    return event_in(events[0]).record.subject
