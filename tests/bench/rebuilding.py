"""The views rebuilt from the log, beside COPY of the same rows into the same tables."""

import time
from typing import Any, Final

from psycopg import sql

from events.port import EventLog, Topic
from projections.base.connecting import SCHEMA, Connection, connect
from projections.base.table import Row, Table
from projections.catalogue import PROGRAM
from projections.engine import schema
from projections.engine.building import UNHURRIED, Opener
from projections.engine.rebuild import rebuild
from projections.engine.writing import copy
from tests.bench.figures import ratio, spread, table

COPIED: Final = "bench_copy"
DROP: Final = sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(COPIED))


async def rebuilding(
    log: EventLog, topic: Topic, url: str, rounds: int, opener: Opener
) -> tuple[dict[str, Any], dict[str, float]]:
    """The figures and ratios of so many rounds of both, by turns."""
    rebuilt, copied, indexed, events = [], [], [], 0
    for _ in range(rounds):
        started = time.monotonic()
        events = await rebuild(log, topic, url, opener=opener, program=PROGRAM)
        rebuilt.append(events / (time.monotonic() - started))
        rows = await _rows(url)
        alone, whole = await _copying(url, rows)
        copied.append(events / alone)
        indexed.append(events / whole)
    table(
        f"The views of {events:,} events, {sum(map(len, rows.values())):,} rows",
        ["events/s", "median (lowest–highest)"],
        [
            ["rebuild: read, fold, project, COPY, indexes, swap", spread(rebuilt)],
            ["COPY of the ready rows, indexes", spread(indexed)],
            ["COPY of the ready rows alone", spread(copied)],
        ],
    )
    figures = {"events": events, "rebuild": rebuilt, "copy_and_indexes": indexed, "copy": copied}
    ratios = {"rebuild_over_copy": ratio(rebuilt, indexed), "rebuild_over_copy_alone": ratio(rebuilt, copied)}
    return figures, ratios


async def _rows(url: str) -> dict[Table, list[Row]]:
    """Every row of the views, its values as text, ready to be written."""
    async with await connect(url, SCHEMA) as connection:
        return {one: await _rows_of(connection, one) for one in PROGRAM.tables}


async def _rows_of(connection: Connection, of: Table) -> list[Row]:
    columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in of.columns)
    cursor = await connection.execute(sql.SQL("select {} from {}").format(columns, sql.Identifier(of.name)))
    return await cursor.fetchall()


async def _copying(url: str, rows: dict[Table, list[Row]]) -> tuple[float, float]:
    """Seconds to write the rows, and to write them and make the indexes and statistics as a rebuild does."""
    async with await connect(url, COPIED) as connection:
        await connection.execute(DROP)
        await connection.execute(UNHURRIED)
        await schema.make_tables(connection, COPIED, PROGRAM)
        started = time.monotonic()
        for one, ready in rows.items():
            async with connection.transaction(), connection.cursor() as cursor:
                await copy(cursor, one, {(): tuple(ready)})
        written = time.monotonic()
        names = ", ".join(one.name for one in PROGRAM.tables)
        for statement in (schema.indexes_sql(PROGRAM), f"analyze {names}"):
            await connection.execute(statement.encode())
        ended = time.monotonic()
        await connection.execute(DROP)
    return written - started, ended - started
