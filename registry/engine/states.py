"""A small cache of states, kept current by the fold; what is not in it is folded from the history view."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from events import canonical
from events.admission import NO_HEAD, Accepted, Judged
from events.catalogue import payload_of
from events.event import Event, accepted
from events.record import MalformedRecord, Position
from events.streams import Stream
from events.weight import growth
from registry.domain.decider import Decider
from registry.engine.heads import Heads
from registry.engine.turns import LONG, Turns

CAPACITY = 10_000
LARGEST = 48_000_000
"""Bytes that all states together may weigh: 2,000 of ordinary trials."""
HEAVIEST = 8_000_000
"""Bytes that one state weighs, whatever led to it: an amendment replaces what was."""
LONGEST_BEHIND = 20
"""Records that a state nobody asks for is kept with; then it is forgotten."""
LARGEST_BEHIND = 8_000_000
"""Bytes of such records in all: an import writes large ones, and hardly ever asks for what it wrote."""


class NotInTime(Exception):
    """The node was too busy, or the views too far behind the log. Nothing was recorded; asking again later is safe."""


class StreamHeld(Exception):
    """An event of the stream can't be read by this program: nothing is decided on half a stream. Others go on."""


class History(Protocol):
    """The part of the views that states are folded from."""

    def pages(self, stream: str) -> AsyncIterator[list[Event]]:
        """The stream's accepted events, as far as the view has come, oldest first, so many bytes at a time."""
        ...

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109 - answers, never raises
        """Whether the view came to hold the position in time."""
        ...


@dataclass(frozen=True, slots=True)
class Versioned:
    """A state, the version it stands at, and the digest of the record that made it so."""

    version: int
    digest: bytes
    state: Any


@dataclass(slots=True)
class _Cached:
    """A state, and the records accepted after it. These are folded when the state is next loaded; most never are."""

    state: Versioned
    keys: set[UUID]
    """The ids of all events that led to the state."""
    behind: list[Judged] = field(default_factory=list)
    weight: int = 0
    """Bytes that the state takes, about: what the events that led to it weigh, without what later ones replaced."""

    @property
    def version(self) -> int:
        return self.state.version + len(self.behind)

    @property
    def size(self) -> int:
        """Bytes of the records that the state is behind."""
        return sum(len(judged.message.value) for judged in self.behind)


class States:
    """States of the streams loaded lately. A stale one does no harm: admission refuses a decision that rests on it."""

    def __init__(self, heads: Heads, history: History, deciders: Mapping[str, Decider[Any]]):
        self._heads = heads
        self._history = history
        self._deciders = deciders
        self._cache: OrderedDict[str, _Cached] = OrderedDict()
        self._behind = self._weight = 0
        self._turns = Turns()
        for prefix in deciders:
            heads.watch(prefix, self._follow, memory=None)

    def decider(self, stream: str) -> Decider[Any]:
        """The decider of the stream's aggregate."""
        return self._deciders[Stream(stream).category]

    async def load(self, stream: str, patience: float) -> Versioned:
        """The state at the head this node knows.

        Raises NotInTime where the history view is not there in time, StreamHeld where an event can't be read.
        """
        head = self._heads.head(stream)
        cached = self._cache.get(stream)
        if cached is None or cached.version != head.version:
            cached = await self._read(stream, head.version, patience)
        elif cached.behind:
            cached = await self._brought_up(stream, cached)
        else:
            self._cache.move_to_end(stream)
            return cached.state
        self._forget(stream)
        self._keep(stream, cached)
        self._stay_small()
        return cached.state

    def recorded(self, event: Event, before: Versioned, payload: Any) -> None:
        """Takes an event that this node has recorded and followed: its payload needs not be read again from the log.

        A large one, as an import's, is left to be folded when it is asked for, if ever.
        """
        stream = event.record.subject
        cached = self._cache.get(stream)
        if cached is None or cached.state is not before or cached.size > LONG:
            return
        if cached.version == event.version == before.version + 1:
            self._forget(stream)
            cached.keys.add(event.record.id)
            grown = _grown(cached.weight, cached.behind[-1].message.value, event)
            try:
                state = self.decider(stream).evolve(before.state, payload)
            except Exception as fault:
                # The event is recorded and the caller gets its receipt; the next command of the stream meets the fault.
                self._heads.note_unreadable(stream, event.position, fault)
                return
            self._keep(stream, _Cached(Versioned(event.version, event.digest, state), cached.keys, weight=grown))
            self._stay_small()

    def _keep(self, stream: str, cached: _Cached) -> None:
        self._cache[stream] = cached
        self._weight += cached.weight

    def _forget(self, stream: str) -> None:
        if (cached := self._cache.pop(stream, None)) is not None:
            self._behind -= cached.size
            self._weight -= cached.weight

    def _stay_small(self) -> None:
        while self._cache and self._too_large():
            self._forget(next(iter(self._cache)))

    def _too_large(self) -> bool:
        # The last one is being asked for, however much it weighs.
        heavy = self._weight > LARGEST and len(self._cache) > 1
        return heavy or len(self._cache) > CAPACITY or self._behind > LARGEST_BEHIND

    async def holds(self, stream: str, key: UUID, patience: float) -> bool:
        """Whether an event of the stream, however old, bears this id; raises NotInTime as `load` does."""
        await self.load(stream, patience)
        return key in self._cache[stream].keys

    async def _brought_up(self, stream: str, cached: _Cached) -> _Cached:
        behind = tuple(cached.behind)
        return await self._turns.do(
            cached.size > LONG, lambda: self._folded(stream, cached, self._events_of(stream, behind))
        )

    def _events_of(self, stream: str, behind: Iterable[Judged]) -> Iterator[tuple[Event, bytes]]:
        for judged in behind:
            try:
                event = accepted(judged)
            except MalformedRecord as fault:
                self._heads.note_unreadable(stream, judged.position, fault)
                raise StreamHeld(f"the event at {judged.position} can't be read") from fault
            if event is not None:
                yield event, judged.message.value

    def _folded(self, stream: str, cached: _Cached, events: Iterable[tuple[Event, bytes]]) -> _Cached:
        """The state after events, each with its JSON."""
        decider = self.decider(stream)
        state, grown = cached.state, cached.weight
        for event, encoded in events:
            try:
                after = decider.evolve(state.state, payload_of(event.record))
            except Exception as fault:
                self._heads.note_unreadable(stream, event.position, fault)
                raise StreamHeld(f"the event at {event.position} can't be read") from fault
            state = Versioned(event.version, event.digest, after)
            cached.keys.add(event.record.id)
            grown = _grown(grown, encoded, event)
        return _Cached(state, cached.keys, weight=grown)

    async def _read(self, stream: str, version: int, patience: float) -> _Cached:
        nothing = _Cached(Versioned(0, NO_HEAD.digest, self.decider(stream).initial), set())
        if version == 0:
            return nothing
        if not await self._history.wait_for(self._heads.last_position(stream), patience):
            raise NotInTime("the history view is behind the log")
        cached = nothing
        async with aclosing(self._history.pages(stream)) as pages:  # type: ignore[type-var]
            async for events in pages:
                # Reading one event of 400 kB takes as long as reading a hundred of a site's reports.
                encoded = [canonical.to_json(event.record.data) for event in events]
                pairs = zip(events, encoded, strict=True)
                cached = await self._turns.do(are_long(encoded), self._folded, stream, cached, pairs)
                if cached.version >= version:
                    # To ask for a page that is not there takes as long as to ask for one.
                    break
        if cached.version < version:
            # The view says that it has come so far, and the events are not in it.
            raise StreamHeld("an event of the stream is set aside")
        return cached

    def _follow(self, stream: str, judged: Judged) -> None:
        cached = self._cache.get(stream)
        if cached is None or not isinstance(judged.verdict, Accepted):
            return
        if judged.verdict.version != cached.version + 1 or len(cached.behind) == LONGEST_BEHIND:
            self._forget(stream)
        else:
            cached.behind.append(judged)
            self._behind += len(judged.message.value)
            self._stay_small()


def are_long(encoded: Iterable[bytes]) -> bool:
    """Whether folding events of this JSON would hold up the loop: those of an ordinary trial would not."""
    size = 0
    return any((size := size + len(one)) > LONG for one in encoded)


def _grown(state: int, encoded: bytes, event: Event) -> int:
    return max(0, min(state + growth(encoded, event.record.data), HEAVIEST))


class Locks:
    """One lock per stream, so that the commands of one node never compete with each other; freed when nobody waits."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def of(self, stream: str) -> "_Lock":
        """An async context manager holding the stream's lock."""
        return _Lock(self._locks, stream)


class _Lock:
    def __init__(self, locks: dict[str, tuple[asyncio.Lock, int]], stream: str):
        self._locks, self._stream = locks, stream

    async def __aenter__(self) -> None:
        lock, users = self._locks.get(self._stream, (asyncio.Lock(), 0))
        self._locks[self._stream] = (lock, users + 1)
        try:
            await lock.acquire()
        except BaseException:
            self._forget()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._locks[self._stream][0].release()
        self._forget()

    def _forget(self) -> None:
        lock, users = self._locks[self._stream]
        if users > 1:
            self._locks[self._stream] = (lock, users - 1)
        else:
            del self._locks[self._stream]
