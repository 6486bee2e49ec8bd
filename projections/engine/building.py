"""Building a partition's share of the views from nothing, in this process or in another beside it."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from events import canonical
from events.admission import PartitionFold
from events.event import follow
from events.port import EventLog, Topic
from projections.base.connecting import NEXT, Connection, connect
from projections.base.table import Key, Row, Table
from projections.base.view import Document
from projections.engine import aside
from projections.engine.gathering import Gathered, Rows, gather, streams_of
from projections.engine.program import Program
from projections.engine.stumbling import Holds, Read, SetAside, read_all
from projections.engine.taking import Taking, tell
from projections.engine.writing import advance, write

CHUNK: Final = 1_000
"""Records between two writes."""
CAREFUL_CHUNK: Final = 200
"""Records between two writes, where one of them may be refused."""
UNHURRIED: Final = "select set_config('synchronous_commit', 'off', false)"

Opener: TypeAlias = Callable[[], Awaitable[EventLog]]
"""Opens the log; it can be sent to another process."""
Report: TypeAlias = Callable[[int], None]
"""Called with the next offset after each write."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the build: the views of a program, from the records of one partition below an offset.

    `careful`: the indexes exist already, and rows that they refuse are to be found and set aside.
    """

    topic: Topic
    partition: int
    until: int
    program: Program
    careful: bool = False


async def build(
    log: EventLog, connection: Connection, share: Share, report: Report = lambda offset: None
) -> PartitionFold:
    """Writes the rows into empty views, and returns the fold of the partition as it stands then.

    Raises what PostgreSQL refuses, unless the share is to be built carefully.
    """
    fold = PartitionFold(share.partition)
    folds, until = {share.partition: fold}, {share.partition: share.until}
    building = _Careful(connection, share) if share.careful else _Quick(connection, share)
    async with aclosing(follow(log, share.topic, folds, until)) as batches:  # type: ignore[type-var]
        async for judged in batches:
            for start in range(0, len(judged), building.chunk):
                chunk = judged[start : start + building.chunk]
                async with connection.transaction():
                    await advance(connection, {share.partition: chunk[0].position.offset}, chunk)
                    set_aside = await building.take(read_all(chunk))
                    await aside.add(connection, set_aside, share.program)
                tell(set_aside)
                report(chunk[-1].position.offset + 1)
    await building.finish()
    return fold


class _Careful:
    """Writes as a runner does, row by row into what is there."""

    chunk = CAREFUL_CHUNK

    def __init__(self, connection: Connection, share: Share) -> None:
        self._taking = Taking(connection, {}, share.program)

    async def take(self, events: list[Read]) -> list[SetAside]:
        return await self._taking.take(events)

    async def finish(self) -> None:
        """All is written."""


class _Quick:
    """Writes each row once, where it is to stay, into tables without indexes.

    Documents are kept as JSON, in a fraction of the memory of objects. An entry is kept until another follows it.
    """

    chunk = CHUNK

    def __init__(self, connection: Connection, share: Share) -> None:
        self._connection, self._program = connection, share.program
        self._documents: dict[str, bytes] = {}
        self._entries: dict[Table, dict[Any, Row]] = {table: {} for table in share.program.tables if table.past}
        self._of_latest = [table for view in share.program.views if view.latest for table in view.tables]
        self._latest: Rows = {table: {} for table in self._of_latest}
        self._holds: Holds = {}

    async def take(self, events: list[Read]) -> list[SetAside]:
        rows, set_aside = self._gathered(events)
        for table in self._of_latest:
            self._latest[table].update(rows.pop(table, {}))
        for table, entries in self._entries.items():
            if table.past:
                rows[table.past] = _ended(table, rows.pop(table, {}), entries)
        await write(self._connection, rows, self._program)
        return set_aside

    async def finish(self) -> None:
        """Writes what later events might have changed."""
        for table, entries in self._entries.items():
            self._latest[table] = {row[: len(table.key)]: (row,) for row in entries.values()}
        async with self._connection.transaction():
            await write(self._connection, self._latest, self._program)

    def _gathered(self, events: list[Read]) -> Gathered:
        known = streams_of(events, self._program) & self._documents.keys()
        opened: dict[str, Document] = {stream: canonical.from_json(self._documents[stream]) for stream in known}
        gathered = gather(events, opened, self._program, holds=self._holds)
        self._documents.update({stream: canonical.to_json(document) for stream, document in opened.items()})
        return gathered


def build_beside(opener: Opener, conninfo: str, share: Share) -> PartitionFold:
    """The same in a process of its own, with connections of its own."""

    async def run() -> PartitionFold:
        log = await opener()
        try:
            async with await connect(conninfo, NEXT) as connection:
                await connection.execute(UNHURRIED)
                return await build(log, connection, share)
        finally:
            await log.close()

    return asyncio.run(run())


def end_with_parent() -> None:
    """Ends this process when the one that started it has ended: a pool's process would wait for work for ever."""

    def wait() -> None:
        if (parent := multiprocessing.parent_process()) is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _ended(table: Table, rows: Mapping[Key, tuple[Row, ...]], entries: dict[Any, Row]) -> dict[Key, tuple[Row, ...]]:
    """Takes the entries, in the order of their events, for those that hold; returns those that they follow, as past."""
    past: dict[Key, tuple[Row, ...]] = {}
    for (name, *_), (row,) in rows.items():
        if (before := entries.get(name)) is not None:
            past[before[: len(table.key)]] = (table.ended(before, row),)
        entries[name] = row
    return past
