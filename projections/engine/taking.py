"""Writing events of which some can't be shown: those are found and set aside, and all others are written."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import psycopg
import structlog

from projections.base.connecting import Connection
from projections.base.view import Document
from projections.engine.gathering import Gathered, Rows, Shown, gather, nowhere, streams_of
from projections.engine.loading import documents_of
from projections.engine.program import Program
from projections.engine.stumbling import Holds, Read, SetAside, event_in, hold, reason_of
from projections.engine.writing import write

log = structlog.get_logger()

OF_THE_ROW: Final = ("22", "23", "54")
"""Classes of PostgreSQL's codes that a row meets at every attempt: data, constraints, and limits of the program.

All others may pass: a lost connection, a full disk, a lock, a shutdown, no memory. An internal error (XX) is one of
these, too: it may be a damaged index, and then every event would be set aside.
"""
OF_THE_VALUE: Final = (ValueError, TypeError, OverflowError)
"""Errors that the client raises if it can't send a value, as a text with half of a surrogate pair."""


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


class Taking:
    """Writes events in a transaction that the caller began, halving what is refused until it is one stream's.

    A stream that is refused is written event by event and view by view, so that each view shows what it can.
    """

    def __init__(
        self,
        connection: Connection,
        holds: Holds,
        program: Program,
        *,
        shown: Shown = nowhere,
        documents: dict[str, Document] | None = None,
    ) -> None:
        """`documents`: those before the first event, if they differ from those in the views."""
        self._connection, self._holds, self._program = connection, holds, program
        self._shown, self._documents = shown, documents

    async def take(self, events: Sequence[Read]) -> list[SetAside]:
        """Writes the events' rows and returns what was set aside. Raises errors that may pass, with nothing written."""
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
        gathered = await self._gathered(events)
        await write(self._connection, gathered.rows, self._program)
        return gathered.aside

    async def _gathered(self, events: Sequence[Read]) -> Gathered:
        return gather(events, await self._known(events), self._program, holds=self._holds, shown=self._shown)

    async def _take_one(self, one: Read) -> list[SetAside]:
        rows, aside = await self._gathered([one])
        event = event_in(one)
        base = self._program.base_of(event.record.subject)
        for view in sorted(self._program.views, key=lambda view: view is not base):  # base first
            reason = await self._refusal({table: rows[table] for table in view.tables if table in rows})
            if reason and view is base:
                failed = {each.view for each in aside}
                showing = self._program.showing(event.record.subject)
                others = [name for name in showing if name not in failed and not self._shown(name, event)]
                return [*aside, *hold(self._holds, event, others, reason)]
            if reason:
                aside += hold(self._holds, event, [view.name], reason)
        return aside

    async def _known(self, events: Sequence[Read]) -> dict[str, Document]:
        if self._documents is not None:
            return self._documents
        return await documents_of(self._connection, streams_of(events, self._program), self._holds, self._program)

    async def _refusal(self, rows: Rows) -> str:
        """Why PostgreSQL refuses the rows; empty where they are written."""
        try:
            async with self._connection.transaction():
                await write(self._connection, rows, self._program)
        except Exception as fault:
            if not refused(fault):
                raise
            return reason_of(fault)
        return ""


def _name(events: Sequence[Read]) -> str:
    return event_in(events[0]).record.subject
