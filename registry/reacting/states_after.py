"""The state of a stream as it stood just after an event, folded from the stream's own history."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Final

from events import canonical
from events.catalogue import payload_of
from events.event import Event
from events.record import MalformedRecord
from events.streams import Stream
from registry.domain.decider import Decider
from registry.engine.heads import Heads
from registry.engine.states import History, NotInTime, are_long
from registry.engine.turns import Turns

MOST_KEPT: Final = 200
"""Streams whose last folded state is kept: an event that comes next is then folded alone."""


class Unreadable(Exception):
    """An event of the stream, up to the one asked for, can't be read or folded by this program."""


class StatesAfter:
    """States by version: an event that is read late is judged on what was known when it was recorded."""

    def __init__(self, heads: Heads, history: History, deciders: Mapping[str, Decider[Any]], patience: float) -> None:
        """`patience`: seconds to wait for the history to hold an event."""
        self._heads = heads
        self._history, self._deciders, self._patience = history, deciders, patience
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._turns = Turns()

    async def after(self, event: Event) -> Any:
        """The state just after the event.

        Raises Unreadable, NotInTime where the history is behind, and what reading the history raises.
        """
        stream = event.record.subject
        version, state = self._states.pop(stream, (0, self._initial(stream)))
        if version == event.version:
            self._keep(stream, version, state)
            return state
        if version == event.version - 1:
            state = self._folded(stream, state, [event])
        else:
            state = await self._read(event)
        self._keep(stream, event.version, state)
        return state

    def is_followed(self, event: Event) -> bool:
        """Whether this node has read a later event of the stream."""
        return self._heads.head(event.record.subject).version > event.version

    async def event_at(self, stream: str, version: int) -> Event:
        """The event of this version; raises Unreadable where the history does not show it, and else as `after`."""
        if not await self._history.wait_for(self._heads.last_position(stream), self._patience):
            raise NotInTime("the history view is behind the log")
        async with aclosing(self._history.pages(stream)) as pages:  # type: ignore[type-var]
            async for events in pages:
                for event in events:
                    if event.version == version:
                        return event
        raise Unreadable("an event is set aside")

    def _initial(self, stream: str) -> Any:
        return self._deciders[Stream(stream).category].initial

    def _keep(self, stream: str, version: int, state: Any) -> None:
        self._states[stream] = (version, state)
        if len(self._states) > MOST_KEPT:
            self._states.popitem(last=False)

    async def _read(self, event: Event) -> Any:
        stream = event.record.subject
        if not await self._history.wait_for(event.position, self._patience):
            raise NotInTime("the history view is behind the log")
        try:
            return await self._folded_to(stream, event.version)
        except MalformedRecord as fault:
            raise Unreadable("an event has no form that is known") from fault

    async def _folded_to(self, stream: str, last: int) -> Any:
        version, state = 0, self._initial(stream)
        async with aclosing(self._history.pages(stream)) as pages:  # type: ignore[type-var]
            async for events in pages:
                wanted = [one for one in events if one.version <= last]
                if [one.version for one in wanted] != list(range(version + 1, version + len(wanted) + 1)):
                    break
                long = are_long(canonical.to_json(one.record.data) for one in wanted)
                state = await self._turns.do(long, self._folded, stream, state, wanted)
                version += len(wanted)
                if version == last:
                    return state
        raise Unreadable("an event is set aside")

    def _folded(self, stream: str, state: Any, events: Iterable[Event]) -> Any:
        evolve = self._deciders[Stream(stream).category].evolve
        try:
            for event in events:
                state = evolve(state, payload_of(event.record))
        except Exception as fault:
            raise Unreadable(type(fault).__name__) from fault
        return state
