"""How far the views have got, for those in this process who wait for a position."""

import asyncio
from collections.abc import Callable, Mapping

from events.record import Position


class Progress:
    """Next offsets by partition, as far as known here; they only grow."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}
        self._grown = asyncio.Condition()
        self._waiting = 0

    def includes(self, position: Position) -> bool:
        """Whether the views are known to hold the position."""
        return self._next.get(position.partition, 0) > position.offset

    async def reached(self, positions: Mapping[int, int]) -> None:
        """Takes note of next offsets and wakes whoever waits for one of them."""
        for partition, offset in positions.items():
            self._next[partition] = max(offset, self._next.get(partition, 0))
        async with self._grown:
            self._grown.notify_all()

    async def wait(self, position: Position) -> None:
        """Returns when the position is known to be held."""
        async with self._grown:
            self._waiting += 1
            self._grown.notify_all()
            try:
                await self._grown.wait_for(lambda: self.includes(position))
            finally:
                self._waiting -= 1

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a position."""
        return self._waiting > 0

    async def until_wanted(self) -> None:
        """Returns when somebody waits for a position."""
        async with self._grown:
            await self._grown.wait_for(lambda: self.wanted)


class ToldProgress(Progress):
    """The progress of views that another process reads."""

    def __init__(self, tell: Callable[[Mapping[int, int]], None]) -> None:
        super().__init__()
        self._tell = tell

    async def reached(self, positions: Mapping[int, int]) -> None:
        """Takes note of next offsets, wakes whoever waits here, and tells the other process."""
        await super().reached(positions)
        self._tell(dict(positions))
