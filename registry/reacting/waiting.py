"""Commands that are not due yet, kept in PostgreSQL with the marks of the follower that put them there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.canonical import to_json
from registry.policies.policy import Cause
from registry.reacting.planned import Planned

Connection: TypeAlias = AsyncConnection[Any]
NAME: Final = "policies"
"""As the follower of the log that they are."""
MARKS: Final = ("policies", "mark")
SCHEMA: Final = files(__package__).joinpath("waiting.sql").read_bytes()
LOCK_SETUP: Final = "select pg_advisory_xact_lock(hashtextextended('registry policies', 0))"
# Not by to_regclass: a session that got "no" before it waited for the lock may get it again afterwards.
WHOLE: Final = (
    "select count(*) = 3 from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
    " where nspname = 'policies' and relname in ('asked', 'mark', 'waiting')"
)
DROP: Final = "drop schema if exists policies cascade"
ADD: Final = (
    "insert into policies.waiting (key, due, policy, cause, stream, command, content)"
    " values (%s, %s, %s, %s, %s, %s, %s) on conflict (key) do nothing"
)
DUE: Final = (
    "select key, due, policy, cause, stream, command, content from policies.waiting where due <= %s"
    " order by due, cause, key limit %s"
)
NEXT: Final = "select min(due) from policies.waiting"
DONE: Final = "delete from policies.waiting where key = any(%s)"
ASKED: Final = "select policy from policies.asked"
FORGET: Final = "delete from policies.asked where policy <> all(%s)"
ASK: Final = "insert into policies.asked select unnest(%s::text[]) on conflict do nothing"
BEGIN_ANEW: Final = "delete from policies.mark"
STANDING: Final = "select policy, count(*), min(due) from policies.waiting group by policy"


async def ensure(connection: Connection) -> None:
    """Makes marks and table, both again where one is missing, so that policies react to all events once more."""
    if await (await connection.execute(WHOLE)).fetchone() == (True,):
        return
    async with connection.transaction():
        await connection.execute(LOCK_SETUP)
        if await (await connection.execute(WHOLE)).fetchone() != (True,):
            await connection.execute(DROP)
            await connection.execute(SCHEMA)


class Waiting:
    """Waiting commands, on the leader's connection: in a transaction that moves the marks, or each statement alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self, policies: Collection[str]) -> bool:
        """Begins with these policies; whether the marks were set back, as one of them was not asked before.

        An older program that leads forgets those that it does not know: it moves the marks past what they would have
        reacted to.
        """
        names = sorted(policies)
        async with self._connection.transaction():
            rows = await (await self._connection.execute(ASKED)).fetchall()
            new = {*names} - {name for (name,) in rows}
            await self._connection.execute(FORGET, (names,))
            await self._connection.execute(ASK, (names,))
            if new:
                await self._connection.execute(BEGIN_ANEW)
        return bool(new)

    async def add(self, planned: Sequence[Planned]) -> None:
        """Keeps commands until they are due; one that waits already is left as it is."""
        rows = [
            (one.key, one.at, one.policy, str(one.cause), one.stream, one.name, to_json(one.content).decode())
            for one in planned
        ]
        if rows:
            async with self._connection.cursor() as cursor:
                await cursor.executemany(ADD, rows)

    async def due(self, now: datetime, limit: int) -> list[Planned]:
        """The commands that are due, the earliest first."""
        rows = await (await self._connection.execute(DUE, (now, limit))).fetchall()
        return [
            Planned(key, policy, Cause.read(cause), stream, command, content, at=due)
            for key, due, policy, cause, stream, command, content in rows
        ]

    async def next_due(self) -> datetime | None:
        """When the next command is due; None if none waits."""
        row = await (await self._connection.execute(NEXT)).fetchone()
        return row[0] if row else None

    async def done(self, keys: Sequence[UUID]) -> None:
        """Lets go of those that are recorded, refused or without effect."""
        await self._connection.execute(DONE, (list(keys),))


@dataclass(frozen=True, slots=True)
class Waits:
    """How many commands of a policy wait, and when the next of them is due."""

    count: int
    next_due: datetime


class PostgresWaits:
    """The waiting commands, by policy, read over a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def __call__(self) -> dict[str, Waits]:
        """By policy; those of which nothing waits are left out. Raises psycopg.OperationalError."""
        async with self._pool.connection() as connection:
            await ensure(connection)
            rows = await (await connection.execute(STANDING)).fetchall()
        return {policy: Waits(count, due) for policy, count, due in rows}
