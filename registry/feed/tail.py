"""New pages of the views, read once for all followers on this node."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from events.stopping import heed_cancellation, stop
from projections.reading import Views
from registry.feed.pages import Page, Pages

log = structlog.get_logger()
T = TypeVar("T")

RECENT: Final = 16
"""Pages kept for slower followers. One that falls further behind reads from the views again."""
FRESH: Final = 5.0
"""Seconds after which a page is no longer served: texts that it has in clear may have been erased since."""
REST: Final = 0.05
"""Seconds between two pages: under load one query then reads many changes, and commands go first."""
AGAIN: Final = 0.5
"""Seconds before a retry while the views are away."""


class FellBehind(Exception):
    """The reader's next page is no longer in memory."""


@dataclass(frozen=True, slots=True)
class _RecentPage:
    page: Page
    read: float


class Tail:
    """Runs while it has followers. Safe for the tasks of one event loop."""

    def __init__(self, views: Views, pages: Pages) -> None:
        self._views, self._pages = views, pages
        self._recent: deque[_RecentPage] = deque(maxlen=RECENT)
        self._next = 0
        """The number of the page that comes next."""
        self._moved = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self.at: Mapping[int, int] = {}
        """The next offsets after the last page."""
        self._followers = 0
        self.closed = False

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Counts as a follower within the context."""
        self._followers += 1
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def close(self) -> None:
        """Ends the tail for all followers."""
        self.closed = True
        if self._reading is not None:
            await stop([self._reading])
        await self._tell()

    @property
    def next(self) -> int:
        """The number of the page that comes next, which will begin at `at`."""
        return self._next

    async def pages(self, number: int, patience: float) -> AsyncIterator[Page | None]:
        """Pages from a number on, as they come, and None if none came for so many seconds; ends when closed.

        Raises FellBehind.
        """
        while not self.closed:
            if await self.moved(number, patience):
                yield self._page(number)
                number += 1
            else:
                yield None

    async def moved(self, number: int, patience: float) -> bool:
        """Whether the page of this number came within so many seconds, returned once it has; False once this closes."""
        try:
            async with asyncio.timeout(patience), self._moved:
                await self._moved.wait_for(lambda: self._next > number or self.closed)
        except TimeoutError:
            return False
        return not self.closed

    def _page(self, number: int) -> Page:
        oldest = self._next - len(self._recent)
        if number < oldest:
            raise FellBehind
        recent = self._recent[number - oldest]
        if asyncio.get_running_loop().time() - recent.read > FRESH:
            raise FellBehind
        return recent.page

    async def _read(self) -> None:
        await self._begin(await self._surely(self._views.positions))
        while True:
            await self._take(await self._surely(self._next_page))
            await asyncio.sleep(REST)

    async def _next_page(self) -> Page:
        return await self._pages.read(self.at, await self._views.beyond(self.at))

    async def _surely(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The result, retried until there is one: a failure must not leave followers waiting for ever."""
        while True:
            try:
                answer = await ask()
            except Exception as fault:
                log.warning("feed_interrupted", kind=type(fault).__name__)
                await asyncio.sleep(AGAIN)
            else:
                # Two readers would each append the same changes.
                heed_cancellation()
                return answer
            heed_cancellation()

    async def _begin(self, at: Mapping[int, int]) -> None:
        # Any earlier followers continue from the views.
        self._recent.clear()
        self.at = at
        self._next += 1
        await self._tell()

    async def _take(self, page: Page) -> None:
        self._recent.append(_RecentPage(page, asyncio.get_running_loop().time()))
        self.at = page.end
        self._next += 1
        await self._tell()

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()
