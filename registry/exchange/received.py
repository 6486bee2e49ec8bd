"""A partner's record, prepared by its reader: its bytes packed and digested, its content in stored form."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from events.schemas.registration import Source
from events.schemas.trial import Home, source_key

PACKING: Final = 3
"""zlib's level. Its default, 6, takes twice the time to save a tenth of the bytes."""


@dataclass(frozen=True, slots=True)
class Received:
    """A document as it came: its sender, its bytes, its media type, and the sender's own date of it."""

    registry: str
    packed: bytes
    """The bytes, compressed with zlib."""
    size: int
    """Number of bytes received."""
    digest: str
    """SHA-256 of the bytes as received, hexadecimal."""
    media_type: str
    retrieved: str | None = None
    record: str | None = None
    """The record's number as the sender writes it, if that is not the registration's own."""
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
        """The document with these bytes."""
        digest = hashlib.sha256(raw).hexdigest()
        packed = zlib.compress(raw, PACKING)
        return cls(registry, packed, len(raw), digest, media_type, retrieved, record, given_out)

    @property
    def key(self) -> str:
        """The key that separates it from other senders' records of the same trial."""
        return source_key({"registry": self.registry, **({"record": self.record} if self.record else {})})

    def source(self) -> Source:
        """The description of it that an event contains."""
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
    """The original bytes; None if they do not match the digest. Raises zlib.error if they can't be unpacked."""
    raw = zlib.decompress(packed)
    return raw if hashlib.sha256(raw).hexdigest() == digest else None


@dataclass(frozen=True, slots=True)
class Study:
    """A registration as read by an adapter. Persons are in clear, and are sealed before it is recorded."""

    place: str
    """Its place, for people: `file, study 17 (NCT01234567)`."""
    home: Home
    received: Received
    content: Mapping[str, Any]
    """{registration, status, sites} in stored form. It passes between processes ten times as fast as models do."""
