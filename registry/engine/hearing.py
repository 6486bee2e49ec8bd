"""Judged records for a follower on a node. The node reads the log anyway, so nothing is read or judged twice."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Final

from events.admission import Judged, PartitionFold
from events.event import follow
from events.identity import Marks, refuse_beyond, verify_marks
from events.judging import LARGEST_BATCH, Batch
from events.port import EventLog
from events.starting import Begin, from_the_beginning
from registry.engine.heads import Heads

QUIET: Final = 1.0
"""Seconds after which the marks move past records of which none is wanted."""


class Hearing:
    """Implements `events.follower_port.Source` for a follower that wants few records and keeps them until handled.

    Where the marks are behind the records that this node has read, or no longer keeps, it reads that part of the log
    separately, from the beginning or an older snapshot: a node may have started from one newer than the marks.
    """

    def __init__(
        self,
        heads: Heads,
        events: EventLog,
        wanted: Callable[[Judged], bool],
        begin: Begin = from_the_beginning,
    ) -> None:
        self._heads, self._events, self._wanted, self._begin = heads, events, wanted, begin
        self._marks: dict[int, int] = {}
        self._waiting: list[Judged] = []
        self._complete_from: dict[int, int] = {}
        """By partition, the offset from which on every wanted record is kept; none before the first record."""
        self._last: dict[int, Judged] = {}
        self._arrived = asyncio.Event()
        heads.listen(self._hear)

    def _hear(self, judged: Judged) -> None:
        partition, offset = judged.position
        marked = self._marks.get(partition, 0)
        self._complete_from.setdefault(partition, max(offset, marked))
        self._last[partition] = judged
        if offset >= marked and self._wanted(judged):
            self._waiting.append(judged)
            self._arrived.set()

    async def resume(self, marks: Marks) -> bool:
        """See `Source.resume`."""
        ends = await self._heads.ends()
        refuse_beyond(self._heads.topic, marks, ends)
        self.passed(marks)
        return all(marks[partition].next_offset >= end for partition, end in ends.items())

    async def verify(self, marks: Marks) -> None:
        """See `Source.verify`."""
        await verify_marks(self._events, self._heads.topic, marks)

    def passed(self, marks: Marks) -> None:
        """See `Source.passed`."""
        for partition, mark in marks.items():
            self._marks[partition] = mark.next_offset
            if partition in self._complete_from:
                self._complete_from[partition] = max(self._complete_from[partition], mark.next_offset)
        self._waiting = [one for one in self._waiting if _is_from(self._marks, one)]

    async def stand_by(self) -> None:
        """See `Source.stand_by`: the node reads on by itself."""

    async def batches(
        self, until: Mapping[int, int] | None = None, needed: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[Batch, None]:
        """See `Source.batches`. Batches hold the wanted records alone; the marks move past all others, too."""
        start = dict(self._marks)
        while needed() and (until is None or any(start[partition] < end for partition, end in until.items())):
            if missed := self._missed(start):
                async with aclosing(self._again(start, missed)) as again:
                    async for batch in again:
                        yield batch
                start |= missed
            elif (batch := await self._next(start)).last:
                start |= {partition: one.position.offset + 1 for partition, one in batch.last.items()}
                yield batch

    def _missed(self, start: Mapping[int, int]) -> dict[int, int]:
        """By partition, where the kept records begin, if that is after the start."""
        began = self._heads.next_offsets() | self._complete_from
        return {partition: offset for partition, offset in began.items() if start[partition] < offset}

    async def _again(self, start: Mapping[int, int], until: Mapping[int, int]) -> AsyncGenerator[Batch, None]:
        begun = await self._begin(start)
        folds = {partition: begun.get(partition) or PartitionFold(partition) for partition in until}
        async with aclosing(follow(self._events, self._heads.topic, folds, until)) as read:  # type: ignore[type-var]
            async for judged in read:
                if new := [one for one in judged if _is_from(start, one)]:
                    wanted = [one for one in new if self._wanted(one)]
                    yield Batch(wanted, {one.position.partition: one for one in new})

    async def _next(self, start: Mapping[int, int]) -> Batch:
        """The next batch, as soon as a wanted record has come, or after QUIET seconds without one."""
        self._arrived.clear()
        if not (batch := self._batch(start)).judged:
            with suppress(TimeoutError):
                async with asyncio.timeout(QUIET):
                    await self._arrived.wait()
            batch = self._batch(start)
        return batch

    def _batch(self, start: Mapping[int, int]) -> Batch:
        new = [one for one in self._waiting if _is_from(start, one)]
        now, later = new[:LARGEST_BATCH], {one.position.partition for one in new[LARGEST_BATCH:]}
        last = {partition: one for partition, one in self._last.items() if _is_from(start, one)}
        # Of a partition of which more is wanted than is in this batch, only what is in it is done.
        last = {partition: one for partition, one in last.items() if partition not in later}
        return Batch(now, last | {one.position.partition: one for one in now if one.position.partition in later})


def _is_from(start: Mapping[int, int], judged: Judged) -> bool:
    return judged.position.offset >= start.get(judged.position.partition, 0)
