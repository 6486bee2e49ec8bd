"""An index of the parts of documents in PostgreSQL. It may be dropped at any time; the log gives it again."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.places import Part
from events.record import Position

_SETUP_LOCK: Final = 0x706C_6163  # "plac"; `create ... if not exists` of two starting nodes can collide without it
_ADD: Final = """
insert into place.part (document, whole, part, parts, partition, "offset")
select * from unnest(%s::bytea[], %s::bytea[], %s::integer[], %s::integer[], %s::integer[], %s::bigint[])
on conflict do nothing
"""
_FIND: Final = """
select whole, part, parts, partition, "offset" from place.part where document = %s order by partition, "offset"
"""
_REACH: Final = """
insert into place.reached (partition, next_offset) values (%s, %s)
on conflict (partition) do update set next_offset = greatest(reached.next_offset, excluded.next_offset)
"""
_REACHED: Final = "select next_offset from place.reached where partition = %s"
_CLEAR: Final = "truncate place.part, place.reached"


class PostgresPlaces:
    """Implements `events.places.Places` on a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]]):
        self._pool = pool

    async def create(self) -> None:
        """Makes the tables where they are missing."""
        setup = files("events.postgres").joinpath("places.sql").read_bytes()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
            await connection.execute(setup)

    async def add(self, parts: Sequence[Part]) -> None:
        """See `Places.add`."""
        if not parts:
            return
        columns = (
            [bytes.fromhex(part.document) for part in parts],
            [bytes.fromhex(part.whole) for part in parts],
            [part.part for part in parts],
            [part.parts for part in parts],
            [part.position.partition for part in parts],
            [part.position.offset for part in parts],
        )
        async with self._pool.connection() as connection:
            await connection.execute(_ADD, columns)

    async def find(self, document: str) -> list[Part]:
        """See `Places.find`."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_FIND, (bytes.fromhex(document),))).fetchall()
        return [
            Part(document, bytes(whole).hex(), part, parts, Position(partition, offset))
            for whole, part, parts, partition, offset in rows
        ]

    async def reached(self, partition: int) -> int:
        """See `Places.reached`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_REACHED, (partition,))).fetchone()
        return 0 if row is None else int(row[0])

    async def reach(self, partition: int, next_offset: int) -> None:
        """See `Places.reach`."""
        async with self._pool.connection() as connection:
            await connection.execute(_REACH, (partition, next_offset))

    async def clear(self) -> None:
        """See `Places.clear`."""
        async with self._pool.connection() as connection:
            await connection.execute(_CLEAR)
