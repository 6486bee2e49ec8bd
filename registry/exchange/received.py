"""What a partner sent, made ready where it is read: its bytes packed and digested, what they say in stored form."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from events.schemas.registration import Source
from events.schemas.trial import Home, source_key

PACKING: Final = 3
"""zlib's level. Its own choice, 6, takes twice the time to save a tenth of the bytes."""


@dataclass(frozen=True, slots=True)
class Received:
    """A document as it came: its sender, its bytes, its media type, and the sender's own date of it."""

    registry: str
    packed: bytes
    """The bytes, compressed with zlib."""
    size: int
    """How many bytes came."""
    digest: str
    """SHA-256 of the bytes that came, hexadecimal."""
    media_type: str
    retrieved: str | None = None
    record: str | None = None
    """The record's number as the sender writes it, where that is not the registration's own."""
    given_out: str | None = None
    """The day of the sender's data that it was taken from."""

    @classmethod
    def of(
        cls,
        registry: str,
        raw: bytes,
        media_type: str,
        retrieved: str | None = None,
        record: str | None = None,
        *,
        given_out: str | None = None,
    ) -> Self:
        """The document of these bytes."""
        digest = hashlib.sha256(raw).hexdigest()
        packed = zlib.compress(raw, PACKING)
        return cls(registry, packed, len(raw), digest, media_type, retrieved, record, given_out)

    @property
    def key(self) -> str:
        """What keeps it apart from what other senders say of the same trial."""
        return source_key({"registry": self.registry, **({"record": self.record} if self.record else {})})

    def source(self) -> Source:
        """What an event says of it."""
        return Source(
            registry=self.registry,
            record=self.record,
            document=self.digest,
            media_type=self.media_type,
            size=self.size,
            retrieved=self.retrieved,
            given_out=self.given_out,
        )


def unpacked(packed: bytes, digest: str) -> bytes | None:
    """The bytes that came; None where they are not those of the digest. Raises zlib.error where they are none."""
    raw = zlib.decompress(packed)
    return raw if hashlib.sha256(raw).hexdigest() == digest else None


@dataclass(frozen=True, slots=True)
class Study:
    """A registration as an adapter read it. Persons are in clear, and are sealed before it is recorded."""

    place: str
    """Where it was, for people: `file, study 17 (NCT01234567)`."""
    home: Home
    received: Received
    content: Mapping[str, Any]
    """{registration, status, sites} in stored form. It passes between processes ten times as fast as models do."""
