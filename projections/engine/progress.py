"""How far the views have got, for callers in this process that wait for a position."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

from events.record import Position


class Progress:
    """Next offsets by partition, as far as known here; they only grow."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}
        self._grown = asyncio.Condition()
        self._waiting = 0
        self.trouble = ""
        """The work that fails and that the runner tries again; empty if all is well."""

    def includes(self, position: Position) -> bool:
        """Whether the views are known to hold the position."""
        return self._next.get(position.partition, 0) > position.offset

    def positions(self) -> Mapping[int, int]:
        """Next offsets by partition, as far as known here."""
        return dict(self._next)

    def is_beyond(self, offsets: Mapping[int, int]) -> bool:
        """Whether the views are known to hold more than these next offsets, in any partition."""
        return any(self._next.get(partition, 0) > offset for partition, offset in offsets.items())

    async def grown(self, offsets: Mapping[int, int]) -> None:
        """Returns when the views hold more than these next offsets."""
        async with self._grown:
            await self._grown.wait_for(lambda: self.is_beyond(offsets))

    def troubled(self, trouble: str) -> None:
        """Notes the runner's trouble; empty if it goes on."""
        self.trouble = trouble

    async def reached(self, positions: Mapping[int, int]) -> None:
        """Notes next offsets and wakes the callers that wait for one of them."""
        for partition, offset in positions.items():
            self._next[partition] = max(offset, self._next.get(partition, 0))
        async with self._grown:
            self._grown.notify_all()

    async def hear(self, message: "ProgressMessage") -> None:
        """Notes a report of a runner in another process."""
        if isinstance(message, str):
            self.troubled(message)
        else:
            await self.reached(message)

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


ProgressMessage: TypeAlias = Mapping[int, int] | str
"""A message of a runner to another process: next offsets, or its trouble."""


class ForwardedProgress(Progress):
    """The progress of views that another process reads."""

    def __init__(self, tell: Callable[[ProgressMessage], None]) -> None:
        super().__init__()
        self._tell = tell
        # The other process may remember the trouble of one before this.
        self._reported: str | None = None

    def troubled(self, trouble: str) -> None:
        """Notes the runner's trouble, and reports it to the other process."""
        super().troubled(trouble)
        if trouble != self._reported:
            self._reported = trouble
            self._tell(trouble)

    async def reached(self, positions: Mapping[int, int]) -> None:
        """Takes note of next offsets, wakes the callers that wait here, and tells the other process."""
        await super().reached(positions)
        self._tell(dict(positions))
