"""Partners' documents: the bytes as received, whole, compressed and sealed, in a topic of their own.

Each document has a key of its own, destroyed with the key of any person or text in it. The event that uses a document
names its SHA-256 and where its parts begin; parts that no event names (we crashed in between) do no harm.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import stamina

from events import sealing
from events.origin import Origin
from events.partitions import partition_of
from events.port import Addressed, AppendUnknown, EventLog, Topic
from events.record import Message, Position
from events.schemas.registration import Source
from events.vault import Vault
from registry.domain.decider import Command
from registry.received import Received, unpacked

PART_BYTES = 512 * 1024


class Destroyed(Exception):
    """The document's key is destroyed: a person in it was forgotten, or a text taken back."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """A document, and the command on a stream that is made of it once it is known where its bytes are kept."""

    stream: str
    received: Received
    command: Callable[[Source], Command]


class Documents:
    """The documents topic and the keys of what is in it."""

    def __init__(self, log: EventLog, topic: Topic, vault: Vault, origin: Origin, patience: float):
        self._log, self._topic, self._vault, self._patience = log, topic, vault, patience
        self._origin = origin

    async def store(self, received: Received, owners: Iterable[str]) -> Source:
        """Keeps the bytes and returns what an event says of them; raises as `store_all`."""
        [source] = await self.store_all([(received, owners)])
        return source

    async def store_all(self, documents: Sequence[tuple[Received, Iterable[str]]]) -> list[Source]:
        """Keeps documents, each with the owners of what is in it.

        Raises OwnerGone, or AppendUnknown where the log is away.
        """
        keys = await self._vault.document_keys({received.digest: owners for received, owners in documents})
        parts = [self._parts(received, keys[received.digest]) for received, _ in documents]
        async for attempt in stamina.retry_context(on=AppendUnknown, timeout=self._patience, attempts=None):
            with attempt:
                # Parts that landed twice are the same parts; the first of each is read.
                positions = iter(await self._log.append(self._topic, [part for one in parts for part in one]))
        placed = [[next(positions) for _ in one] for one in parts]
        return [
            received.unplaced().model_copy(update={"position": str(places[0]), "parts": len(places)})
            for (received, _), places in zip(documents, placed, strict=True)
        ]

    def _parts(self, received: Received, key: bytes) -> list[Addressed]:
        digest = received.digest
        sealed = sealing.seal_bytes(key, bytes.fromhex(digest), received.packed)
        pieces = [sealed[start : start + PART_BYTES] for start in range(0, len(sealed), PART_BYTES)]
        partition = partition_of(f"document/{digest}", self._topic.partitions)
        return [
            Addressed(partition, _part(self._origin, digest, index, len(pieces), piece))
            for index, piece in enumerate(pieces)
        ]

    async def fetch(self, source: Source) -> bytes:
        """The bytes as they were received; raises Destroyed, or LookupError where parts are missing."""
        key = await self._vault.existing_document_key(source.document)
        if key is None:
            raise Destroyed(source.document)
        sealed = await self._gather(source)
        raw = unpacked(sealing.unseal_bytes(key, bytes.fromhex(source.document), sealed), source.document)
        if raw is None:
            raise sealing.Tampered("the document is not what its digest says")
        return raw

    async def _gather(self, source: Source) -> bytes:
        first = Position.parse(source.position)
        ends = await self._log.ends(self._topic)
        pieces: dict[int, bytes] = {}
        until = {first.partition: ends[first.partition]}
        async for batch in self._log.read(self._topic, {first.partition: first.offset}, until):
            for stored in batch:
                if stored.message.key == source.document.encode():
                    pieces.setdefault(int(dict(stored.message.headers)["ce_part"]), stored.message.value)
            if len(pieces) == source.parts:
                return b"".join(pieces[index] for index in range(source.parts))
        raise LookupError(f"{len(pieces)} of {source.parts} parts of document {source.document} are in the log")


def _part(origin: Origin, digest: str, index: int, count: int, piece: bytes) -> Message:
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": str(index),
        "ce_source": origin.source(f"document/{digest}"),
        "ce_type": "partner.document-part.v1",
        "ce_part": str(index),
        "ce_parts": str(count),
        "content-type": "application/octet-stream",
    }
    return Message(digest.encode(), tuple((name, value.encode()) for name, value in attributes.items()), piece)
