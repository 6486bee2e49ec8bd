"""Sealing of what must be erasable (AES-256-GCM), under the key of its owner, before it reaches the log.

The owner is a person or a text. A sealed value begins with the version of its form: version 1 is base64url of nonce
and ciphertext. The nonce is synthetic: an HMAC of the plaintext under a subkey of the owner. Equal data of one owner
in one stream gives equal bytes, so that a retried command is the same record and an unchanged contact is no change; a
nonce repeats only with its whole message, which AES-GCM allows (ADR 0005).
"""

import base64
import hmac
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events import canonical

KEY_BYTES = 32
NONCE_BYTES = 12
MARK: Final = "1."
"""Begins sealed text in the form of this program. A later form has another mark."""
ERASED = {"erased": True}
"""The value in every view instead of data that was sealed under a destroyed key."""
WITHHELD = {"withheld": True}
"""The value that readers get instead of a text that its site asked to take back, until the office has decided."""
CLOSED = {"closed": True}
"""The value in every view instead of data that this program has no way to open."""


class OwnerKind(StrEnum):
    """The kind of a key's owner: the field of sealed data that names the owner, and the category of its stream."""

    PERSON = "person"
    TEXT = "text"


OWNERS: Final = tuple(kind.value for kind in OwnerKind)
"""The fields of sealed data that name the owner of its key. Data that is closed for an audience has neither."""


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


def seal(key: bytes, owner: str, stream: str, details: Any, *, of: OwnerKind = OwnerKind.PERSON) -> dict[str, str]:
    """The stored form of `events.schemas.values.Sealed`, or of `SealedText`; bound to the owner and the stream."""
    sealed = seal_bytes(key, _associated(owner, stream), canonical.to_json(details))
    return {of.value: owner, "sealed": MARK + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()}


def unseal(key: bytes, stream: str, stored: Mapping[str, str]) -> Any:
    """The value that was sealed for this stream; raises Tampered if it doesn't open."""
    encoded = stored["sealed"].removeprefix(MARK)
    try:
        sealed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError as fault:
        raise Tampered("sealed data is not in base64url") from fault
    return canonical.from_json(unseal_bytes(key, _associated(owner_of(stored), stream), sealed))


def is_sealed(value: Any) -> bool:
    """Whether a JSON value is sealed, in this form or in one of a later program."""
    return isinstance(value, dict) and "sealed" in value


def owner_of(stored: Mapping[str, Any]) -> str:
    """The id under which the vault keeps the key; empty where the data names none."""
    named = [stored[name] for name in OWNERS if isinstance(stored.get(name), str)]
    return named[0] if named else ""


def _is_readable(stored: Mapping[str, Any]) -> bool:
    """Whether this program knows how to open it: its own form, under the first key of one owner."""
    names = stored.keys()
    return any(names == {owner, "sealed"} for owner in OWNERS) and str(stored["sealed"]).startswith(MARK)


def owners_in(document: Any, kinds: Sequence[str] = OWNERS) -> Iterator[str]:
    """The owners of these kinds of all that is sealed in a JSON document, in order, with repeats."""
    if is_sealed(document):
        if (owner := owner_of(document)) and _is_of(document, kinds):
            yield owner
    elif isinstance(document, dict):
        for value in document.values():
            yield from owners_in(value, kinds)
    elif isinstance(document, list):
        for value in document:
            yield from owners_in(value, kinds)


def sealed_under(document: Any, owner: str) -> Iterator[dict[str, Any]]:
    """All in a JSON document that is sealed under a key of the owner."""
    if is_sealed(document):
        if owner_of(document) == owner:
            yield document
    elif isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from sealed_under(value, owner)


def _is_of(stored: Mapping[str, Any], kinds: Sequence[str]) -> bool:
    return any(kind in stored for kind in kinds)


def replace(document: Any, matches: Callable[[Any], bool], new: Callable[[Any], Any]) -> Any:
    """A copy of a JSON document with each matching part replaced; a value that does not match stays as it is."""
    if matches(document):
        return new(document)
    if isinstance(document, dict):
        return {key: replace(value, matches, new) for key, value in document.items()}
    if isinstance(document, list):
        return [replace(value, matches, new) for value in document]
    return document


def without_texts(document: Any, texts: Collection[str]) -> Any:
    """A copy of the document with WITHHELD in place of the sealed texts of these ids."""
    if not texts:
        return document
    return replace(document, lambda value: is_sealed(value) and value.get("text") in texts, lambda _: dict(WITHHELD))


def closed(document: Any, owners: Collection[str]) -> Any:
    """A copy of the document with CLOSED instead of data that is sealed under keys of these owners."""
    if not owners:
        return document

    def close(stored: dict[str, Any]) -> Any:
        return {name: stored[name] for name in OWNERS if name in stored} | CLOSED

    return replace(document, lambda value: is_sealed(value) and owner_of(value) in owners, close)


def opened(document: Any, stream: str, keys: Mapping[str, bytes], kinds: Sequence[str] = OWNERS) -> Any:
    """A copy of the document with sealed data in clear; data of another kind of owner stays as it is.

    ERASED stands where the key is destroyed, CLOSED where a later program sealed it or only an audience may open it.
    """

    def open_one(stored: dict[str, Any]) -> Any:
        owner = owner_of(stored)
        named = {name: stored[name] for name in OWNERS if name in stored}
        key = keys.get(owner)
        if owner and key is None:
            return named | ERASED
        if key is None or not _is_readable(stored):
            return named | CLOSED
        clear = unseal(key, stream, stored)
        return named | clear if "person" in stored else clear

    def is_asked_for(value: Any) -> bool:
        return is_sealed(value) and (_is_of(value, kinds) or not _is_of(value, OWNERS))

    return replace(document, is_asked_for, open_one)
