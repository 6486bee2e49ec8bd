"""The views as canonical NDJSON, in the order of their keys: two sets of views are equal when their dumps are."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import IsolationLevel, sql

from events.canonical import to_json
from events.escaping import in_json
from projections.base.connecting import Connection, connect
from projections.base.table import Table
from projections.engine.gathering import TABLES, VIEWS
from projections.trial.document import timestamp
from projections.views.history.project import HISTORY
from projections.views.record.project import RECORD
from projections.views.search.project import BESIDE, PAST, SEARCH, SHOWN, WORDS
from projections.views.sites.project import SITE

KEYS: Final = {
    RECORD: ("trial",),
    HISTORY: ("stream", "version"),
    SITE: ("trial", "site"),
    WORDS: ("wording",),
    BESIDE: ("wording", "part"),
    SHOWN: ("trial", "version"),
    SEARCH: ("trial", "version"),
    PAST: ("trial", "version"),
}
AS_TEXT: Final = frozenset({"words", "titles", "conditions", "sponsors", "ages", "first_enrolment"})
"""Columns of types that are JSON only as PostgreSQL writes them."""


async def dump(conninfo: str, names: Collection[str] | None = None) -> AsyncIterator[bytes]:
    """Lines `{"view": …, "table": …, …row}` of all views, or of those named, all as of one moment.

    Raises ValueError for an unknown name.
    """
    if unknown := set(names or ()) - VIEWS.keys():
        raise ValueError(f"there is no view {', '.join(sorted(unknown))}; there are {', '.join(VIEWS)}")
    async with await connect(conninfo) as connection:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        async with connection.transaction():
            for table in TABLES:
                if table.view in (names or VIEWS):
                    async for line in _lines(connection, table):
                        yield line


async def _lines(connection: Connection, table: Table) -> AsyncIterator[bytes]:
    chosen = [sql.Identifier(name) + sql.SQL("::text" if name in AS_TEXT else "") for name in table.columns]
    statement = sql.SQL("select {} from {} order by {}").format(
        sql.SQL(", ").join(chosen),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, KEYS[table])),
    )
    async with connection.cursor("dump") as cursor:
        await cursor.execute(statement)
        async for row in cursor:
            values = {name: _plain(value) for name, value in zip(table.columns, row, strict=True)}
            yield in_json(to_json({"view": table.view, "table": table.name, **values}).decode()).encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return timestamp(value)
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return value
