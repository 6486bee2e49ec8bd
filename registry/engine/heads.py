"""A node's fold of the whole log: where every stream stands, and the verdict on every record, as it comes.

Only heads are held in memory. Everything a node knows of the log, it knows from here; what it appends itself it
learns the fate of here too, from the same fold that every other reader runs.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog

from events.admission import Accepted, Head, Judged
from events.event import follow, new_folds
from events.identity import LogIdentity, Mismatch, WrongLog
from events.partitions import partition_of
from events.port import EventLog, LogUnavailable, Topic
from events.record import Position
from events.snapshots import Snapshot
from events.streams import Stream
from registry.engine.shared import Shared

log = structlog.get_logger()

Watcher = Callable[[str, Judged], None]
"""Is called with the stream of every accepted record, in log order, before anyone waiting for its verdict goes on."""


class Memory(Protocol):
    """A watcher's knowledge of streams from their records. A node that starts from a snapshot does not read these."""

    def remembered(self, among: Callable[[str], bool]) -> Any:
        """The knowledge of the streams for which `among` is true, as JSON, without personal data in clear."""
        ...

    def recall(self, remembered: Any) -> None:
        """Restores a former result of `remembered`."""
        ...


MOST_UNREADABLE = 1_000
"""Streams whose events can't be read that are remembered by name."""


class NotReady(Exception):
    """The node has not read the log up to where it ended at its start, or has stopped reading it."""


@dataclass(slots=True)
class Verdicts:
    """The fold's verdicts so far on the records under one id; `moved` is set when there are more."""

    judged: list[Judged] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Heads:
    """Follows the events topic. One task runs `run`; everything else is read from the same event loop."""

    def __init__(self, events: EventLog, topic: Topic):
        self._events = events
        self.topic = topic
        self._folds = new_folds(topic)
        self._watchers: dict[str, list[Watcher]] = {}
        self._listeners: list[Callable[[Judged], None]] = []
        self._memories: dict[str, Memory] = {}
        self._waiting: dict[tuple[str, UUID], Verdicts] = {}
        self._moved = asyncio.Condition()
        self._goal: Mapping[int, int] | None = None
        self._came_to_start = False
        self._topic_id = ""
        self.fault: BaseException | None = None
        self._all_ends = Shared(lambda: events.ends(topic))
        self.unreadable: dict[str, str] = {}
        """Streams of which this node can't read an event, and why; everything else goes on."""
        self._unread_by_watchers: set[str] = set()

    def watch(self, prefix: str, watcher: Watcher, *, memory: Memory | None) -> None:
        """Calls the watcher for accepted records of streams named `{prefix}/…`.

        `memory`: what it knows from them, one of each prefix; None where it needs no record from before its node's
        start.
        """
        self._watchers.setdefault(prefix, []).append(watcher)
        if memory is not None:
            if prefix in self._memories:
                raise ValueError(f"{prefix} has a memory already")
            self._memories[prefix] = memory

    @property
    def memories(self) -> frozenset[str]:
        """The prefixes of streams of which a watcher has a memory."""
        return frozenset(self._memories)

    def resume(self, snapshot: Snapshot) -> None:
        """Begins a partition where the snapshot was taken; called before `run`."""
        self._folds[snapshot.fold.partition] = snapshot.fold
        self.unreadable |= snapshot.unreadable
        self._unread_by_watchers |= snapshot.unreadable.keys()
        for prefix, memory in self._memories.items():
            memory.recall(snapshot.memories[prefix])

    def snapshot(self, partition: int, log_identity: LogIdentity, now: datetime) -> Snapshot:
        """The partition as it is known now: a copy, so that it can be encoded in a thread while reading goes on."""
        fold = self._folds[partition]

        def within(stream: str) -> bool:
            return partition_of(stream, self.topic.partitions) == partition

        return Snapshot(
            log_identity,
            now,
            replace(fold, times=replace(fold.times), heads=dict(fold.heads)),
            # What a watcher stumbled over is in no other record. What a state could not take is found out again.
            {
                stream: why
                for stream, why in self.unreadable.items()
                if stream in self._unread_by_watchers and within(stream)
            },
            {prefix: memory.remembered(within) for prefix, memory in self._memories.items()},
        )

    def listen(self, listener: Callable[[Judged], None]) -> None:
        """Calls the listener, which must not raise, for every record with the verdict on it, in log order."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Follows the log until cancelled. An alarm or a malformed log stops it, and the node is no longer ready."""
        try:
            while True:
                try:
                    await self._refuse_made_anew()
                    self._goal = self._goal or await self._events.ends(self.topic)
                    await self._follow()
                except LogUnavailable as fault:
                    log.warning("log_unavailable", error=str(fault))
                    await asyncio.sleep(0.5)
        except Exception as fault:
            self.fault = fault
            log.critical("node_stopped", error=str(fault), kind=type(fault).__name__)
            raise
        except asyncio.CancelledError as fault:
            self.fault = fault  # callers that wait for a verdict get NotReady, as after any other end
            raise
        finally:
            for verdicts in self._waiting.values():
                verdicts.moved.set()
            async with self._moved:
                self._moved.notify_all()

    async def _refuse_made_anew(self) -> None:
        """Raises WrongLog if the topic was created again while the log was away: it would be read on unnoticed."""
        made = await self._events.topic_id(self.topic)
        known = self._topic_id = self._topic_id or made
        if made != known:
            raise WrongLog(Mismatch.MADE_ANEW, f"its topic {self.topic.name} was created again: {made}, not {known}")

    async def _follow(self) -> None:
        async with self._moved:
            self._moved.notify_all()
        async for batch in follow(self._events, self.topic, self._folds):
            for judged in batch:
                self._take(judged)
            async with self._moved:
                self._moved.notify_all()

    def _take(self, judged: Judged) -> None:
        for listener in self._listeners:
            listener(judged)
        if judged.proposal is None:
            return
        stream = judged.proposal.subject
        if isinstance(judged.verdict, Accepted):
            for watcher in self._watchers.get(Stream(stream).category, ()):
                self._tell(watcher, stream, judged)
        if (verdicts := self._waiting.get((stream, judged.proposal.id))) is not None:
            verdicts.judged.append(judged)
            verdicts.moved.set()

    def _tell(self, watcher: Watcher, stream: str, judged: Judged) -> None:
        """An event that a watcher can't read is between that stream and the watcher: the node goes on."""
        try:
            watcher(stream, judged)
        except Exception as fault:
            self.note_unreadable(stream, judged.position, fault)
            self._unread_by_watchers.add(stream)

    def note_unreadable(self, stream: str, position: Position, fault: BaseException) -> None:
        """Notes that an event of the stream can't be read here; logged once, with its place and the kind of error."""
        if stream not in self.unreadable and len(self.unreadable) < MOST_UNREADABLE:
            self.unreadable[stream] = f"{type(fault).__name__} at {position}"
            log.critical("event_unreadable", position=str(position), kind=type(fault).__name__)

    @property
    def ready(self) -> bool:
        """Whether all that was in the log when the node started has been read, and reading goes on."""
        # Asked with every command: once reached, the start stays behind.
        self._came_to_start = self._came_to_start or self.includes_start(self.next_offsets())
        return self.fault is None and self._came_to_start

    def includes_start(self, next_offsets: Mapping[int, int]) -> bool:
        """Whether a reader at these offsets has seen all that was in the log when the node started."""
        if self._goal is None:
            return False
        return all(next_offsets.get(partition, 0) >= offset for partition, offset in self._goal.items())

    def head(self, stream: str) -> Head:
        """Where the stream stands, as far as this node has read; raises NotReady where that may be far behind."""
        if not self.ready:
            raise NotReady("the node is still reading the log") from self.fault
        return self._folds[partition_of(stream, self.topic.partitions)].head(stream)

    def last_position(self, stream: str) -> Position:
        """The position of the stream's last event, for waiting until a view has it; offset -1 where it has none."""
        partition = partition_of(stream, self.topic.partitions)
        return Position(partition, self._folds[partition].head(stream).offset)

    def next_offsets(self) -> dict[int, int]:
        """How far the node has read."""
        return {partition: fold.next_offset for partition, fold in self._folds.items()}

    async def catch_up(self, stream: str) -> None:
        """Reads the stream as far as any node had acknowledged by now. Raises NotReady, LogUnavailable."""
        partition = partition_of(stream, self.topic.partitions)
        end = await self._events.end(self.topic, partition)
        await self._until(lambda: self._folds[partition].next_offset >= end)

    async def catch_up_all(self) -> None:
        """Reads every stream as far as any node had acknowledged by now. Raises NotReady, LogUnavailable."""
        ends = await self.ends()
        await self._until(lambda: all(self._folds[partition].next_offset >= end for partition, end in ends.items()))

    async def ends(self) -> Mapping[int, int]:
        """See `EventLog.ends`; callers that ask at the same time share one question."""
        return await self._all_ends()

    async def until_read(self, records: int) -> None:
        """Returns when the node has read so many records of all partitions together; raises NotReady."""
        await self._until(lambda: sum(self.next_offsets().values()) >= records)

    async def until_ready(self) -> None:
        """Returns when the node is ready; raises NotReady where it stopped."""
        await self._until(lambda: self.ready)

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: reached() or self.fault is not None)
        self.refuse_stopped()

    def refuse_stopped(self) -> None:
        """Raises NotReady where the node no longer reads the log."""
        if self.fault is not None:
            raise NotReady("the node stopped reading the log") from self.fault

    @contextmanager
    def verdicts(self, stream: str, event: UUID) -> Iterator[Verdicts]:
        """Collects what the fold says of records of the stream under this id; enter it before appending."""
        waiting = (stream, event)
        self._waiting[waiting] = verdicts = Verdicts()
        try:
            yield verdicts
        finally:
            del self._waiting[waiting]

    async def verdict_at(self, verdicts: Verdicts, position: Position) -> Judged:
        """The fold's verdict at the position an append was acknowledged at; raises NotReady where reading stopped."""
        while True:
            for judged in verdicts.judged:
                if judged.position == position:
                    return judged
            self.refuse_stopped()
            verdicts.moved.clear()
            await verdicts.moved.wait()
