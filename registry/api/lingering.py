"""What still comes behind a head that was refused: taken for a while, and kept nowhere.

A connection that is closed on what it has not read is reset, and a client that is still sending would miss the answer
(RFC 9112, 9.6).
"""

import asyncio
from typing import Final

DRAINED: Final = 1_000_000
"""Bytes that nobody wants and that are read all the same."""
DRAIN_PATIENCE: Final = 2.0
"""Seconds that they are waited for."""


class Lingering:
    """Lasts until the client has left, or has sent too much, or for too long."""

    def __init__(self) -> None:
        self._remaining = DRAINED
        self._over = asyncio.Event()

    def take(self, size: int) -> None:
        """Counts bytes that arrived."""
        self._remaining -= size
        if self._remaining <= 0:
            self._over.set()

    def end(self) -> None:
        """The client has left."""
        self._over.set()

    async def until_over(self, transport: asyncio.Transport) -> None:
        """Tells the client that no more will follow, and returns when it lasted long enough."""
        if transport.can_write_eof():
            transport.write_eof()
        try:
            async with asyncio.timeout(DRAIN_PATIENCE):
                await self._over.wait()
        except TimeoutError:
            return
