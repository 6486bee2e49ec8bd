"""Which vault this is, and the log that it keeps keys for: one row beside the keys."""

from collections.abc import Mapping
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from events.vault import Belonging

Connection = AsyncConnection[Any]


async def read(connection: Connection) -> Belonging:
    """The vault and its log; the tables must exist."""
    found = await connection.execute("select vault, log, topics from vault.belonging")
    [(vault, log, topics)] = await found.fetchall()
    return Belonging(str(vault), log, topics)


async def found(connection: Connection) -> Belonging | None:
    """The same; None where there is no vault."""
    exists = await connection.execute("select to_regclass('vault.belonging') is not null")
    return await read(connection) if await exists.fetchone() == (True,) else None


async def belong_to(connection: Connection, log: str, topics: Mapping[str, str]) -> None:
    """Notes the log by its id, and its topics: the id of each by its name."""
    await connection.execute("update vault.belonging set log = %s, topics = %s", (log, Jsonb(dict(topics))))


async def become(connection: Connection, vault: str | None) -> None:
    """Takes the place of the vault with this id, where one is given, and belongs to no log until a node starts."""
    await connection.execute(
        "update vault.belonging set vault = coalesce(%s::uuid, vault), log = null, topics = '{}'", (vault,)
    )


async def holds_keys(connection: Connection) -> bool:
    """Whether any key is in the vault."""
    found = await connection.execute("select from vault.owner union all select from vault.document limit 1")
    return await found.fetchone() is not None
