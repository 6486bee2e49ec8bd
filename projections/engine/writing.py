"""Writing a batch: the rows of all views, and the positions, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncCursor, sql

from events.admission import Judged
from events.judging import Batch
from projections.base.connecting import Connection
from projections.base.entries import closing
from projections.base.table import Key, Row, Table
from projections.engine.gathering import Rows
from projections.engine.program import Program
from projections.engine.schema import MARKS


async def advance(connection: Connection, found: Mapping[int, int], batch: Sequence[Judged]) -> dict[int, int]:
    """Moves the positions past the batch and returns the new next offsets of its partitions.

    `found` are the next offsets that the writer last saw; raises Overtaken where they are not there any more.
    """
    moved = await MARKS.move(connection, found, Batch.of(batch))
    return {partition: mark.next_offset for partition, mark in moved.items()}


async def write(connection: Connection, gathered: Rows, program: Program) -> None:
    """Writes the rows in place of those under the same keys. Run it within a transaction."""
    async with connection.cursor() as cursor:
        for table in program.tables:
            if rows := gathered.get(table):
                await _replace(cursor, table, rows)


async def _replace(cursor: AsyncCursor[Any], table: Table, rows: Mapping[Key, tuple[Row, ...]]) -> None:
    names = [key[0] for key in rows]
    if table.replaced:
        delete = sql.SQL("delete from {} where {} = any(%s)")
        await cursor.execute(delete.format(sql.Identifier(table.name), sql.Identifier(table.key[0])), (names,))
    await copy(cursor, table, rows)
    if table.past is not None:
        await cursor.execute(closing(table, table.past), {"names": names})


async def copy(cursor: AsyncCursor[Any], table: Table, rows: Mapping[Key, tuple[Row, ...]]) -> None:
    """Adds the rows with COPY."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    async with cursor.copy(statement) as stream:
        for several in rows.values():
            for row in several:
                await stream.write_row(row)
