"""The history of streams, read from a log in memory each time it is needed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from events.event import Event, accepted, follow, new_folds
from events.port import EventLog, Topic
from events.record import Position


@dataclass
class MemoryHistory:
    """Implements `registry.engine.commanding.EventsById`.

    While it is `behind`, waiting for a position times out; while it is `lacking`, it knows no event by its id.
    """

    log: EventLog
    topic: Topic
    behind: bool = False
    lacking: bool = False
    streams_read: list[str] = field(default_factory=list)
    """The streams whose pages were read."""
    waited: list[float] = field(default_factory=list)
    """The timeouts of the calls that waited for a position, in seconds."""

    async def pages(self, stream: str) -> AsyncIterator[list[Event]]:
        self.streams_read.append(stream)
        for event in await self.events(stream):
            yield [event]

    async def events(self, stream: str) -> list[Event]:
        """All of them."""
        until = await self.log.ends(self.topic)
        judged = [one async for batch in follow(self.log, self.topic, new_folds(self.topic), until) for one in batch]
        return [event for event in map(accepted, judged) if event is not None and event.record.subject == stream]

    async def event_by_id(self, event: UUID, stream: str | None = None) -> Event | None:
        if self.lacking or stream is None:
            return None
        return next((one for one in await self.events(stream) if one.record.id == event), None)

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109 - as the protocol has it
        del position
        self.waited.append(timeout)
        return not self.behind
