"""Rebuilding: views made from the log beside the ones in use, then swapped in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from itertools import count
from typing import Final

import psycopg
from psycopg import sql

from events import canonical
from events.admission import Judged
from events.event import Event, accepted, follow, new_folds
from events.port import EventLog, Topic
from projections import schema
from projections.connecting import NEXT, SCHEMA, Connection, connect
from projections.document import Document
from projections.gathering import TABLES, VIEWS, Gathered, gather, trials_of
from projections.record.project import RECORD
from projections.schema import INDEXES_SQL, LOCK, REBUILD, STRUCTURE, ViewsUnfit
from projections.writing import advance, load, write

CHUNK: Final = 1_000
"""Records between two writes."""
SMALL_LAG: Final = 500
"""Records that may be left for the swap, during which the views stand still."""
SWAP_ATTEMPTS: Final = 60
TRY_LOCK: Final = "select pg_try_advisory_lock(%s)"
DROP_NEXT: Final = sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(NEXT))
UNHURRIED: Final = "select set_config('synchronous_commit', 'off', false)"
DURABLY: Final = "select set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '5s', true)"
FIND_TABLES: Final = "select table_name from information_schema.tables where table_schema = %s"
LIVE_POSITIONS: Final = sql.SQL("select partition, next_offset from {}").format(sql.Identifier(SCHEMA, "position"))

Progress = Callable[[int, int], None]
"""Is told how many records of the log are done, and how many there are."""


class RebuildUnderway(Exception):
    """Another rebuild holds the place where views are built."""


async def rebuild(
    log: EventLog,
    topic: Topic,
    conninfo: str,
    names: Collection[str] | None = None,
    progress: Progress = lambda done, total: None,
) -> int:
    """Makes the views anew from the log and returns how many records it read; a runner may go on meanwhile.

    `names`: some views only, which then hold what the others hold; None means all, up to the end of the log.
    Raises ValueError for an unknown name, ViewsUnfit where some views are to be rebuilt and there are no positions to
    rebuild them to, RebuildUnderway, and what reading the log raises.
    """
    if unknown := set(names or ()) - VIEWS.keys():
        raise ValueError(f"there is no view {', '.join(sorted(unknown))}; there are {', '.join(VIEWS)}")
    async with await connect(conninfo, NEXT) as connection:
        locked = await (await connection.execute(TRY_LOCK, (REBUILD,))).fetchone()
        if locked != (True,):
            raise RebuildUnderway("another rebuild is under way")
        await connection.execute(DROP_NEXT)
        await connection.execute(UNHURRIED)
        await schema.make_tables(connection, NEXT)
        await schema.claim(connection, topic)
        return await _Rebuild(log, topic, connection, frozenset(names or VIEWS), progress).run()


class _Rebuild:
    """One rebuild. The record view is always built, as it holds the documents that later events change."""

    def __init__(
        self, log: EventLog, topic: Topic, connection: Connection, names: frozenset[str], progress: Progress
    ) -> None:
        self._log = log
        self._topic = topic
        self._connection = connection
        self._whole = names == VIEWS.keys()
        self._swapped = [table for table in TABLES if table.view in names]
        self._kept = [table for table in TABLES if table.view not in names]
        self._built = tuple(name for name in VIEWS if name in names or name == RECORD.view)
        self._progress = progress
        self._folds = new_folds(topic)
        self._next = dict.fromkeys(self._folds, 0)
        self._total = 0

    async def run(self) -> int:
        target = await self._target()
        for partition in self._folds:
            await self._build(partition, target[partition])
        for statement in (INDEXES_SQL, "analyze " + ", ".join(table.name for table in TABLES)):
            await self._connection.execute(statement.encode())
        while sum((target := await self._target()).values()) - sum(self._next.values()) > SMALL_LAG:
            await self._continue(target)
        await self._finish()
        return sum(self._next.values())

    async def _target(self) -> Mapping[int, int]:
        """The end of the log; for some views only, where the views in use are now."""
        target = await self._log.ends(self._topic) if self._whole else await self._live_positions()
        self._total = sum(target.values())
        return target

    async def _live_positions(self) -> Mapping[int, int]:
        if missing := {"position", *(table.name for table in self._kept)} - await self._live_tables():
            raise ViewsUnfit(f"the views lack the tables {', '.join(sorted(missing))}, too; rebuild all views")
        positions: list[tuple[int, int]] = await (await self._connection.execute(LIVE_POSITIONS)).fetchall()
        return dict(positions)

    async def _live_tables(self) -> set[str]:
        cursor = await self._connection.execute(FIND_TABLES, (SCHEMA,))
        return {name for (name,) in await cursor.fetchall()}

    async def _chunks(self, partitions: Collection[int], until: Mapping[int, int]) -> AsyncIterator[Sequence[Judged]]:
        folds = {partition: self._folds[partition] for partition in partitions}
        async with aclosing(follow(self._log, self._topic, folds, until)) as batches:  # type: ignore[type-var]
            async for judged in batches:
                for start in range(0, len(judged), CHUNK):
                    yield judged[start : start + CHUNK]

    async def _build(self, partition: int, until: int) -> None:
        """Builds a partition from nothing. Its documents are kept as JSON, in a fraction of the memory of objects."""
        documents: dict[str, bytes] = {}
        latest: Gathered = {}
        async for chunk in self._chunks([partition], {partition: until}):
            gathered = self._gathered(_events(chunk), documents)
            for table in [table for table in gathered if table.latest]:
                latest.setdefault(table, {}).update(gathered.pop(table))
            await self._move(chunk, gathered)
        async with self._connection.transaction():
            await write(self._connection, latest)

    def _gathered(self, events: list[Event], documents: dict[str, bytes]) -> Gathered:
        known = trials_of(events) & documents.keys()
        opened: dict[str, Document] = {trial: canonical.from_json(documents[trial]) for trial in known}
        gathered = gather(events, opened, self._built)
        documents.update({trial: canonical.to_json(document) for trial, document in opened.items()})
        return gathered

    async def _continue(self, until: Mapping[int, int]) -> None:
        """Applies what has come since, as a runner does."""
        async for chunk in self._chunks(self._folds, until):
            events = _events(chunk)
            documents = await load(self._connection, trials_of(events))
            await self._move(chunk, gather(events, documents, self._built))

    async def _move(self, chunk: Sequence[Judged], gathered: Gathered) -> None:
        async with self._connection.transaction():
            self._next |= await advance(self._connection, self._next, chunk)
            await write(self._connection, gathered)
        done = sum(self._next.values())
        self._progress(done, max(done, self._total))

    async def _finish(self) -> None:
        """Swaps; where a long read of the views is in the way, gives way to who waits behind it and tries again."""
        for attempt in count(1):
            try:
                async with self._connection.transaction():
                    await self._freeze()
                    # From here on nobody moves the views in use, and nothing else has to be waited for.
                    await self._continue(await self._target())
                    await self._swap()
                return
            except psycopg.errors.LockNotAvailable:
                if attempt == SWAP_ATTEMPTS:
                    raise
                await asyncio.sleep(1)

    async def _freeze(self) -> None:
        await self._connection.execute(DURABLY)
        await self._connection.execute(LOCK, (STRUCTURE,))
        live = await self._live_tables()
        names = [name for name in ("position", *(table.name for table in self._swapped)) if name in live]
        for name in names:
            lock = sql.SQL("lock table {} in access exclusive mode").format(sql.Identifier(SCHEMA, name))
            await self._connection.execute(lock)

    async def _swap(self) -> None:
        live, built = sql.Identifier(SCHEMA), sql.Identifier(NEXT)
        if self._whole:
            await self._connection.execute(sql.SQL("drop schema if exists {} cascade").format(live))
            await self._connection.execute(sql.SQL("alter schema {} rename to {}").format(built, live))
            return
        for table in self._swapped:
            old, new = sql.Identifier(SCHEMA, table.name), sql.Identifier(NEXT, table.name)
            await self._connection.execute(sql.SQL("drop table if exists {}").format(old))
            await self._connection.execute(sql.SQL("alter table {} set schema {}").format(new, live))
        await self._connection.execute(DROP_NEXT)


def _events(judged: Sequence[Judged]) -> list[Event]:
    return [event for event in map(accepted, judged) if event is not None]
