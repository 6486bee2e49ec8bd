"""The views as canonical NDJSON, in the order of their keys: two sets of views are equal when their dumps are."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import IsolationLevel, sql
from psycopg.types.range import RangeInfo
from psycopg.types.string import TextLoader

from events.canonical import to_json
from events.escaping import in_json
from events.record import written
from projections.base.connecting import Connection, connect
from projections.base.table import Table
from projections.engine.program import Program


async def dump(conninfo: str, names: Collection[str] | None = None, *, program: Program) -> AsyncIterator[bytes]:
    """Lines `{"view": …, "table": …, …row}` of all views, or of those named, all as of one moment.

    Raises ValueError for an unknown name.
    """
    chosen = program.chosen(names)
    async with await connect(conninfo) as connection:
        _read_ranges_as_text(connection)
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        async with connection.transaction():
            for view in [view for view in program.views if view.name in chosen]:
                for table in view.tables:
                    async for line in _lines(connection, view.name, table):
                        yield line


def _read_ranges_as_text(connection: Connection) -> None:
    """JSON has no ranges: they are written as PostgreSQL writes them."""
    for kind in connection.adapters.types:
        if isinstance(kind, RangeInfo):
            connection.adapters.register_loader(kind.oid, TextLoader)


async def _lines(connection: Connection, view: str, table: Table) -> AsyncIterator[bytes]:
    statement = sql.SQL("select {} from {} order by {}").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.key)),
    )
    async with connection.cursor("dump") as cursor:
        await cursor.execute(statement)
        async for row in cursor:
            values = {name: _plain(value) for name, value in zip(table.columns, row, strict=True)}
            yield in_json(to_json({"view": view, "table": table.name, **values}).decode()).encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return written(value)
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return value
