"""Marks of followers in PostgreSQL, moved in the transaction that handles the records."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool

from events.follower_port import Overtaken
from events.identity import Mark, Marks, mark_after
from events.judging import Batch
from events.port import LogMisconfigured, Topic
from events.standing import Standing

Connection: TypeAlias = AsyncConnection[Any]
SCHEMA: Final = files(__package__).joinpath("marks.sql").read_bytes()
COMMON: Final = ("following", "mark")
LOCK_SETUP: Final = "select pg_advisory_xact_lock(hashtextextended('registry marks', 0))"
# Not by to_regclass: a session that got "no" before it waited for the lock may get it again afterwards.
EXISTS: Final = (
    "select exists (select from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
    " where nspname = 'following' and relname = 'trouble')"
)
TRY_TO_LEAD: Final = "select pg_try_advisory_lock(%s)"
CLAIM: Final = sql.SQL(
    "insert into {} (follower, topic, partition, next_offset, digest)"
    " select %s, %s, generate_series(0, %s - 1), 0, '' on conflict do nothing"
)
FIND: Final = sql.SQL("select topic, partition, next_offset, digest from {} where follower = %s")
# Moves only those marks that are still where the writer found them: fewer rows than asked for means that another writer
# was here.
MOVE: Final = sql.SQL(
    "update {} as mark set next_offset = moved.next_offset, digest = moved.digest, recorded = moved.recorded"
    " from unnest(%(partitions)s::integer[], %(found)s::bigint[], %(next_offsets)s::bigint[], %(digests)s::bytea[],"
    " %(recorded)s::timestamptz[]) as moved (partition, found, next_offset, digest, recorded)"
    " where mark.follower = %(follower)s and mark.partition = moved.partition and mark.next_offset = moved.found"
)
NOTE: Final = (
    "insert into following.trouble (follower, trouble) values (%s, %s)"
    " on conflict (follower) do update set trouble = excluded.trouble, since = excluded.since"
)
WELL: Final = "delete from following.trouble where follower = %s"
EXISTS_TABLE: Final = "select to_regclass(%s) is not null"
STANDINGS: Final = sql.SQL("select follower, partition, next_offset, recorded from {} order by follower, partition")
TROUBLES: Final = sql.SQL("select follower, trouble, since from following.trouble order by follower")


def lock_of(follower: str) -> int:
    """The key of the advisory lock that the follower's leader holds."""
    return int.from_bytes(sha256(f"follower {follower}".encode()).digest()[:8], signed=True)


async def connect(conninfo: str) -> Connection:
    """A connection that commits each statement by itself, and that notices a server that is gone."""
    return await AsyncConnection.connect(
        conninfo, autocommit=True, keepalives_idle=5, keepalives_interval=2, keepalives_count=3
    )


async def ensure(connection: Connection) -> None:
    """Makes the tables of marks where they are missing."""
    if await (await connection.execute(EXISTS)).fetchone() == (True,):
        return
    async with connection.transaction():
        await connection.execute(LOCK_SETUP)
        if await (await connection.execute(EXISTS)).fetchone() != (True,):
            await connection.execute(SCHEMA)


@dataclass(frozen=True, slots=True)
class MarkTable:
    """The rows of one follower in a table of marks; without a schema it is the one that the connection finds."""

    follower: str
    name: tuple[str, ...] = COMMON

    async def claim(self, connection: Connection, topic: Topic) -> None:
        """Sets marks to the beginning of the log where there are none."""
        await connection.execute(
            CLAIM.format(sql.Identifier(*self.name)), (self.follower, topic.name, topic.partitions)
        )

    async def find(self, connection: Connection, topic: Topic) -> dict[int, Mark]:
        """The marks; raises LogMisconfigured where they are of another topic."""
        rows = await (await connection.execute(FIND.format(sql.Identifier(*self.name)), (self.follower,))).fetchall()
        if others := {of for of, *_ in rows} - {topic.name}:
            raise LogMisconfigured(
                f"the marks of {self.follower} are of the topic {', '.join(sorted(others))}, not of {topic.name}"
            )
        return {partition: Mark(next_offset, bytes(digest)) for _, partition, next_offset, digest in rows}

    async def move(self, connection: Connection, found: Mapping[int, int], batch: Batch) -> dict[int, Mark]:
        """Moves the marks past the batch and returns the new ones of its partitions. Run it in a transaction.

        `found` are the next offsets that the writer last saw; raises Overtaken where they are not there any more.
        """
        moved = {partition: mark_after(one.position, one.message) for partition, one in batch.last.items()}
        parameters = {
            "follower": self.follower,
            "partitions": list(moved),
            "found": [found[partition] for partition in moved],
            "next_offsets": [mark.next_offset for mark in moved.values()],
            "digests": [mark.digest for mark in moved.values()],
            "recorded": [one.recorded for one in batch.last.values()],
        }
        if (await connection.execute(MOVE.format(sql.Identifier(*self.name)), parameters)).rowcount != len(moved):
            raise Overtaken(f"another process has moved the marks of {self.follower}")
        return moved


class PostgresMarks:
    """Implements `events.follower_port.Store`: a session is a connection, and leads by an advisory lock."""

    def __init__(
        self,
        conninfo: str,
        follower: str,
        topic: Topic,
        *,
        connect: Callable[[str], Awaitable[Connection]] = connect,
        prepare: Callable[[Connection], Awaitable[None]] = ensure,
        table: MarkTable | None = None,
        lock: int | None = None,
    ) -> None:
        """`prepare`: makes the table of marks where it is missing, each time that marks are looked at.

        `table`: where the follower's own schema has the marks, so that they are dropped and swapped with its tables.
        """
        self._conninfo, self.follower, self._topic = conninfo, follower, topic
        self._connect, self._prepare = connect, prepare
        self._table = table or MarkTable(follower)
        self._lock = lock_of(follower) if lock is None else lock

    @asynccontextmanager
    async def session(self) -> AsyncIterator["MarkSession"]:
        """See `Store.session`; raises psycopg.OperationalError where the database is away."""
        async with await self._connect(self._conninfo) as connection:
            yield MarkSession(connection, self._topic, self._table, self._lock, self._prepare)

    async def note(self, trouble: str) -> bool:
        """See `Store.note`. While the database is away, nobody can ask either."""
        try:
            async with await connect(self._conninfo) as connection:
                await ensure(connection)
                if trouble:
                    await connection.execute(NOTE, (self.follower, trouble))
                else:
                    await connection.execute(WELL, (self.follower,))
        except psycopg.Error:
            return False
        return True


class MarkSession:
    """Implements `events.follower_port.Session`."""

    def __init__(
        self,
        connection: Connection,
        topic: Topic,
        table: MarkTable,
        lock: int,
        prepare: Callable[[Connection], Awaitable[None]],
    ) -> None:
        self.connection = connection
        self._topic, self._table, self._lock, self._prepare = topic, table, lock, prepare

    async def marks(self) -> dict[int, Mark]:
        """See `Session.marks`."""
        await self._prepare(self.connection)
        await self._table.claim(self.connection, self._topic)
        return await self._table.find(self.connection, self._topic)

    async def leads(self) -> bool:
        """See `Session.leads`."""
        return await (await self.connection.execute(TRY_TO_LEAD, (self._lock,))).fetchone() == (True,)

    @asynccontextmanager
    async def past(self, found: Marks, batch: Batch) -> AsyncIterator[dict[int, Mark]]:
        """See `Session.past`. The marks come first: another writer then waits for this one, and finds them moved."""
        offsets = {partition: mark.next_offset for partition, mark in found.items()}
        async with self.connection.transaction():
            yield await self._table.move(self.connection, offsets, batch)


async def standings(connection: Connection, tables: Iterable[Sequence[str]] = (COMMON,)) -> list[Standing]:
    """How the followers stand whose marks are in these tables, by schema and name; a table may be missing."""
    await ensure(connection)
    troubles = {follower: rest for follower, *rest in await _rows(connection, TROUBLES)}
    offsets: dict[str, dict[int, int]] = {follower: {} for follower in troubles}
    latest: dict[str, datetime] = {}
    for table in tables:
        if await (await connection.execute(EXISTS_TABLE, (".".join(table),))).fetchone() == (True,):
            for follower, partition, next_offset, recorded in await _rows(
                connection, STANDINGS.format(sql.Identifier(*table))
            ):
                offsets.setdefault(follower, {})[partition] = next_offset
                if recorded is not None:
                    latest[follower] = max(recorded, latest.get(follower, recorded))
    return [
        Standing(name, offsets[name], latest.get(name), *troubles.get(name, ("", None))) for name in sorted(offsets)
    ]


async def _rows(connection: Connection, query: sql.SQL | sql.Composed) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query)).fetchall()


class PostgresStandings:
    """How followers stand, read over a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[Connection], tables: Sequence[Sequence[str]]) -> None:
        self._pool, self._tables = pool, tables

    async def __call__(self) -> list[Standing]:
        """By name. Raises psycopg.OperationalError (or its pool's PoolTimeout) where the database is away."""
        async with self._pool.connection() as connection:
            return await standings(connection, self._tables)
