"""The one canonical encoding: JSON as bytes, and the digest over a message's bytes."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson

DIGEST_BYTES = 32


def to_json(value: Any) -> bytes:
    """Encodes a JSON value: keys sorted, UTF-8, no insignificant space.

    This is RFC 8785 where no number has a fraction, whole numbers stay within 53 bits, and object keys are ASCII. Every
    stored form is like that: `events.schemas` has no float, and coordinates are decimal text. Raises TypeError on
    anything that is not JSON, so that nothing is stored by its `str()`.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def from_json(encoded: bytes) -> Any:
    """Decodes JSON; raises ValueError (`orjson.JSONDecodeError`) where the bytes are none."""
    return orjson.loads(encoded)


def digest(headers: Iterable[tuple[str, bytes]], value: bytes) -> bytes:
    """SHA-256 over header names and values (sorted by name) and the value, each behind its length.

    The length in front of every part keeps two different messages from sharing one input. It is taken over the
    stored bytes, so a reader can check a history without parsing it, and over ciphertext, so it outlives an erasure.
    """
    parts = [b"registry-record-v1"]
    for name, content in sorted(headers):
        parts += (_framed(name), len(content).to_bytes(4, "big"), content)
    parts += (len(value).to_bytes(4, "big"), value)
    return hashlib.sha256(b"".join(parts)).digest()


@lru_cache(maxsize=256)
def _framed(name: str) -> bytes:
    """A header's name behind its length; there are few."""
    encoded = name.encode()
    return len(encoded).to_bytes(4, "big") + encoded
