"""Wakes readers when something was appended, by this process or, through LISTEN, by another."""

import asyncio
import contextlib
from typing import Final

import psycopg

from events.stopping import stop

POLL_SECONDS: Final = 0.25
"""How long a reader waits at most before it looks again: a notification can be lost together with its connection."""


class Arrivals:
    """Tells readers that there may be more to read. Listens on one connection, from the first wait on."""

    def __init__(self, conninfo: str, channel: str, own: str) -> None:
        self._conninfo = conninfo
        self._channel = channel
        self._own = own
        self._listening: asyncio.Task[None] | None = None
        self.next = asyncio.Event()
        """Is set at the next arrival. Take it before you look: then nothing that arrives after goes unnoticed."""
        self.elsewhere = 0
        """How often another process has announced an arrival."""

    def ring(self) -> None:
        """Wakes all that wait now."""
        self.next.set()
        self.next = asyncio.Event()

    async def wait(self, arrival: asyncio.Event) -> None:
        """Waits for an arrival taken from `next`, or until it is time to look anyway."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await arrival.wait()

    async def close(self) -> None:
        """Stops listening and wakes all that wait."""
        if self._listening is not None:
            await stop([self._listening])
        self.ring()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(psycopg.OperationalError):  # readers poll meanwhile
                async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
                    await connection.execute(psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(self._channel)))
                    async for notice in connection.notifies():
                        if notice.payload != self._own:
                            self.elsewhere += 1
                            self.ring()
            await asyncio.sleep(POLL_SECONDS)
