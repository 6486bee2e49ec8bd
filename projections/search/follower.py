"""The follower of the views that updates an index: new rows of the views, in their order, commit by commit.

It reads entries and positions in one transaction, so the index never has half of the rows that the views showed at
once. Where the index is missing, damaged, of another log or another program, another is made beside it and then swapped
in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NoReturn, Self

import structlog

from events.errors import kind_of
from events.identity import Mark as LogMark
from events.identity import Marks, WrongLog
from events.port import LogTruncated
from events.streams import Stream
from projections.base.connecting import Connection, connect
from projections.engine.progress import Progress
from projections.search import entries
from projections.search.folder import Place
from projections.search.mark import Mark
from projections.search.shape import Entry
from projections.search.writing import HEAP, HEAP_TO_FILL, IndexFailed, IndexUnfit, NoIndexYet, Writer, mark_in

log = structlog.get_logger()

APART: Final = 0.1
"""Seconds between two commits at least: each costs about as much as a few documents."""
LOOK: Final = 0.2
"""Seconds after which it looks whether another process has moved the views."""
AGAIN_AFTER: Final = 1.0
"""Seconds after which what failed is tried again."""
MANY: Final = 10_000
"""Entries after which a commit is made while an index catches up."""

Verify = Callable[[Marks], Awaitable[None]]
"""Raises WrongLog where the log has other records before these marks."""


async def unverified(marks: Marks) -> None:
    """There is no log to compare with, as for an index that was made by this process."""
    del marks


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of an index, for its readers. `unfit`: why none can be read until another is made.

    `positions`: next offsets that it holds; none while it is unfit. `trouble`: what fails, and is tried again.
    `aside`: how many entries it could not take.
    """

    positions: Mapping[int, int]
    unfit: str = ""
    trouble: str = ""
    aside: int = 0

    @classmethod
    def at(cls, mark: Mark) -> Self:
        """Of an index with this mark, if all is well."""
        return cls(mark.positions, aside=len(mark.aside))


def nobody(standing: Standing) -> None:
    """Nobody reads the index in another process."""
    del standing


def _is_of(mark: Mark, views: Mark) -> bool:
    """Whether an index of this mark is of these views, and holds nothing that they do not."""
    return mark.views == views.views and views.includes(mark.positions)


async def refuse_unfit(mark: Mark, views: Mark, verify: Verify) -> None:
    """Raises IndexUnfit where an index of this mark is not of these views, or of another log."""
    if not _is_of(mark, views):
        raise IndexUnfit("the search index holds what the views do not")
    marks = {
        partition: LogMark(mark.positions[partition], bytes.fromhex(digest))
        for partition, digest in mark.digests.items()
    }
    try:
        await verify(marks)
    except (WrongLog, LogTruncated) as fault:
        raise IndexUnfit(f"the search index is of another log: {fault}") from fault


class Follower:
    """Keeps one index. One task at a time."""

    def __init__(
        self,
        place: Place,
        *,
        verify: Verify = unverified,
        tell: Callable[[Standing], None] = nobody,
    ) -> None:
        self._place, self._verify, self._tell = place, verify, tell
        self._writer: Writer | None = None
        self._mark = Mark({}, "")
        self._beside = False
        self.standing = Standing({})

    @property
    def writer(self) -> Writer | None:
        """The writer of the index, once there is one."""
        return self._writer

    async def run(self, conninfo: str, progress: Progress) -> NoReturn:
        """Follows until cancelled; failures are reported and tried again. `progress`: of the views, as far as known."""
        while True:
            try:
                async with await connect(conninfo) as connection:
                    await self._follow(connection, progress)
            except Exception as fault:
                # Every error is caught: this process also writes the views, and they go on.
                await self._failed(fault)
                await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self, connection: Connection, progress: Progress) -> NoReturn:
        while True:
            await self.catch_up(connection)
            await asyncio.sleep(APART)
            try:
                async with asyncio.timeout(LOOK):
                    await progress.grown(self._mark.positions)
            except TimeoutError:
                if not await asyncio.to_thread(self._place.intact):
                    self._writer = None
                    self._stand(Standing({}, unfit="the search index is gone"))

    async def catch_up(self, connection: Connection) -> None:
        """Brings the index to where the views are; raises IndexFailed, psycopg.Error."""
        async with entries.snapshot(connection):
            views = await entries.state(connection)
            if self._writer is None or not _is_of(self._mark, views):
                await self._begin(views)
            if views != replace(self._mark, aside={}) or self._beside:
                await self._take(connection, views)
        if self._beside and self._writer is not None:
            await asyncio.to_thread(self._writer.settle, HEAP)
            await asyncio.to_thread(self._place.swap)
            self._beside = False
        self._stand(Standing.at(self._mark))

    async def _begin(self, views: Mark) -> None:
        """Opens the index, or begins another beside it where it is not of these views."""
        try:
            await self._open()
            if self._mark.views == views.views:
                await refuse_unfit(self._mark, views, self._verify)
                return
            # Until another is made, the one of the views before goes on answering.
            reason = "the views were made anew"
        except NoIndexYet:
            reason = ""
        except IndexUnfit as fault:
            reason = str(fault)
            self._stand(Standing({}, unfit=reason))
        if reason:
            log.warning("search_index_remade", reason=reason)
        await self._renew(views)

    async def _open(self) -> None:
        if self._writer is not None:
            return
        opener = await asyncio.to_thread(self._place.current)
        self._writer = await asyncio.to_thread(Writer, opener, HEAP)
        self._mark = mark_in(self._writer.index)

    async def _renew(self, views: Mark) -> None:
        self._writer = None
        opener = await asyncio.to_thread(self._place.renew)
        writer = await asyncio.to_thread(Writer, opener, HEAP_TO_FILL)
        self._mark = await asyncio.to_thread(writer.begin, Mark({}, views.views, stumbled=views.stumbled))
        self._writer, self._beside = writer, True

    async def _take(self, connection: Connection, views: Mark) -> None:
        """Writes new rows of the views, and rows that they show again of streams that they stumbled over before."""
        gathered: list[Entry] = []
        done = dict(self._mark.positions)
        gone = [
            Stream(stream).id
            for stream, cause in self._mark.stumbled.items()
            if "/" in stream and views.stumbled.get(stream) != cause
        ]
        if gone:
            gathered += await entries.of_trials(connection, gone)
        for window in entries.windows(self._mark.positions, views.positions):
            gathered += await entries.between(connection, window)
            done[window.partition] = window.high
            if len(gathered) >= MANY:
                await self._write(gathered, _reached(self._mark, done, views), gone)
                gathered, gone = [], []
        await self._write(gathered, replace(views, aside=self._mark.aside), gone)

    async def _write(self, gathered: list[Entry], mark: Mark, gone: list[str]) -> None:
        if self._writer is None:
            raise IndexFailed("the search index is not open")
        self._mark = await asyncio.to_thread(self._writer.write, gathered, mark, gone)

    def _stand(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self._tell(standing)

    async def _failed(self, fault: Exception) -> None:
        """Opens all anew at the next attempt: a writer that failed once can't be relied on."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await asyncio.to_thread(writer.drop)
        reason = str(fault) if isinstance(fault, IndexFailed) else kind_of(fault)
        trouble = f"the search index is not written: {reason}"
        log.warning("search_index_failed", error=trouble)
        self._stand(replace(self.standing, trouble=trouble))


def _reached(mark: Mark, done: Mapping[int, int], views: Mark) -> Mark:
    """The mark on the way: what records stand before its positions is known of partitions that are done."""
    ends = views.positions
    whole = {partition: one for partition, one in views.digests.items() if done.get(partition) == ends[partition]}
    return replace(mark, positions=dict(done), digests=whole)
