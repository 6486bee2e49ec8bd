"""A node's snapshots: it starts from the newest that fit the log, and takes new ones as records come."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from events.admission import PartitionFold
from events.snapshots import encode
from events.starting import SnapshotEntry, Starting
from registry.engine.heads import Heads

LEAST: Final = 1_000
"""A node that stops takes a snapshot only for this many records since the last: reading fewer again takes no time."""
SHARE: Final = 20
"""A node rests this many times as long as the last snapshot took, so that snapshots take a twentieth of a processor."""
LEAST_REST: Final = 1.0
"""Seconds."""
STOPPING: Final = 10.0
"""Seconds that the last snapshot may take, where the database is slow or away."""

log = structlog.get_logger()


class Coverage(NamedTuple):
    """The newest snapshots: next offsets by partition, and when the newest was taken."""

    next_offsets: Mapping[int, int]
    taken: datetime | None


class Snapshotting:
    """Takes a snapshot of every partition that moved, each time the node has read `every` records since the last.

    Several nodes may run it: one takes a snapshot at a time, and the others see that it is there. Snapshots are encoded
    in a thread; what is copied for it on the loop are references to heads. A fault here delays the next start and
    nothing else: it is logged, and the next snapshot is tried as usual.
    """

    def __init__(self, heads: Heads, starting: Starting, *, every: int, clock: Callable[[], datetime]) -> None:
        """`every`: 0 where snapshots are neither used nor taken."""
        self._heads, self._starting, self._every, self._clock = heads, starting, every, clock
        self._covered = 0
        """Records that the newest snapshots known here cover, of all partitions together."""
        self.trouble = ""

    async def begin(self) -> None:
        """Lets the heads begin at the newest snapshots; before they run. Raises LogUnavailable, LogTruncated."""
        if not self._every:
            return
        found = await self._starting.newest(self._heads.memories)
        for snapshot in found.values():
            self._heads.resume(snapshot)
        self._covered = sum(snapshot.fold.next_offset for snapshot in found.values())
        if found:
            log.info("snapshot_used", records=self._covered, partitions=len(found))

    async def folds(self, at_most: Mapping[int, int]) -> Mapping[int, PartitionFold]:
        """See `events.starting.Begin`."""
        return await self._starting.folds(at_most) if self._every else {}

    async def run(self) -> None:
        """Takes snapshots until cancelled; raises NotReady where the node no longer reads the log."""
        while True:
            await self._heads.until_read(self._covered + self._every)
            began = asyncio.get_running_loop().time()
            try:
                await self._take(self._every)
                self.trouble = ""
            except Exception as fault:
                self._failed(fault)
            took = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(LEAST_REST, took * SHARE))

    async def finish(self) -> None:
        """Takes the last one of a node that stops, once its tasks have ended; returns within STOPPING seconds."""
        fault = self._heads.fault
        if not self._every or not (fault is None or isinstance(fault, asyncio.CancelledError)):
            # After an alarm the folds may have judged more than the watchers know of.
            return
        if sum(self._heads.next_offsets().values()) < self._covered + LEAST:
            return
        try:
            async with asyncio.timeout(STOPPING):
                await self._take(LEAST)
        except Exception as failed:
            self._failed(failed)

    async def coverage(self) -> Coverage:
        """The snapshots in the store now, whichever node wrote them."""
        newest: dict[int, SnapshotEntry] = {}
        for entry in await self._starting.store.entries():
            newest.setdefault(entry.partition, entry)
        return Coverage(
            {partition: entry.next_offset for partition, entry in newest.items()},
            max((entry.taken for entry in newest.values()), default=None),
        )

    async def _take(self, least: int) -> None:
        """Takes a snapshot where no other node does, and those that there are lack so many records or more."""
        async with self._starting.store.alone() as alone:
            if not alone:
                return
            before = (await self.coverage()).next_offsets
            self._covered = sum(before.values())
            if sum(self._heads.next_offsets().values()) < self._covered + least:
                return
            for partition, offset in self._heads.next_offsets().items():
                if offset > before.get(partition, 0):
                    await self._write(partition)
            self._covered = sum((await self.coverage()).next_offsets.values())
        log.info("snapshot_taken", records=self._covered)

    async def _write(self, partition: int) -> None:
        # Nothing is awaited while it is copied: heads and what watchers know are of one moment.
        snapshot = self._heads.snapshot(partition, self._starting.identity, self._clock())
        body = await asyncio.to_thread(encode, snapshot, self._starting.key)
        await self._starting.store.write(SnapshotEntry(partition, snapshot.fold.next_offset, snapshot.taken), body)

    def _failed(self, fault: Exception) -> None:
        self.trouble = f"no snapshot is taken, so the next start reads more of the log: {type(fault).__name__}"
        log.warning("snapshot_not_taken", kind=type(fault).__name__)
