"""Partners' documents: the bytes as received, whole, compressed and sealed, in a topic of their own.

Each document has a key of its own, destroyed with the key of any person or text in it. The event that uses a document
names its SHA-256, and no place: an index made from the log has the places of its parts. Parts that no event names (we
crashed in between) do no harm.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import stamina

from events import sealing
from events.origin import Origin
from events.partitions import partition_of
from events.parts import Piece, in_parts
from events.places import Part, Places
from events.port import Addressed, AppendUnknown, EventLog, Topic
from events.record import Message, Position
from events.schemas.registration import Source
from events.vault import Vault
from registry.domain.decider import Command
from registry.exchange.received import Received, unpacked

PART: Final = "partner.document-part.v1"
AT_ONCE: Final = 2
"""Documents that are opened at a time: of each, which may have 16 MiB, the parts, the sealed whole and the original
bytes are in memory together."""
DIGEST: Final = re.compile("[0-9a-f]{64}").fullmatch


class Destroyed(Exception):
    """The document's key is destroyed: a person in it was forgotten, or a text taken back."""


class _Misplaced(LookupError):
    """The index names a place that has another message: it is another log's."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """A document, and the command on a stream that is made from the event's statement about it."""

    stream: str
    received: Received
    command: Callable[[Source], Command]


class Documents:
    """The documents topic, its index, and the keys."""

    def __init__(self, log: EventLog, topic: Topic, vault: Vault, places: Places, *, origin: Origin, patience: float):
        self._log, self._topic, self._vault, self._patience = log, topic, vault, patience
        self._places, self._origin = places, origin
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def store(self, received: Received, owners: Iterable[str]) -> None:
        """Stores the bytes; raises as `store_all`."""
        await self.store_all([(received, owners)])

    async def store_all(self, documents: Sequence[tuple[Received, Iterable[str]]]) -> None:
        """Stores documents, each with the owners of the personal data in it.

        Raises OwnerGone, or AppendUnknown if the log is away.
        """
        keys = await self._vault.document_keys({received.digest: owners for received, owners in documents})
        messages = list(chain.from_iterable(self._parts(received, keys[received.digest]) for received, _ in documents))
        async for attempt in stamina.retry_context(on=AppendUnknown, timeout=self._patience, attempts=None):
            with attempt:
                # Parts that landed twice are the same parts; the first of each is read.
                positions = await self._log.append(self._topic, messages)
        # If we crash here, a reader who asks for one of them finds it by reading the log.
        await self._places.add(list(_parts_in(zip(positions, (sent.message for sent in messages), strict=True))))

    def _partition(self, document: str) -> int:
        return partition_of(f"document/{document}", self._topic.partitions)

    def _parts(self, received: Received, key: bytes) -> list[Addressed]:
        digest = received.digest
        sealed = sealing.seal_bytes(key, bytes.fromhex(digest), received.packed)
        return [Addressed(self._partition(digest), part) for part in _messages(self._origin, digest, sealed)]

    async def fetch(self, document: str) -> bytes:
        """The bytes with this SHA-256 as they were received.

        Raises Destroyed, LookupError if the log lacks parts, Tampered if they were changed.
        """
        key = await self._vault.existing_document_key(document)
        if key is None:
            raise Destroyed(document)
        async with self._turn:
            try:
                return await self._opened(document, key)
            except (LookupError, sealing.Tampered) as fault:
                if isinstance(fault, _Misplaced):
                    await self._places.clear()
                await self._read_on(self._partition(document))
            return await self._opened(document, key)

    async def _opened(self, document: str, key: bytes) -> bytes:
        """The last complete sealing, opened: an earlier one may be under a key that was destroyed since."""
        sealed = await self._gathered(_last_whole(document, await self._places.find(document)))
        return await asyncio.to_thread(_unsealed, document, key, sealed)

    async def _gathered(self, parts: Sequence[Part]) -> bytes:
        wanted = {part.position: part for part in parts}
        first, last = min(wanted), max(wanted)
        if last.offset >= await self._log.end(self._topic, last.partition):
            raise _Misplaced("the log ends before the place of a part")
        pieces: dict[int, bytes] = {}
        until = {first.partition: last.offset + 1}
        async for batch in self._log.read(self._topic, {first.partition: first.offset}, until):
            for stored in batch:
                part = wanted.get(stored.position)
                if part is not None and part == part_of(stored.position, stored.message):
                    pieces[part.part] = stored.message.value
        if len(pieces) < len(parts):
            raise _Misplaced(f"{len(parts) - len(pieces)} parts are not where the index says")
        return b"".join(pieces[part.part] for part in parts)

    async def _read_on(self, partition: int) -> None:
        """Brings the index to the end of a partition."""
        start, end = await self._places.reached(partition), await self._log.end(self._topic, partition)
        if start >= end:
            return
        async for batch in self._log.read(self._topic, {partition: start}, {partition: end}):
            await self._places.add(list(_parts_in((stored.position, stored.message) for stored in batch)))
            await self._places.reach(partition, batch[-1].position.offset + 1)


def _unsealed(document: str, key: bytes, sealed: bytes) -> bytes:
    raw = unpacked(sealing.unseal_bytes(key, bytes.fromhex(document), sealed), document)
    if raw is None:
        raise sealing.Tampered("the document is not what its digest says")
    return raw


def _last_whole(document: str, found: Sequence[Part]) -> list[Part]:
    """The parts of a document's last complete sealing, in their order; raises LookupError."""
    sealings: dict[str, list[Part]] = {}
    for part in found:
        sealings.setdefault(part.whole, []).append(part)
    whole = [parts for parts in sealings.values() if len(parts) == parts[0].parts]
    if not whole:
        most: list[Part] = max(sealings.values(), key=len, default=[])
        wanted = str(most[0].parts) if most else "the"
        raise LookupError(f"{len(most)} of {wanted} parts of document {document} are in the log")
    last: list[Part] = max(whole, key=lambda parts: parts[-1].position)
    return sorted(last, key=lambda part: part.part)


def _parts_in(messages: Iterable[tuple[Position, Message]]) -> Iterator[Part]:
    return (part for position, message in messages if (part := part_of(position, message)) is not None)


def part_of(position: Position, message: Message) -> Part | None:
    """The part that a message of the documents topic is; None for a message of no document."""
    piece = Piece.read(message)
    if piece is None or not (DIGEST(piece.key) and DIGEST(piece.whole)):
        return None
    return Part(piece.key, piece.whole, piece.part, piece.parts, position)


def _messages(origin: Origin, document: str, sealed: bytes) -> Iterator[Message]:
    """The parts of a sealed document."""
    whole, source = hashlib.sha256(sealed).hexdigest(), origin.source(f"document/{document}")
    return in_parts(sealed, kind=PART, source=source, key=document, whole=whole)
