"""The vault port: keys of persons, texts and partners' documents, outside the log so that they can be destroyed."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class PersonGone(Exception):
    """A person was forgotten while something of theirs was being stored. Seal it again: they are another person now."""


class WrongKey(LookupError):
    """The installation's key is not the one that this vault is kept under."""


class Vault(Protocol):
    """Keeps one 32-byte key per person, text and document. Destroying a key is final: it is kept nowhere else."""

    async def person(self, identity: str) -> tuple[str, bytes]:
        """The opaque id and key of the person that an identity (e-mail, or name and address) stands for; made if new.

        A text that can be taken back is kept as a person is; its identity is its stream and what it says.
        The identity itself is not kept, only a keyed digest of it. The same identity gives the same person until that
        person is forgotten, and a new one after.
        """
        ...

    async def persons(self, identities: Iterable[str]) -> Mapping[str, tuple[str, bytes]]:
        """As `person`, for all that a record names at once: id and key by identity."""
        ...

    async def keys(self, persons: Iterable[str]) -> Mapping[str, bytes]:
        """The keys that exist; a person missing from the answer was forgotten, or never was."""
        ...

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        """Keys of partners' documents (SHA-256, hexadecimal), made if new, tied to the persons who appear in each.

        Raises PersonGone where one of them was forgotten; then none is made.
        """
        ...

    async def existing_document_key(self, digest: str) -> bytes | None:
        """The key of a partner's document, or None where it is destroyed or never was."""
        ...

    async def forget(self, person: str) -> bool:
        """Destroys the person's key and those of the documents they appear in; False where there was nothing left.

        Durable when it returns; may be repeated.
        """
        ...
