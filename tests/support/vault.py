"""A vault in memory: keys by owner, as long as the object lives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from events.sealing import OwnerKind
from events.vault import Identity, OtherKind, OwnerGone


@dataclass
class MemoryVault:
    """Implements Vault. Keys and ids follow from the order of their making; `entries`: kind and key by owner."""

    owned: dict[Identity, str] = field(default_factory=dict)
    entries: dict[str, tuple[OwnerKind, bytes]] = field(default_factory=dict)
    documents: dict[str, frozenset[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """Which methods were called."""
    made: int = 0

    async def owner(self, identity: Identity) -> tuple[str, bytes]:
        return (await self.owners([identity]))[identity]

    async def owners(self, identities: Iterable[Identity]) -> Mapping[Identity, tuple[str, bytes]]:
        self.calls.append("owners")
        return {identity: self._owner(identity) for identity in identities}

    def _owner(self, identity: Identity) -> tuple[str, bytes]:
        if (known := self.owned.get(identity)) is None or known not in self.entries:
            self.made += 1
            known = self.owned[identity] = str(UUID(int=self.made))
            self.entries[known] = (identity.kind, sha256(known.encode()).digest())
        return known, self.entries[known][1]

    async def keys(self, owners: Iterable[str]) -> Mapping[str, bytes]:
        self.calls.append("keys")
        return {owner: self.entries[owner][1] for owner in owners if owner in self.entries}

    async def kinds(self, owners: Iterable[str]) -> Mapping[str, OwnerKind]:
        return {owner: self.entries[owner][0] for owner in owners if owner in self.entries}

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        named = {digest: frozenset(owners) for digest, owners in documents.items()}
        if any(owner not in self.entries for owners in named.values() for owner in owners):
            raise OwnerGone
        self.documents |= named
        return {digest: sha256(digest.encode()).digest() for digest in named}

    async def existing_document_key(self, digest: str) -> bytes | None:
        return sha256(digest.encode()).digest() if digest in self.documents else None

    async def appearances(self, owner: str) -> int:
        return sum(owner in owners for owners in self.documents.values())

    async def destroy(self, kind: OwnerKind, owner: str) -> bool:
        if owner not in self.entries:
            return False
        if (other := self.entries[owner][0]) is not kind:
            raise OtherKind(owner, kind, other)
        del self.entries[owner]
        self.documents = {digest: owners for digest, owners in self.documents.items() if owner not in owners}
        return True

    async def clear_away(self) -> bool:
        return True
