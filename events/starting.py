"""The beginnings of folds: the newest snapshots that belong to the log as it is, or the log's beginning."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple, Protocol, TypeAlias

import structlog

from events.admission import PartitionFold
from events.identity import LogIdentity, marks_at
from events.port import EventLog, Topic
from events.snapshots import Snapshot, Unusable, decode

GENERATIONS: Final = 2
"""Snapshots of a partition that are kept. A follower that is behind the newest one may begin at the one before."""

Begin: TypeAlias = Callable[[Mapping[int, int]], Awaitable[Mapping[int, PartitionFold]]]
"""Folds that a reader may go on from which has come to these next offsets; of a partition that is missing, none."""

log = structlog.get_logger()


async def from_the_beginning(_: Mapping[int, int]) -> Mapping[int, PartitionFold]:
    """No fold: every partition is read from its beginning."""
    return {}


class SnapshotEntry(NamedTuple):
    """A snapshot in the store, without its bytes."""

    partition: int
    next_offset: int
    taken: datetime


class Snapshots(Protocol):
    """A store of snapshots. It may lose all of them at any time."""

    async def entries(self) -> Sequence[SnapshotEntry]:
        """All snapshots: by partition, the newest first."""
        ...

    async def read(self, entry: SnapshotEntry) -> bytes | None:
        """The bytes; None where it is gone by now."""
        ...

    async def write(self, entry: SnapshotEntry, body: bytes) -> None:
        """Keeps it, whole or not at all, and of its partition the newest GENERATIONS."""
        ...

    async def discard(self, entry: SnapshotEntry) -> None:
        """Removes one that is of no use."""
        ...

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Whether no other process is in such a context: one of several nodes writes at a time."""
        ...


class Starting:
    """The snapshots of one log as one program may use them.

    One that does not belong to the log as it is, or to this program, is told in the log and removed. A store that is
    away is told, too: it costs time, and nothing else.
    """

    def __init__(self, events: EventLog, topic: Topic, identity: LogIdentity, snapshots: Snapshots, key: bytes) -> None:
        """`key` authenticates the snapshots."""
        self.events, self.topic, self.identity = events, topic, identity
        self.store, self.key = snapshots, key

    async def folds(self, at_most: Mapping[int, int]) -> dict[int, PartitionFold]:
        """See `Begin`. Raises LogUnavailable and LogTruncated."""
        return {partition: one.fold for partition, one in (await self.newest(frozenset(), at_most)).items()}

    async def newest(self, memories: frozenset[str], at_most: Mapping[int, int] | None = None) -> dict[int, Snapshot]:
        """The snapshots to begin at, by partition; a partition that has none is read from its beginning.

        `memories`: those that a snapshot must have to be useful. `at_most`: next offsets beyond which none may lie.
        Raises LogUnavailable and LogTruncated.
        """
        candidates = await self._candidates(at_most)
        found: dict[int, Snapshot] = {}
        while tried := {
            place: entries.pop(0) for place, entries in candidates.items() if entries and place not in found
        }:
            read = {place: snapshot for place, one in tried.items() if (snapshot := await self._read(one, memories))}
            offsets = {place: snapshot.fold.next_offset for place, snapshot in read.items()}
            marks = await marks_at(self.events, self.topic, offsets)
            for place, snapshot in read.items():
                if marks[place].digest == snapshot.fold.last:
                    found[place] = snapshot
                else:
                    await self._refuse(tried[place], "the log has another record at its end")
        return found

    async def _candidates(self, at_most: Mapping[int, int] | None) -> dict[int, list[SnapshotEntry]]:
        """The snapshots whose places fit the log, by partition, the newest first."""
        try:
            entries = await self.store.entries()
        except Exception as fault:
            log.warning("snapshots_unreadable", kind=type(fault).__name__)
            return {}
        ends = await self.events.ends(self.topic)
        fit = []
        for one in entries:
            if one.next_offset > ends.get(one.partition, 0):
                await self._refuse(one, "it lies beyond the end of the log")
            elif at_most is None or one.next_offset <= at_most.get(one.partition, 0):
                fit.append(one)
        return {partition: list(ones) for partition, ones in groupby(fit, lambda one: one.partition)}

    async def _read(self, entry: SnapshotEntry, memories: frozenset[str]) -> Snapshot | None:
        """The snapshot, where it is this program's and of this log."""
        try:
            if (body := await self.store.read(entry)) is None:
                return None
            snapshot = await asyncio.to_thread(decode, body, self.key)
            self._check(entry, snapshot, memories)
        except Unusable as fault:
            await self._refuse(entry, str(fault))
            return None
        except Exception as fault:
            log.warning("snapshots_unreadable", kind=type(fault).__name__)
            return None
        return snapshot

    def _check(self, entry: SnapshotEntry, snapshot: Snapshot, memories: frozenset[str]) -> None:
        if snapshot.log != self.identity:
            raise Unusable("it is of another log")
        if (snapshot.fold.partition, snapshot.fold.next_offset) != (entry.partition, entry.next_offset):
            raise Unusable("it is of another place")
        if missing := memories - snapshot.memories.keys():
            raise Unusable(f"it lacks {', '.join(sorted(missing))}")

    async def _refuse(self, entry: SnapshotEntry, reason: str) -> None:
        """Logs why a snapshot is not used, and removes it."""
        log.warning("snapshot_unusable", partition=entry.partition, next_offset=entry.next_offset, reason=reason)
        try:
            await self.store.discard(entry)
        except Exception as fault:
            log.warning("snapshots_unreadable", kind=type(fault).__name__)
