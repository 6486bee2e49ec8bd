"""The vault port: keys of persons, texts and partners' documents, outside the log so that they can be destroyed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from events.sealing import OwnerKind, Tampered


class OwnerGone(Exception):
    """A key was destroyed while something under it was being stored. Seal it again: its owner is another one now."""


class OtherKind(LookupError):
    """An id names an owner of another kind than it was taken for. Nothing was destroyed."""

    def __init__(self, owner: str, taken_for: OwnerKind, kind: OwnerKind):
        super().__init__(f"{owner} is the id of a {kind.value}, not of a {taken_for.value}; nothing was destroyed")


class WrongKey(LookupError):
    """The installation's key is not the one that this vault is kept under."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of an owner among its kind: a person's e-mail or details, a text's stream and words."""

    kind: OwnerKind
    distinction: str


@dataclass(frozen=True, slots=True)
class Belonging:
    """A vault's own id, and the log that it keeps keys for.

    `log` is the id that the log was founded with; None until a node has started on it. `topics`: the ids of its topics
    by their names.
    """

    vault: str
    log: str | None
    topics: Mapping[str, str]


class Vault(Protocol):
    """Keeps one 32-byte key per person, text and document. Destroying a key is final: it is kept nowhere else."""

    async def owner(self, identity: Identity) -> tuple[str, bytes]:
        """The opaque id and key of the person or text that an identity stands for; made if new.

        The identity itself is not kept, only a keyed digest of it. The same identity gives the same owner until its
        key is destroyed, and a new one after. A person and a text never share a key, whatever their identities say.
        """
        ...

    async def owners(self, identities: Iterable[Identity]) -> Mapping[Identity, tuple[str, bytes]]:
        """The same as `owner` for all owners in a record at once: id and key by identity."""
        ...

    async def keys(self, owners: Iterable[str]) -> Mapping[str, bytes]:
        """The keys that exist; an owner missing from the answer had its key destroyed, or never was.

        Raises Tampered where a key was changed, as does whatever else gives keys.
        """
        ...

    async def kinds(self, owners: Iterable[str]) -> Mapping[str, OwnerKind]:
        """The kinds of owners of the keys that exist."""
        ...

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        """Keys of partners' documents (SHA-256, hexadecimal), made if new, tied to the owners of what is in each.

        Raises OwnerGone where the key of one of them was destroyed; then none is made.
        """
        ...

    async def existing_document_key(self, digest: str) -> bytes | None:
        """The key of a partner's document, or None where it is destroyed or never was."""
        ...

    async def appearances(self, owner: str) -> int:
        """The number of partners' documents with the owner; their keys would be destroyed with its own."""
        ...

    async def destroy(self, kind: OwnerKind, owner: str) -> bool:
        """Destroys the owner's key and those of the documents it appears in.

        False where there is no such owner, or no longer. Raises OtherKind where the id is that of an owner of another
        kind. Durable when it returns; may be repeated.
        """
        ...

    async def clear_away(self) -> bool:
        """Removes what is left of destroyed keys in the files that the vault is kept in.

        False if a reader still uses the old files, or the keys are in use: ask again later.
        """
        ...


async def keys_apart(vault: Vault, owners: Iterable[str]) -> tuple[Mapping[str, bytes], frozenset[str]]:
    """The keys that exist, and the owners whose keys were changed: what is under one of these hides nothing else."""
    wanted = frozenset(owners)
    try:
        return await vault.keys(wanted), frozenset()
    except Tampered:
        found: dict[str, bytes] = {}
        changed = set()
    for owner in wanted:
        try:
            found |= await vault.keys([owner])
        except Tampered:
            changed.add(owner)
    return found, frozenset(changed)
