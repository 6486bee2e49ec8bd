"""Writing a batch: the rows of all views, and the positions, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from psycopg import AsyncCursor, sql

from events.admission import Judged
from projections.base.connecting import Connection
from projections.base.table import Key, Row, Table
from projections.engine.gathering import TABLES, Rows
from projections.trial.document import Document
from projections.views.record.project import RECORD
from projections.views.search.project import BESIDE, SEARCH, WORDS
from projections.views.sites.project import SITE

ADVANCE: Final = files(__package__).joinpath("advance.sql").read_bytes()
CLOSE_ENTRIES: Final = files(__package__).joinpath("close_entries.sql").read_bytes()
CLEAR: Final[Mapping[Table, str]] = {
    RECORD: "delete from record where trial = any(%s)",
    SITE: "delete from site where trial = any(%s)",
    WORDS: "delete from search_words where wording = any(%s::uuid[])",
    BESIDE: "delete from search_beside where wording = any(%s::uuid[])",
}
LOAD: Final = "select trial, document from record where trial = any(%s)"


class OwnedElsewhere(Exception):
    """Another writer moved the positions: nothing was written, and what is known of the views is no longer true."""


async def advance(connection: Connection, found: Mapping[int, int], batch: Sequence[Judged]) -> dict[int, int]:
    """Moves the positions past the batch and returns the new next offsets of its partitions.

    `found` are the next offsets that the writer last saw; raises OwnedElsewhere where they are not there any more.
    """
    last = {judged.position.partition: judged for judged in batch}
    moved = {partition: judged.position.offset + 1 for partition, judged in last.items()}
    cursor = await connection.execute(
        ADVANCE,
        {
            "partitions": list(moved),
            "found": [found[partition] for partition in moved],
            "next_offsets": list(moved.values()),
            "recorded": [judged.recorded for judged in last.values()],
        },
    )
    if cursor.rowcount != len(moved):
        raise OwnedElsewhere("another runner or a rebuild has moved the views' positions")
    return moved


async def load(connection: Connection, trials: Iterable[str]) -> dict[str, Document]:
    """The documents of those of the trials that have one."""
    cursor = await connection.execute(LOAD, (list(trials),))
    found: list[tuple[str, Document]] = await cursor.fetchall()
    return dict(found)


async def write(connection: Connection, gathered: Rows) -> None:
    """Writes the rows in place of those under the same keys. Run it within a transaction."""
    async with connection.cursor() as cursor:
        for table in TABLES:
            if rows := gathered.get(table):
                await _replace(cursor, table, rows)


async def _replace(cursor: AsyncCursor[Any], table: Table, rows: Mapping[Key, tuple[Row, ...]]) -> None:
    if table in CLEAR:
        await cursor.execute(CLEAR[table].encode(), ([key[0] for key in rows],))
    await copy(cursor, table, rows)
    if table is SEARCH:
        await cursor.execute(CLOSE_ENTRIES, {"trials": [trial for trial, _ in rows]})


async def copy(cursor: AsyncCursor[Any], table: Table, rows: Mapping[Key, tuple[Row, ...]]) -> None:
    """Adds the rows with COPY."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    async with cursor.copy(statement) as stream:
        for several in rows.values():
            for row in several:
                await stream.write_row(row)
