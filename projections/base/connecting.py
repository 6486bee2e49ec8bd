"""Connections to PostgreSQL that find the tables of the views.

Statements name tables without their schema, so that the same ones serve the views in use and those built beside them.
"""

from typing import Any, Final, TypeAlias

import orjson
from psycopg import AsyncConnection
from psycopg.types.json import set_json_loads

SCHEMA: Final = "views"
NEXT: Final = "views_next"
"""Where a rebuild makes the views that are to take the place of those in use."""
NEVER: Final = 1_000_000_000
"""Executions after which a statement is prepared that does not ask for it."""
CONFIGURE: Final = (
    "select set_config('search_path', %s, false), set_config('timezone', 'UTC', false),"
    # A search is planned at each time, and compiling its plan would take longer than running it.
    " set_config('datestyle', 'ISO', false), set_config('jit', 'off', false)"
)

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]


async def configure(connection: Connection, schema: str = SCHEMA) -> None:
    """Makes the connection autocommit, in UTC, and find the tables of the schema."""
    await connection.set_autocommit(True)
    set_json_loads(orjson.loads, connection)
    # Not by itself: a search would get a plan that was made without knowing its filters.
    connection.prepare_threshold = NEVER
    await connection.execute(CONFIGURE, (schema,))


async def connect(conninfo: str, schema: str = SCHEMA) -> Connection:
    """A configured connection; raises psycopg.OperationalError where the database is away."""
    connection = await AsyncConnection.connect(conninfo, keepalives_idle=5, keepalives_interval=2, keepalives_count=3)
    try:
        await configure(connection, schema)
    except BaseException:
        await connection.close()
        raise
    return connection
