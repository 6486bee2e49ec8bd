"""A log that fails on demand, around a real one: before anything is written, or after it was."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from events.port import Addressed, AppendUnknown, EventLog, LogUnavailable, Topic
from events.record import Position, Stored


class Fault(Enum):
    """How an append fails; the caller is told the same in both cases."""

    LOST = auto()
    """Nothing was written."""
    WRITTEN = auto()
    """It was written, and the acknowledgement was lost."""


@dataclass
class UnreliableLog:
    """Implements EventLog. The next appends meet the planned faults, one each."""

    log: EventLog
    planned: list[Fault] = field(default_factory=list)
    appends: int = 0
    ends_asked: int = 0
    away: bool = False
    """Whether nobody is told where a partition ends."""

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        self.appends += 1
        fault = self.planned.pop(0) if self.planned else None
        if fault is Fault.LOST:
            raise AppendUnknown("planned")
        positions = await self.log.append(topic, messages)
        if fault is Fault.WRITTEN:
            raise AppendUnknown("planned")
        return positions

    def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        return self.log.read(topic, start, until)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        return await self.log.ends(topic)

    async def end(self, topic: Topic, partition: int) -> int:
        self.ends_asked += 1
        if self.away:
            raise LogUnavailable("planned")
        return await self.log.end(topic, partition)

    async def close(self) -> None:
        await self.log.close()
