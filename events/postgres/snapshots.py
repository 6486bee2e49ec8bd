"""Snapshots in PostgreSQL. The table may be dropped or emptied at any time: the next start reads the log instead."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from importlib.resources import files
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.starting import GENERATIONS, SnapshotEntry

_SETUP_LOCK: Final = 0x736E_6170  # "snap"
_WRITERS_LOCK: Final = 0x736E_6177
_MISSING: Final = "select to_regclass('snapshot.fold') is null"
_KEPT: Final = "select partition, next_offset, taken from snapshot.fold order by partition, next_offset desc"
_READ: Final = "select body from snapshot.fold where partition = %s and next_offset = %s"
_WRITE: Final = """
with written as (
    insert into snapshot.fold (partition, next_offset, taken, body)
    values (%(partition)s, %(next)s, %(taken)s, %(body)s)
    on conflict (partition, next_offset) do update set taken = excluded.taken, body = excluded.body
)
delete from snapshot.fold where partition = %(partition)s and next_offset < (
    select min(next_offset) from (
        select next_offset from snapshot.fold where partition = %(partition)s
        union select %(next)s
        order by next_offset desc limit %(generations)s
    ) as newest
)
"""
_DISCARD: Final = "delete from snapshot.fold where partition = %s and next_offset = %s"
_TRY_TO_WRITE: Final = "select pg_try_advisory_xact_lock(%s)"


class PostgresSnapshots:
    """Implements `events.starting.Snapshots` on a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]]):
        self._pool = pool

    async def create(self) -> None:
        """Makes the table where it is missing."""
        setup = files("events.postgres").joinpath("snapshots.sql").read_bytes()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
            # Asked first: to set a column's storage would wait for another node that is writing.
            if await (await connection.execute(_MISSING)).fetchone() == (True,):
                await connection.execute(setup)

    async def entries(self) -> list[SnapshotEntry]:
        """See `Snapshots.kept`."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_KEPT)).fetchall()
        return [SnapshotEntry(partition, next_offset, taken.astimezone(UTC)) for partition, next_offset, taken in rows]

    async def read(self, entry: SnapshotEntry) -> bytes | None:
        """See `Snapshots.read`."""
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            row = await (await cursor.execute(_READ, (entry.partition, entry.next_offset))).fetchone()
        return None if row is None else bytes(row[0])

    async def write(self, entry: SnapshotEntry, body: bytes) -> None:
        """See `Snapshots.write`. One statement: if we crash here, the ones before are still there."""
        parameters = {
            "partition": entry.partition,
            "next": entry.next_offset,
            "taken": entry.taken,
            "body": body,
            "generations": GENERATIONS,
        }
        async with self._pool.connection() as connection:
            await connection.execute(_WRITE, parameters)

    async def discard(self, entry: SnapshotEntry) -> None:
        """See `Snapshots.discard`."""
        async with self._pool.connection() as connection:
            await connection.execute(_DISCARD, (entry.partition, entry.next_offset))

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """See `Snapshots.alone`. The lock ends with the connection, however this process ends."""
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(_TRY_TO_WRITE, (_WRITERS_LOCK,))).fetchone()
            yield row == (True,)
