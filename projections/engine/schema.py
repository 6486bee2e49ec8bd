"""The tables of the views: made where there are none, and refused where they are not this program's."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from psycopg import sql

from events.identity import WrongLog, verify_marks
from events.port import EventLog, Topic
from events.postgres.marks import MarkTable
from projections.base.connecting import SCHEMA, Connection
from projections.engine.program import Program

OWN: Final = ("position", "set_aside")
"""Tables that stand beside those of the views."""
LEADER, STRUCTURE, REBUILD = 7_203_001, 7_203_002, 7_203_003
"""Advisory locks: the one runner that writes, the process that makes or swaps tables, the one rebuild."""

LOCK: Final = "select pg_advisory_xact_lock(%s)"
FIND_TABLES: Final = "select table_name from information_schema.tables where table_schema = current_schema()"
FIND_DEFINITION: Final = "select obj_description('position'::regclass)"
MARKS: Final = MarkTable("views", ("position",))
"""The marks of the views, in their own schema: dropped and swapped with them."""
FIND_TOPICS: Final = "select distinct topic from position"


class ViewsUnfit(Exception):
    """The tables are not those of this program, or hold another log; a rebuild makes them again."""


def tables_sql(program: Program) -> str:
    """Statements that make the tables, without the indexes that a load is faster without."""
    return _text(__package__, "tables.sql") + _scripts(program, "tables.sql")


def indexes_sql(program: Program) -> str:
    """Statements that make the indexes."""
    return _scripts(program, "indexes.sql")


def _scripts(program: Program, name: str) -> str:
    return "\n".join(_text(view.package, name) for view in program.views)


@cache
def _text(package: str, name: str) -> str:
    file = files(package).joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _definition(program: Program) -> str:
    return hashlib.sha256(f"{program.revision}{tables_sql(program)}{indexes_sql(program)}".encode()).hexdigest()


async def make_tables(connection: Connection, schema: str, program: Program) -> None:
    """Makes the schema with its tables."""
    await connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    await connection.execute(tables_sql(program).encode())
    await connection.execute(sql.SQL("comment on table position is {}").format(sql.Literal(_definition(program))))


async def ensure(connection: Connection, program: Program) -> None:
    """Makes the tables where there are none. Raises ViewsUnfit where some are missing or were made by another program.

    A missing table is not made anew by itself: it would stay empty, as the positions say that all is in it.
    """
    names = {*OWN, *(table.name for table in program.tables)}
    async with connection.transaction():
        await connection.execute(LOCK, (STRUCTURE,))
        found = {name for (name,) in await (await connection.execute(FIND_TABLES)).fetchall()} & names
        if not found:
            await make_tables(connection, SCHEMA, program)
            await connection.execute(indexes_sql(program).encode())
        elif missing := names - found:
            raise ViewsUnfit(f"the views lack the tables {', '.join(sorted(missing))}; run: registry rebuild")
        elif await (await connection.execute(FIND_DEFINITION)).fetchone() != (_definition(program),):
            raise ViewsUnfit("the views were made by another version of this program; run: registry rebuild")


async def claim(connection: Connection, topic: Topic) -> None:
    """Sets positions to the log's beginning where there are none; raises ViewsUnfit where they are another log's."""
    await MARKS.claim(connection, topic)
    topics = [name for (name,) in await (await connection.execute(FIND_TOPICS)).fetchall()]
    if topics != [topic.name]:
        raise ViewsUnfit(f"the views are of the topics {', '.join(topics)}, not of {topic.name}; run: registry rebuild")


async def verify(connection: Connection, events: EventLog, topic: Topic) -> None:
    """Raises ViewsUnfit where the views were made from records that the log does not have; LogUnavailable."""
    try:
        await verify_marks(events, topic, await MARKS.find(connection, topic))
    except WrongLog as fault:
        raise ViewsUnfit(f"the views contain events that the log does not: {fault}") from fault


async def positions(connection: Connection) -> dict[int, int]:
    """The next offset of each partition."""
    cursor = await connection.execute("select partition, next_offset from position")
    found: list[tuple[int, int]] = await cursor.fetchall()
    return dict(found)
