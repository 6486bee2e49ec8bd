"""Bytes that still arrive after a refused head: read for a while, and discarded.

A connection that is closed with unread bytes is reset, and a client that is still sending would miss the answer
(RFC 9112, 9.6).
"""

import asyncio
from typing import Final

DRAINED: Final = 1_000_000
"""Unwanted bytes that are read anyway."""
DRAIN_PATIENCE: Final = 2.0
"""Seconds to wait for them."""


class Lingering:
    """Reads until the client has left, has sent too much, or has taken too long."""

    def __init__(self) -> None:
        self._remaining = DRAINED
        self._over = asyncio.Event()

    def take(self, size: int) -> None:
        """Counts bytes that arrived."""
        self._remaining -= size
        if self._remaining <= 0:
            self._over.set()

    def end(self) -> None:
        """Notes that the client has left."""
        self._over.set()

    async def until_over(self, transport: asyncio.Transport) -> None:
        """Tells the client that no more will follow, and returns once that has lasted long enough."""
        if transport.can_write_eof():
            transport.write_eof()
        try:
            async with asyncio.timeout(DRAIN_PATIENCE):
                await self._over.wait()
        except TimeoutError:
            return
