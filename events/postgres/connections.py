"""The log's connections: none waits for ever, and none holds a lock for ever, whichever side has frozen."""

import asyncio
from math import ceil
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

CONNECTIONS: Final = 4

RECONNECT: Final = 3.0
"""Seconds of attempts to connect, each later than the last; the next caller then starts again, without a long wait."""

# A frozen process acknowledges on the network what it is sent: only the server can end its transaction. Releases
# before 17 have no transaction_timeout.
LIMIT: Final = """
select set_config(name, %s, false) from pg_settings
where name in ('lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
"""


async def still_open(connection: AsyncConnection[Any]) -> None:
    """Raises psycopg.OperationalError where the server has closed the connection; asks only this side's socket.

    A pool that checks with it gives out no connection to a server that was stopped since, and it costs no round trip.
    """
    for _ in range(2):  # its last words come before the end
        connection.pgconn.consume_input()


def connections(conninfo: str, patience: float) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool that is still to be opened. The server ends a transaction half as long again as `patience`, in seconds.

    So much later that a client that is alive has given up before, by its own clock.
    """

    async def limit(connection: AsyncConnection[Any]) -> None:
        async with asyncio.timeout(patience):
            await connection.execute(LIMIT, (f"{ceil(patience * 1500)}ms",))

    quiet = max(1, ceil(patience / 4))
    return AsyncConnectionPool(
        conninfo,
        kwargs={
            "autocommit": True,
            "connect_timeout": max(2, ceil(patience)),
            "tcp_user_timeout": ceil(patience * 1000),
            "keepalives_idle": quiet,
            "keepalives_interval": quiet,
            "keepalives_count": 3,
        },
        configure=limit,
        check=still_open,
        reconnect_timeout=RECONNECT,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=patience,
        open=False,
    )
