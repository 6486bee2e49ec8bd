"""Sealing of personal data under one person's key (AES-256-GCM), before it reaches the log.

The nonce is synthetic: an HMAC of the plaintext under a subkey of the person. Equal data of one person in one stream
gives equal bytes, so that a retried command is the same record and an unchanged contact is no change; a nonce repeats
only with its whole message, which AES-GCM allows (ADR 0005).
"""

import base64
import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events import canonical

KEY_BYTES = 32
NONCE_BYTES = 12
ERASED = {"erased": True}
"""What every view says in place of a person whose key is destroyed."""


class Tampered(ValueError):
    """Sealed data does not open under its key: it was changed, or moved to another stream."""


def _nonce(key: bytes, associated: bytes, plaintext: bytes) -> bytes:
    subkey = hmac.digest(key, b"registry-sealing-nonce", "sha256")
    return hmac.digest(subkey, len(associated).to_bytes(4, "big") + associated + plaintext, "sha256")[:NONCE_BYTES]


def _associated(person: str, stream: str) -> bytes:
    return canonical.to_json([person, stream])


def seal_bytes(key: bytes, associated: bytes, plaintext: bytes) -> bytes:
    """Nonce and ciphertext; the same input gives the same bytes."""
    nonce = _nonce(key, associated, plaintext)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def unseal_bytes(key: bytes, associated: bytes, sealed: bytes) -> bytes:
    """The inverse of `seal_bytes`; raises Tampered where the bytes don't open."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as fault:
        raise Tampered("sealed data does not open under its key") from fault


def seal(key: bytes, person: str, stream: str, details: Mapping[str, Any]) -> dict[str, str]:
    """The stored form of `events.schemas.values.Sealed`; bound to the person and the stream."""
    sealed = seal_bytes(key, _associated(person, stream), canonical.to_json(dict(details)))
    return {"person": person, "sealed": base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()}


def unseal(key: bytes, stream: str, stored: Mapping[str, str]) -> dict[str, Any]:
    """The details sealed for this stream; raises Tampered where they don't open."""
    padded = stored["sealed"] + "=" * (-len(stored["sealed"]) % 4)
    plaintext = unseal_bytes(key, _associated(stored["person"], stream), base64.urlsafe_b64decode(padded))
    details: dict[str, Any] = canonical.from_json(plaintext)
    return details


def is_sealed(value: Any) -> bool:
    """Whether a JSON value is sealed personal data."""
    return isinstance(value, dict) and value.keys() == {"person", "sealed"}


def persons_in(document: Any) -> Iterator[str]:
    """The persons whose sealed data a JSON document holds, in order, with repeats."""
    if is_sealed(document):
        yield document["person"]
    elif isinstance(document, dict):
        for value in document.values():
            yield from persons_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from persons_in(value)


def replace(document: Any, matches: Callable[[Any], bool], new: Callable[[Any], Any]) -> Any:
    """A copy of a JSON document with each matching part replaced; what does not match is kept as it is."""
    if matches(document):
        return new(document)
    if isinstance(document, dict):
        return {key: replace(value, matches, new) for key, value in document.items()}
    if isinstance(document, list):
        return [replace(value, matches, new) for value in document]
    return document


def opened(document: Any, stream: str, keys: Mapping[str, bytes]) -> Any:
    """A copy of the document with sealed persons in clear, and ERASED where the key is destroyed."""

    def open_one(stored: dict[str, str]) -> dict[str, Any]:
        key = keys.get(stored["person"])
        return {"person": stored["person"], **(ERASED if key is None else unseal(key, stream, stored))}

    return replace(document, is_sealed, open_one)
