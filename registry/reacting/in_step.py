"""Reacting where one process alone writes a log, as that of a past: after each event, before the next command."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from events.event import Event
from registry.reacting.giving import Giving
from registry.reacting.planned import Planned
from registry.reacting.planning import Planning


class InStep:
    """Gives commands one after the other, so that the same events always come to the same log.

    A node that opens the log reacts to all of it again, and finds each command recorded.
    """

    def __init__(self, planning: Planning, giving: Giving, set_clock: Callable[[datetime], None]) -> None:
        """`set_clock`: lets the log record what follows at that moment."""
        self._planning, self._giving, self._set_clock = planning, giving, set_clock
        self._waiting: list[tuple[datetime, int, Planned]] = []
        self._added = count()

    async def after(self, event: Event) -> None:
        """Gives due commands that follow from the event, and from their own events in turn; stores those due later."""
        events = deque([event])
        while events:
            for step in await self._planning.after(events.popleft()):
                if isinstance(step, Planned) and step.at is not None:
                    heappush(self._waiting, (step.at, next(self._added), step))
                else:
                    events += await self._giving.give_all([step])

    async def until(self, moment: datetime) -> None:
        """Gives the commands that are due up to that moment, in the order in which they are due."""
        while self._waiting and self._waiting[0][0] <= moment:
            due, _, step = heappop(self._waiting)
            self._set_clock(due)
            for event in await self._giving.give_all([step]):
                await self.after(event)
