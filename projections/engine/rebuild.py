"""Rebuilding: views made from the log beside the ones in use, then swapped in."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing
from functools import partial
from itertools import count
from typing import Final

import psycopg
from psycopg import sql

from events.admission import PartitionFold
from events.event import follow
from events.port import EventLog, Topic
from projections.base.connecting import NEXT, SCHEMA, Connection, connect
from projections.engine import aside, schema
from projections.engine.building import UNHURRIED, Opener, Share, build, build_beside, end_with_parent
from projections.engine.program import Program
from projections.engine.schema import LOCK, REBUILD, STRUCTURE, ViewsUnfit
from projections.engine.stumbling import read_all
from projections.engine.taking import Taking, refused, tell
from projections.engine.writing import advance

MANY: int = 20_000
"""Records from which on other processes are started to help; each takes a second to start."""
SMALL_LAG: Final = 500
"""Records that may be left for the swap, during which the views stand still."""
SWAP_ATTEMPTS: Final = 60
TRY_LOCK: Final = "select pg_try_advisory_lock(%s)"
DROP_NEXT: Final = sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(NEXT))
DURABLY: Final = "select set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '5s', true)"
FIND_TABLES: Final = "select table_name from information_schema.tables where table_schema = %s"
FORGET_ASIDE: Final = sql.SQL("delete from {} where view = any(%s)").format(sql.Identifier(SCHEMA, "set_aside"))
TAKE_ASIDE: Final = sql.SQL("insert into {} select * from {} where view = any(%s)").format(
    sql.Identifier(SCHEMA, "set_aside"), sql.Identifier(NEXT, "set_aside")
)
LIVE_POSITIONS: Final = sql.SQL("select partition, next_offset from {}").format(sql.Identifier(SCHEMA, "position"))

Progress = Callable[[int, int], None]
"""Called with the number of records of the log that are done, and the number that there are."""


class RebuildUnderway(Exception):
    """Another rebuild holds the place where views are built."""


async def rebuild(
    log: EventLog,
    topic: Topic,
    conninfo: str,
    names: Collection[str] | None = None,
    *,
    program: Program,
    progress: Progress = lambda done, total: None,
    opener: Opener | None = None,
) -> int:
    """Makes the views from the log again and returns how many records it read; a runner may go on meanwhile.

    `names`: some views only, which then hold what the others hold; None means all, up to the end of the log.
    `opener`: opens the same log in other processes, which then share the work, each taking whole partitions.
    An event that can't be shown is set aside, as by a runner; if PostgreSQL refuses a row, all rows are made again with
    care. Raises ValueError for an unknown name, ViewsUnfit where some views are to be rebuilt and there are no
    positions to rebuild them to, RebuildUnderway, and what reading the log raises.
    """
    chosen = program.chosen(names)
    async with await connect(conninfo, NEXT) as connection:
        locked = await (await connection.execute(TRY_LOCK, (REBUILD,))).fetchone()
        if locked != (True,):
            raise RebuildUnderway("another rebuild is under way")
        await connection.execute(UNHURRIED)
        work = _Rebuild(log, topic, connection, chosen, progress, program=program)
        return await work.run(conninfo, opener)


class _Rebuild:
    """One rebuild. Views that keep documents are always built, as later events change these."""

    def __init__(
        self,
        log: EventLog,
        topic: Topic,
        connection: Connection,
        names: frozenset[str],
        progress: Progress,
        *,
        program: Program,
    ) -> None:
        self._log = log
        self._topic = topic
        self._connection = connection
        self._names = names
        self._whole = names == {*program.names}
        self._swapped = [table for view in program.views if view.name in names for table in view.tables]
        self._unchanged = [table for table in program.tables if table not in self._swapped]
        self._progress = progress
        self._program = program.only(names)
        self._folds: dict[int, PartitionFold] = {}
        self._next: dict[int, int] = {}
        self._total = 0

    async def run(self, conninfo: str, opener: Opener | None) -> int:
        target = await self._target()
        try:
            await self._fill(target, conninfo, opener, careful=False)
        except Exception as fault:
            if not refused(fault):
                raise
            await self._fill(target, conninfo, opener, careful=True)
        await self._analyze()
        while sum((target := await self._target()).values()) - sum(self._next.values()) > SMALL_LAG:
            await self._continue(target)
        await self._finish()
        return sum(self._next.values())

    async def _fill(self, target: Mapping[int, int], conninfo: str, opener: Opener | None, *, careful: bool) -> None:
        """Indexes come last, as a load is faster without them; with care they come first, to refuse what they can't."""
        await self._connection.execute(DROP_NEXT)
        await schema.make_tables(self._connection, NEXT, self._program)
        await schema.claim(self._connection, self._topic)
        self._folds, self._next = {}, {}
        indexes = schema.indexes_sql(self._program).encode()
        if careful:
            await self._connection.execute(indexes)
        shares = [
            Share(self._topic, partition, target[partition], self._program, careful)
            for partition in range(self._topic.partitions)
        ]
        if opener is not None and self._total >= MANY:
            await self._build_beside(shares, conninfo, opener)
        else:
            await self._build(shares)
        if not careful:
            await self._connection.execute(indexes)

    async def _analyze(self) -> None:
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in self._program.tables)
        await self._connection.execute(sql.SQL("analyze {}").format(names))

    async def _target(self) -> Mapping[int, int]:
        """The end of the log; for some views only, where the views in use are now."""
        target = await self._log.ends(self._topic) if self._whole else await self._live_positions()
        self._total = sum(target.values())
        return target

    async def _live_positions(self) -> Mapping[int, int]:
        if missing := {*schema.OWN, *(table.name for table in self._unchanged)} - await self._live_tables():
            raise ViewsUnfit(f"the views lack the tables {', '.join(sorted(missing))}, too; rebuild all views")
        positions: list[tuple[int, int]] = await (await self._connection.execute(LIVE_POSITIONS)).fetchall()
        return dict(positions)

    async def _live_tables(self) -> set[str]:
        cursor = await self._connection.execute(FIND_TABLES, (SCHEMA,))
        return {name for (name,) in await cursor.fetchall()}

    async def _build(self, shares: list[Share]) -> None:
        for share in shares:
            report = partial(self._tell, sum(self._next.values()))
            self._take(await build(self._log, self._connection, share, report))

    async def _build_beside(self, shares: list[Share], conninfo: str, opener: Opener) -> None:
        """Partitions know nothing of each other, so each can be built by another process."""
        loop = asyncio.get_running_loop()
        pool = ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), end_with_parent)
        try:
            building = [loop.run_in_executor(pool, build_beside, opener, conninfo, share) for share in shares]
            for built in asyncio.as_completed(building):
                self._take(await built)
                self._tell(sum(self._next.values()))
        finally:
            # If one failed, those that have not begun never do, and nothing is written once this returns.
            pool.shutdown(cancel_futures=True)

    def _take(self, fold: PartitionFold) -> None:
        self._folds[fold.partition] = fold
        self._next[fold.partition] = fold.next_offset

    async def _continue(self, until: Mapping[int, int]) -> None:
        """Applies what has come since, as a runner does."""
        taking = Taking(self._connection, await aside.holds(self._connection), self._program)
        async with aclosing(follow(self._log, self._topic, self._folds, until)) as batches:  # type: ignore[type-var]
            async for judged in batches:
                async with self._connection.transaction():
                    self._next |= await advance(self._connection, self._next, judged)
                    set_aside = await taking.take(read_all(judged))
                    await aside.add(self._connection, set_aside, self._program)
                tell(set_aside)
                self._tell(sum(self._next.values()))

    def _tell(self, before: int, since: int = 0) -> None:
        done = before + since
        self._progress(done, max(done, self._total))

    async def _finish(self) -> None:
        """Swaps; where a long read of the views is in the way, lets the readers behind it pass and tries again."""
        for attempt in count(1):
            try:
                async with self._connection.transaction():
                    await self._freeze()
                    # From here on nothing moves the views in use, and there is nothing else to wait for.
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
        for statement in (FORGET_ASIDE, TAKE_ASIDE):
            await self._connection.execute(statement, (sorted(self._names),))
        await self._connection.execute(DROP_NEXT)
