"""A log, a vault and views that fail on demand, around real ones: before anything is done, or after it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar
from uuid import UUID

import psycopg

from events.event import Event
from events.port import Addressed, AppendUnknown, EventLog, LogUnavailable, Topic
from events.record import Position, Stored
from events.sealing import OwnerKind
from events.vault import Identity, Vault
from registry.engine.commanding import EventsById

T = TypeVar("T")


class Fault(Enum):
    """How an append fails; the caller sees the same error in both cases."""

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
    ends_read: int = 0
    away: bool = False
    """Whether it cannot say where a partition ends."""

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
        self.ends_read += 1
        if self.away:
            raise LogUnavailable("planned")
        return await self.log.end(topic, partition)

    async def topic_id(self, topic: Topic) -> str:
        return await self.log.topic_id(topic)

    async def close(self) -> None:
        await self.log.close()


class VaultAway(Exception):
    """What an unreliable vault raises."""


@dataclass
class UnreliableVault:
    """Implements Vault. The next calls of a method fail as often as planned: before anything is done, or after it."""

    vault: Vault
    planned: dict[str, list[Fault]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    async def _meet(self, method: str, work: Callable[[], Awaitable[T]]) -> T:
        self.calls.append(method)
        faults = self.planned.get(method, [])
        fault = faults.pop(0) if faults else None
        if fault is Fault.LOST:
            raise VaultAway("planned")
        done = await work()
        if fault is Fault.WRITTEN:
            raise VaultAway("planned")
        return done

    async def owner(self, identity: Identity) -> tuple[str, bytes]:
        return await self._meet("owner", lambda: self.vault.owner(identity))

    async def owners(self, identities: Iterable[Identity]) -> Mapping[Identity, tuple[str, bytes]]:
        return await self._meet("owners", lambda: self.vault.owners(identities))

    async def keys(self, owners: Iterable[str]) -> Mapping[str, bytes]:
        return await self._meet("keys", lambda: self.vault.keys(owners))

    async def kinds(self, owners: Iterable[str]) -> Mapping[str, OwnerKind]:
        return await self._meet("kinds", lambda: self.vault.kinds(owners))

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        return await self._meet("document_keys", lambda: self.vault.document_keys(documents))

    async def existing_document_key(self, digest: str) -> bytes | None:
        return await self._meet("existing_document_key", lambda: self.vault.existing_document_key(digest))

    async def appearances(self, owner: str) -> int:
        return await self._meet("appearances", lambda: self.vault.appearances(owner))

    async def destroy(self, kind: OwnerKind, owner: str) -> bool:
        return await self._meet("destroy", lambda: self.vault.destroy(kind, owner))

    async def clear_away(self) -> bool:
        return await self._meet("clear_away", self.vault.clear_away)


@dataclass
class UnreliableViews:
    """Implements EventsById: views that stay behind, lack events they claim to have, are away, or answer late."""

    views: EventsById
    behind: bool = False
    """Whether waiting for a position always times out."""
    lacking: bool = False
    """Whether no event is found by its id, though its position counts as reached."""
    away: int = 0
    """How many more calls fail as they do while the database is away."""
    late: asyncio.Event | None = None
    """Every call waits until it is set."""
    calls: list[str] = field(default_factory=list)

    async def _meet(self, method: str) -> None:
        self.calls.append(method)
        if self.late is not None:
            await self.late.wait()
        if self.away:
            self.away -= 1
            raise psycopg.OperationalError("planned")

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109
        await self._meet("wait_for")
        return not self.behind and await self.views.wait_for(position, timeout)

    async def pages(self, stream: str) -> AsyncIterator[list[Event]]:
        await self._meet("pages")
        async for page in self.views.pages(stream):
            yield page

    async def event_by_id(self, event: UUID, stream: str | None = None) -> Event | None:
        await self._meet("event_by_id")
        return None if self.lacking else await self.views.event_by_id(event, stream)
