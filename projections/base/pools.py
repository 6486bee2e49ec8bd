"""Connections to the views, separate by use: a look at how far the views are waits behind no search."""

from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.postgres.connections import RECONNECT, still_open
from projections.base.connecting import configure

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[Any]]

LOOKS: Final = 2
"""Connections for looks at the positions, each of which takes a millisecond."""
LIMIT: Final = "select set_config('statement_timeout', %s, false)"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many connections at most, and how many seconds one statement of a search may take."""

    reads: int = 8
    searches: int = 8
    search_time: float = 10.0


@dataclass(frozen=True, slots=True)
class Pools:
    """Each of them opens connections as they are needed."""

    reads: Pool
    searches: Pool
    looks: Pool

    @classmethod
    async def open(cls, conninfo: str, sizes: Sizes) -> Self:
        """Connects nowhere yet: the first caller that takes a connection waits for it."""

        async def limit(connection: AsyncConnection[Any]) -> None:
            await configure(connection)
            await connection.execute(LIMIT, (f"{sizes.search_time * 1000:.0f}ms",))

        def pool(size: int, configuring: Any = configure) -> Pool:
            return AsyncConnectionPool(
                conninfo,
                open=False,
                min_size=0,
                max_size=size,
                configure=configuring,
                check=still_open,
                reconnect_timeout=RECONNECT,
            )

        pools = cls(reads=pool(sizes.reads), searches=pool(sizes.searches, limit), looks=pool(LOOKS))
        for one in (pools.reads, pools.searches, pools.looks):
            await one.open()
        return pools

    async def close(self) -> None:
        """Gives all connections back."""
        for one in (self.reads, self.searches, self.looks):
            await one.close()
