"""Readers of a log that begin at snapshots, as nodes do, without the rest of a node."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from events.identity import LogIdentity
from events.port import EventLog, Topic
from events.postgres.snapshots import PostgresSnapshots
from events.record import Stored
from events.snapshots import encode
from events.starting import SnapshotEntry, Starting
from events.stopping import stop
from registry.engine.heads import Heads
from registry.engine.snapshotting import Snapshotting
from registry.people.tokens import AccessBook
from tests.support.faults import UnreliableLog

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
KEY = b"k" * 32
NEVER = 10**9
"""Records between snapshots, for a reader that takes one only by `take`."""


@dataclass
class Watched(UnreliableLog):
    """A log that remembers where it was read from."""

    read_from: list[tuple[Mapping[int, int], Mapping[int, int] | None]] = field(default_factory=list)
    """The next offsets of each reading, and up to which ones it was to go."""

    def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        self.read_from.append((dict(start), until))
        return super().read(topic, start, until)


@dataclass
class Reader:
    """The part of a node that reads the log."""

    heads: Heads
    access: AccessBook
    snapshotting: Snapshotting
    log: Watched
    identity: LogIdentity

    async def take(self) -> None:
        """Takes a snapshot of what was read."""
        await self.snapshotting._take(1)

    def known(self) -> list[bytes]:
        """The reader's whole state of each partition, as bytes."""
        partitions = range(self.heads.topic.partitions)
        return [encode(self.heads.snapshot(partition, self.identity, NOW), KEY) for partition in partitions]

    @property
    def began_at(self) -> Mapping[int, int]:
        """The next offsets from which it followed the log."""
        return next(start for start, until in self.log.read_from if until is None)


@asynccontextmanager
async def reader(
    log: EventLog, topic: Topic, store: Any, identity: LogIdentity, *, every: int = NEVER, key: bytes = KEY
) -> AsyncIterator[Reader]:
    """A reader that has come to the log's end; stopped at the end of the context, without a last snapshot."""
    watched = Watched(log)
    heads = Heads(watched, topic)
    access = AccessBook(heads, lambda: NOW)
    starting = Starting(watched, topic, identity, store, key)
    snapshotting = Snapshotting(heads, starting, every=every, clock=lambda: NOW)
    await snapshotting.begin()
    running = [asyncio.create_task(heads.run()), asyncio.create_task(snapshotting.run())]
    try:
        await heads.until_ready()
        yield Reader(heads, access, snapshotting, watched, identity)
    finally:
        await stop(running)


@dataclass
class UnreliableSnapshots:
    """Implements `Snapshots` on real ones: unavailable, or failing after so many writes."""

    snapshots: PostgresSnapshots
    away: bool = False
    writes_left: int = NEVER
    written: list[SnapshotEntry] = field(default_factory=list)

    async def entries(self) -> Sequence[SnapshotEntry]:
        if self.away:
            raise ConnectionError("planned")
        return await self.snapshots.entries()

    async def read(self, entry: SnapshotEntry) -> bytes | None:
        return await self.snapshots.read(entry)

    async def write(self, entry: SnapshotEntry, body: bytes) -> None:
        if not self.writes_left:
            raise ConnectionError("planned")
        self.writes_left -= 1
        self.written.append(entry)
        await self.snapshots.write(entry, body)

    async def discard(self, entry: SnapshotEntry) -> None:
        await self.snapshots.discard(entry)

    def alone(self) -> Any:
        return self.snapshots.alone()
