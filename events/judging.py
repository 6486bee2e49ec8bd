"""Judged records for a follower: read on from its marks, let go of once the marks are past them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple, Self

from events.admission import Judged
from events.event import follow, new_folds
from events.identity import Marks, refuse_beyond, verify_marks
from events.port import EventLog, Topic
from events.starting import Begin, from_the_beginning
from events.weight import weight

LARGEST_BATCH: Final = 200
"""Records in one transaction."""
HEAVIEST_BATCH: Final = 4_000_000
"""Bytes that they weigh; one that weighs more by itself is a batch alone."""
REST: Final = 0.02
"""Seconds between two batches: under load one transaction then carries many events, and the log's commits go first."""
TOLERATED_LAG: Final = 1_000
"""Records that a standby may be behind the marks before it reads on."""


class Batch(NamedTuple):
    """Records to handle in one transaction; `last` are the records, by partition, past which the marks then move."""

    judged: Sequence[Judged]
    last: Mapping[int, Judged]

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Self:
        """All of the records, in the order of the log."""
        return cls(judged, {one.position.partition: one for one in judged})


def batches_of(judged: Sequence[Judged]) -> Iterator[Batch]:
    """The records, in order, as batches of at most LARGEST_BATCH that weigh at most HEAVIEST_BATCH."""
    begin = heavy = 0
    for here, one in enumerate(judged):
        more = weight(one.message.value)
        if here > begin and (here - begin == LARGEST_BATCH or heavy + more > HEAVIEST_BATCH):
            yield Batch.of(judged[begin:here])
            begin, heavy = here, 0
        heavy += more
    if judged:
        yield Batch.of(judged[begin:])


class Judging:
    """Reads the log for one follower, and judges it: ahead of the marks while another follower leads.

    A verdict needs all earlier records of its partition, so the reading begins with the log, or at a stored fold that
    the marks are past: see `begin`. Records that the marks are not past stay in memory, to be handled again if a
    transaction fails, or by this process once it leads.
    """

    def __init__(self, log: EventLog, topic: Topic, begin: Begin = from_the_beginning) -> None:
        self._log, self._topic, self._begin = log, topic, begin
        self._start_over()

    def _start_over(self) -> None:
        self._folds = new_folds(self._topic)
        self._began = False
        self._marks = dict.fromkeys(self._folds, 0)
        self._unmarked: list[Judged] = []

    async def resume(self, marks: Marks) -> bool:
        """Takes the marks as they are now; whether they are at the log's end.

        Where one was set back, all is read again. Raises WrongLog where one is beyond the log's end, LogUnavailable.
        """
        ends = await self._log.ends(self._topic)
        refuse_beyond(self._topic, marks, ends)
        if any(mark.next_offset < self._marks[partition] for partition, mark in marks.items()):
            self._start_over()
        if not self._began:
            self._folds |= await self._begin({partition: mark.next_offset for partition, mark in marks.items()})
            self._began = True
        self.passed(marks)
        return all(marks[partition].next_offset >= end for partition, end in ends.items())

    async def verify(self, marks: Marks) -> None:
        """Raises WrongLog where the log has other records than those that the marks are past; LogUnavailable."""
        await verify_marks(self._log, self._topic, marks)

    def passed(self, marks: Marks) -> None:
        """Drops records that the marks are past."""
        self._marks |= {partition: mark.next_offset for partition, mark in marks.items()}
        self._take(())

    async def stand_by(self) -> None:
        """Reads on to the marks, where they are far ahead."""
        judged = sum(fold.next_offset for fold in self._folds.values())
        if sum(self._marks.values()) - judged > TOLERATED_LAG:
            until = {p: max(offset, self._folds[p].next_offset) for p, offset in self._marks.items()}
            async with aclosing(follow(self._log, self._topic, self._folds, until)) as read:  # type: ignore[type-var]
                async for judged_here in read:
                    self._take(judged_here)

    async def batches(
        self, until: Mapping[int, int] | None = None, needed: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[Batch, None]:
        """Batches of what the marks are not past and of what comes, as long as they are needed or up to `until`.

        Raises IntegrityAlarm and what `EventLog.read` raises.
        """
        for batch in batches_of(self._unmarked):
            yield batch
        async with aclosing(follow(self._log, self._topic, self._folds, until)) as read:  # type: ignore[type-var]
            async for judged in read:
                new = self._take(judged)
                if not needed():
                    return
                for batch in batches_of(new):
                    yield batch
                await asyncio.sleep(REST)

    def _take(self, judged: Sequence[Judged]) -> list[Judged]:
        """Keeps records that the marks are not past, and returns the new ones."""
        new, known = (
            [one for one in of if one.position.offset >= self._marks[one.position.partition]]
            for of in (judged, self._unmarked)
        )
        self._unmarked = [*known, *new]
        return new
