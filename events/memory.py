"""The log kept in memory: the reference that the other drivers are held against, and the log of fast tests."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4, uuid5

from events.port import (
    Addressed,
    AppendUnknown,
    LogTruncated,
    LogUnavailable,
    Topic,
    refuse_unfit,
    unread_offsets,
)
from events.record import Position, Stored


class MemoryEventLog:
    """An EventLog that lives as long as this object. Topics come into being when first used.

    `clock` gives the recorded time (with zone); it is cut to milliseconds and never let run backwards.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._id = uuid4()
        self._stored: defaultdict[tuple[str, int], list[Stored]] = defaultdict(list)
        self._changed = asyncio.Condition()
        self._closed = False

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        """See `EventLog.append`; here all of the messages appear at once."""
        refuse_unfit(topic, messages)
        if self._closed:
            raise AppendUnknown("the log is closed")
        async with self._changed:
            positions = [self._store(topic, addressed) for addressed in messages]
            self._changed.notify_all()
        return positions

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """See `EventLog.read`."""
        wanted = dict(start)
        for partition, offset in wanted.items():
            if offset > (end := len(self._stored[topic.name, partition])):
                raise LogTruncated(f"{topic.name}: offset {offset} of partition {partition} is beyond the end, {end}")
        while unread := unread_offsets(wanted, until):
            batch = await self._next(topic, unread)
            wanted |= {stored.position.partition: stored.position.offset + 1 for stored in batch}
            yield batch

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        """See `EventLog.ends`."""
        return {partition: len(self._stored[topic.name, partition]) for partition in range(topic.partitions)}

    async def end(self, topic: Topic, partition: int) -> int:
        """See `EventLog.end`."""
        return len(self._stored[topic.name, partition])

    async def topic_id(self, topic: Topic) -> str:
        """See `EventLog.topic_id`."""
        return str(uuid5(self._id, topic.name))

    async def close(self) -> None:
        """See `EventLog.close`; reads under way raise LogUnavailable."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()

    def _store(self, topic: Topic, addressed: Addressed) -> Position:
        partition = self._stored[topic.name, addressed.partition]
        now = self._clock()
        recorded = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if partition:
            recorded = max(recorded, partition[-1].recorded)
        position = Position(addressed.partition, len(partition))
        partition.append(Stored(position, recorded, addressed.message))
        return position

    async def _next(self, topic: Topic, unread: Mapping[int, range]) -> list[Stored]:
        """The messages at unread offsets, as soon as there are some."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or self._there(topic, unread))
            if self._closed:
                raise LogUnavailable("the log is closed")
            return self._there(topic, unread)

    def _there(self, topic: Topic, unread: Mapping[int, range]) -> list[Stored]:
        found = (
            self._stored[topic.name, partition][offsets.start : offsets.stop] for partition, offsets in unread.items()
        )
        return [stored for partition in found for stored in partition]
