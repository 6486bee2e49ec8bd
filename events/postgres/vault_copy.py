"""The vault as rows, for a backup: as they stand, with keys wrapped, so that a copy alone opens nothing."""

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any, Final, TypeAlias

from psycopg import AsyncConnection, IsolationLevel, sql

from events.postgres import belonging, remains
from events.postgres.vault import is_under, restoration

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]
Row: TypeAlias = Sequence[str]
"""The name of a table, then its columns: texts and ids as they are, bytes in base64."""
BYTES: Final = frozenset({"digest", "document", "wrapped"})
TABLES: Final[Mapping[str, Sequence[str]]] = {
    "owner": ("owner", "kind", "wrapped"),
    "identity": ("digest", "owner"),
    "document": ("digest", "wrapped"),
    "appearance": ("owner", "document"),
}
"""The tables and their columns, each after those that it refers to."""
_FORGET: Final = (
    "delete from vault.document where digest in (select document from vault.appearance where owner = any(%s::uuid[]))",
    "delete from vault.owner where owner = any(%s::uuid[])",
)


class NotEmpty(LookupError):
    """The vault holds keys that are not the archive's."""


@asynccontextmanager
async def snapshot(conninfo: str) -> AsyncIterator[Connection]:
    """A connection that sees the vault as it is now, whatever happens meanwhile."""
    async with await AsyncConnection.connect(conninfo) as connection:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        async with connection.transaction():
            await probe(connection)  # the first statement fixes what is seen
            yield connection


async def probe(connection: Connection) -> bytes:
    """A probe that distinguishes the installation's key from others."""
    [(wrapped,)] = await (await connection.execute("select wrapped from vault.probe")).fetchall()
    return bytes(wrapped)


def opens(master: bytes, wrapped: bytes) -> bool:
    """Whether the installation's key is the one that a vault with this probe is kept under."""
    return is_under(master, wrapped)


async def rows(connection: Connection) -> AsyncIterator[Row]:
    """All rows, table after table."""
    for table, columns in TABLES.items():
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("select {} from {} order by {}").format(names, sql.Identifier("vault", table), names)
        async with connection.cursor(f"copy_{table}") as cursor:
            await cursor.execute(statement)
            async for row in cursor:
                yield [table, *(_text(name, value) for name, value in zip(columns, row, strict=True))]


def _text(column: str, value: Any) -> str:
    return base64.b64encode(value).decode() if column in BYTES else str(value)


@asynccontextmanager
async def alone(conninfo: str) -> AsyncIterator[None]:
    """Waits until nobody else fills this vault and its log, and keeps others waiting."""
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("select pg_advisory_lock(hashtextextended('registry restoration', 0))")
        yield


async def underway(conninfo: str) -> str | None:
    """The source of a restoration that has not finished: the SHA-256 of an archive, or the argument of `begin`."""
    async with await AsyncConnection.connect(conninfo) as connection:
        return await restoration(connection)


async def begin(conninfo: str, source: str) -> None:
    """Notes that an empty vault and its log are being filled; until `finish`, no node starts. Raises NotEmpty."""
    await put(conninfo, source, (), ())


async def put(
    conninfo: str, archive: str, rows: Iterable[Row], without: Sequence[str], vault: str | None = None
) -> bool:
    """Fills an empty vault, whose tables are there, in one transaction; False where it was filled from this archive
    before, and what followed was broken off.

    `without`: owners whose keys stay destroyed, with those of the documents they appear in. `vault`: the id of the
    vault that it then is, which the log names; its own where none is given. Raises NotEmpty.
    """
    async with await AsyncConnection.connect(conninfo) as connection, connection.transaction():
        await connection.execute("lock table vault.restoration in exclusive mode")
        if (source := await restoration(connection)) == archive:
            return False
        if source or await belonging.holds_keys(connection):
            raise NotEmpty("the vault holds keys already; restore into an empty installation")
        for table, of_table in groupby(rows, key=lambda row: row[0]):
            await _put(connection, table, of_table)
        for statement in _FORGET:
            await connection.execute(statement, (list(without),))
        await belonging.become(connection, vault)
        if without:
            await connection.execute(remains.NOTE)
        await connection.execute("insert into vault.restoration (archive) values (%s)", (archive,))
    return True


async def _put(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    columns = TABLES[table]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("vault", table), names)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row([_value(name, text) for name, text in zip(columns, row[1:], strict=True)])


def _value(column: str, text: str) -> str | bytes:
    return base64.b64decode(text) if column in BYTES else text


async def finish(conninfo: str) -> None:
    """Notes that all is restored: nodes may start."""
    async with await AsyncConnection.connect(conninfo) as connection:
        await connection.execute("delete from vault.restoration")
