"""The events of a log in memory by stream, for the command loop: a log of the past has no views."""

from collections.abc import AsyncIterator
from uuid import UUID

from events.admission import Judged
from events.event import Event, accepted
from events.record import Position
from registry.domain.catalogue import DECIDERS
from registry.engine.heads import Heads


class Remembered:
    """Implements `registry.engine.commanding.EventsById`; holds all that the heads have read."""

    def __init__(self, heads: Heads) -> None:
        self._events: dict[str, list[Event]] = {}
        for category in DECIDERS:
            heads.watch(category, self._follow, memory=None)

    def _follow(self, stream: str, judged: Judged) -> None:
        if (event := accepted(judged)) is not None:
            self._events.setdefault(stream, []).append(event)

    async def pages(self, stream: str) -> AsyncIterator[list[Event]]:
        """See `History.pages`."""
        yield self._events.get(stream, [])

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109 - as the protocol has it
        """See `History.wait_for`: everything that was read is already in memory."""
        return True

    async def event_by_id(self, event: UUID, stream: str | None = None) -> Event | None:
        """See `EventsById.event_by_id`."""
        found = self._events.get(stream or "", [])
        return next((one for one in found if one.record.id == event), None)
