"""Waiting for the views to reach a position, whichever process writes them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from events.record import Position
from projections.engine.progress import Progress

POLL: Final = 0.03
"""Seconds between looks at the positions, while someone waits and another process writes the views."""


class Waiting:
    """The callers in this process that wait for a position."""

    def __init__(self, progress: Progress, positions: Callable[[], Awaitable[Mapping[int, int]]]) -> None:
        self._progress, self._positions = progress, positions
        self._waiting = 0
        self._poller: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Stops looking at the positions."""
        if self._poller is not None:
            self._poller.cancel()

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109
        """Whether the views hold the position, once they do or after so many seconds, whichever process writes them."""
        if self._progress.includes(position):
            return True
        try:
            with self._polling():
                await asyncio.wait_for(self._progress.wait(position), timeout)
        except TimeoutError:
            return False
        return True

    @contextmanager
    def _polling(self) -> Iterator[None]:
        """One task looks at the positions for all callers that wait, and ends with the last of them."""
        self._waiting += 1
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._waiting -= 1

    async def _poll(self) -> None:
        while self._waiting:
            with suppress(psycopg.Error):
                await self._progress.reached(await self._positions())
            await asyncio.sleep(POLL)
