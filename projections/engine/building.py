"""Building a partition's share of the views from nothing, in this process or in another beside it."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from events import canonical
from events.admission import PartitionFold
from events.event import follow
from events.port import EventLog, Topic
from projections.base.connecting import NEXT, Connection, connect
from projections.base.table import Key, Row
from projections.engine import aside
from projections.engine.gathering import PROGRAM, Gathered, Program, Rows, gather, trials_of
from projections.engine.stumbling import Holds, Read, SetAside, read_all
from projections.engine.taking import Taking, tell
from projections.engine.writing import advance, write
from projections.trial.document import Document
from projections.views.search.project import PAST, SEARCH, ended

CHUNK: Final = 1_000
"""Records between two writes."""
CAREFUL_CHUNK: Final = 200
"""Records between two writes, where one of them may be refused."""
UNHURRIED: Final = "select set_config('synchronous_commit', 'off', false)"

Opener: TypeAlias = Callable[[], Awaitable[EventLog]]
"""Opens the log; it can be sent to another process."""
Told: TypeAlias = Callable[[int], None]
"""Is told the next offset after each write."""


@dataclass(frozen=True, slots=True)
class Share:
    """What is to be built: the views of one partition, of its records below an offset.

    `careful`: the indexes are there already, and what they refuse is to be found and set aside.
    """

    topic: Topic
    partition: int
    until: int
    views: tuple[str, ...]
    careful: bool = False
    program: Program = PROGRAM


async def build(log: EventLog, connection: Connection, share: Share, told: Told = lambda offset: None) -> PartitionFold:
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
                told(chunk[-1].position.offset + 1)
    await building.finish()
    return fold


class _Careful:
    """Writes as a runner does, row by row into what is there."""

    chunk = CAREFUL_CHUNK

    def __init__(self, connection: Connection, share: Share) -> None:
        self._taking = Taking(connection, share.views, {}, share.program)

    async def take(self, events: list[Read]) -> list[SetAside]:
        return await self._taking.take(events)

    async def finish(self) -> None:
        """All is written."""


class _Quick:
    """Writes each row once, where it is to stay, into tables without indexes.

    Documents are kept as JSON, in a fraction of the memory of objects. An entry of the search is kept until another
    follows it.
    """

    chunk = CHUNK

    def __init__(self, connection: Connection, share: Share) -> None:
        self._connection, self._share = connection, share
        self._documents: dict[str, bytes] = {}
        self._entries: dict[str, Row] = {}
        self._latest: Rows = {}
        self._holds: Holds = {}

    async def take(self, events: list[Read]) -> list[SetAside]:
        rows, set_aside = self._gathered(events)
        for table in [table for table in rows if table.latest]:
            self._latest.setdefault(table, {}).update(rows.pop(table))
        rows[PAST] = _ended(rows.pop(SEARCH, {}), self._entries)
        await write(self._connection, rows)
        return set_aside

    async def finish(self) -> None:
        """Writes what later events might have changed."""
        self._latest[SEARCH] = {(row[0], row[1]): (row,) for row in self._entries.values()}
        async with self._connection.transaction():
            await write(self._connection, self._latest)

    def _gathered(self, events: list[Read]) -> Gathered:
        known = trials_of(events) & self._documents.keys()
        opened: dict[str, Document] = {trial: canonical.from_json(self._documents[trial]) for trial in known}
        gathered = gather(events, opened, self._share.views, holds=self._holds, program=self._share.program)
        self._documents.update({trial: canonical.to_json(document) for trial, document in opened.items()})
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


def _ended(rows: Mapping[Key, tuple[Row, ...]], entries: dict[str, Row]) -> dict[Key, tuple[Row, ...]]:
    """Takes the entries, in the order of their events, for those that hold; returns those that they follow, as past."""
    past: dict[Key, tuple[Row, ...]] = {}
    for (trial, _), (row,) in rows.items():
        if (before := entries.get(trial)) is not None:
            past[before[:2]] = (ended(before, row),)
        entries[trial] = row
    return past
