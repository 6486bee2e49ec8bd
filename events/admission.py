"""Which record wins a race: the pure fold that every reader of a partition runs over its records (ADR 0002).

Kafka has no compare-and-set, so the order in the log decides. Versions only grow, so a duplicate or a late write of a
stopped node can never be accepted, and no leader, lock or fence is needed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from events.canonical import DIGEST_BYTES
from events.record import Message, Position, Stored
from events.times import RecordedTimes

REMEMBERED_IDS: Final = 64
"""How many accepted ids a head remembers. Part of the fold: every reader must use the same number (ADR 0002)."""
ID_BYTES: Final = 16


class IntegrityAlarm(Exception):
    """The log contradicts itself: records were lost or forged. The reader must stop, never skip."""


class Head(NamedTuple):
    """Where a stream stands: its version (0 = no event), the digest of its last record, its latest accepted ids.

    `ids` are 16 bytes each, the latest last. `offset` is that of its last event, in the stream's partition; -1 where
    there is none. A node holds a head of every stream in memory, so a head is a small one.
    """

    version: int = 0
    digest: bytes = bytes(DIGEST_BYTES)
    ids: bytes = b""
    offset: int = -1

    def version_of(self, event: UUID) -> int | None:
        """The version at which this id was accepted, where it is among the remembered ones."""
        at = self.ids.find(event.bytes)
        while at >= 0 and at % ID_BYTES:
            # The end of one id and the beginning of the next.
            at = self.ids.find(event.bytes, at + 1)
        return None if at < 0 else self.version + 1 - (len(self.ids) - at) // ID_BYTES


@dataclass(frozen=True, slots=True)
class Proposal:
    """The part of a record that admission looks at; read from headers alone, so that folding parses no JSON."""

    id: UUID
    subject: str
    expectedversion: int
    previoushash: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The record is the stream's event at this version."""

    version: int


@dataclass(frozen=True, slots=True)
class Already:
    """The stream has accepted this id before, at this version: a retry. No effect."""

    version: int


@dataclass(frozen=True, slots=True)
class Superseded:
    """Another record took this version first. It stays in the log and has no effect; `version` is the stream's now."""

    version: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """No record of this registry. No effect."""


Verdict: TypeAlias = Accepted | Already | Superseded | Malformed


def proposal_of(message: Message) -> Proposal | None:
    """The part of a message that admission needs, or None if it is no record of this registry."""
    try:
        headers = message.attributes()
        return Proposal(
            id=UUID(headers["ce_id"].decode()),
            subject=headers["ce_subject"].decode(),
            expectedversion=int(headers["ce_expectedversion"]),
            previoushash=bytes.fromhex(headers["ce_previoushash"].decode()),
        )
    except (KeyError, ValueError):
        return None


def admit(head: Head, proposal: Proposal) -> Verdict:
    """The verdict on a proposal at this head.

    Raises IntegrityAlarm where it expects a version that the stream has not reached, or builds on another history.
    """
    if (version := head.version_of(proposal.id)) is not None:
        return Already(version)
    if proposal.expectedversion < head.version:
        return Superseded(head.version)
    if proposal.expectedversion == head.version and proposal.previoushash == head.digest:
        return Accepted(head.version + 1)
    raise IntegrityAlarm(
        f"{proposal.subject}: a record builds on version {proposal.expectedversion} with another history "
        f"than the log's own version {head.version}"
    )


def advance(head: Head, event: UUID, digest: bytes, offset: int) -> Head:
    """The head after accepting a record at an offset."""
    return Head(head.version + 1, digest, (head.ids + event.bytes)[-REMEMBERED_IDS * ID_BYTES :], offset)


@dataclass(frozen=True, slots=True)
class Judged:
    """A stored message and the fold's verdict on it.

    `recorded` never runs backwards within a partition, even where a new leader's clock does: "as known at" then names
    a prefix of every partition. `digest` is of the stream after the record. `proposal` is None where it is malformed.
    """

    position: Position
    recorded: datetime
    verdict: Verdict
    message: Message
    digest: bytes
    proposal: Proposal | None


@dataclass(slots=True)
class PartitionFold:
    """The admission fold of one partition: heads by stream, the next offset, the recorded times.

    `last` is the digest of the last record, whatever the verdict on it was; empty where there is none.
    """

    partition: int
    next_offset: int = 0
    last: bytes = b""
    times: RecordedTimes = field(default_factory=RecordedTimes)
    heads: dict[str, Head] = field(default_factory=dict)

    def apply(self, stored: Stored) -> Judged:
        """Judges the next message of the partition; raises IntegrityAlarm, also where an offset is missing."""
        if stored.position != (self.partition, self.next_offset):
            raise IntegrityAlarm(
                f"expected position {self.partition}:{self.next_offset}, the log gave {stored.position}"
            )
        recorded = self.times.of(stored)
        proposal = proposal_of(stored.message)
        last = stored.message.digest
        verdict, digest = (Malformed(), b"") if proposal is None else self._judge(proposal, last, self.next_offset)
        self.last, self.next_offset = last, self.next_offset + 1
        return Judged(stored.position, recorded, verdict, stored.message, digest, proposal)

    def head(self, stream: str) -> Head:
        """Where a stream stands; version 0 where it has no event."""
        return self.heads.get(stream, NO_HEAD)

    def _judge(self, proposal: Proposal, record: bytes, offset: int) -> tuple[Verdict, bytes]:
        head = self.head(proposal.subject)
        verdict = admit(head, proposal)
        if isinstance(verdict, Accepted):
            head = advance(head, proposal.id, record, offset)
            self.heads[proposal.subject] = head
        return verdict, head.digest


NO_HEAD: Final = Head()
