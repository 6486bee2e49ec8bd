"""The vault in PostgreSQL. Keys are wrapped by the installation's own key: a database copy alone opens nothing."""

import hmac
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.postgres import belonging, remains
from events.postgres.arrays import array
from events.sealing import KEY_BYTES, NONCE_BYTES, OwnerKind, Tampered
from events.together import Together
from events.vault import Belonging, Identity, OtherKind, OwnerGone, WrongKey

_Named: TypeAlias = tuple[bytes, str]
"""An identity as the vault knows it: its digest, and the kind of owner that it tells."""

_SETUP_LOCK = 0x7661_756C  # "vaul"; `create ... if not exists` of two starting nodes can collide without it

_PROBE = b"registry-vault"
"""Kept wrapped, to tell the installation's key from any other before something is sealed under the wrong one."""
_KEEP_PROBE = "insert into vault.probe (wrapped) values (%s) on conflict do nothing"
_OWNERS = """
with asked as materialized (
    select * from unnest(%(digests)s::bytea[], %(fresh)s::uuid[], %(kinds)s::text[], %(wrapped)s::bytea[])
        as one (digest, owner, kind, wrapped)
), known as materialized (
    select i.digest, o.owner, o.kind, o.wrapped from vault.identity i join vault.owner o using (owner)
    where i.digest = any(%(digests)s::bytea[])
), named as (
    insert into vault.identity (digest, owner)
    select digest, owner from asked where digest not in (select digest from known) order by digest
    on conflict do nothing returning owner
), made as (
    insert into vault.owner (owner, kind, wrapped)
    select owner, kind, wrapped from asked where owner in (select owner from named)
)
select digest, owner, kind, wrapped from known
union all
select digest, owner, kind, wrapped from asked where owner in (select owner from named)
"""
"""One statement, so one round trip: most texts are new. A digest is missing where another node met it meanwhile.

Where all are known, nothing is locked or written, so that no commit waits for the disk: a row that is seen is durable.
A lock would delay a destruction for as long as the statement takes, and the key is used after it.

In the order of the digests, so that two nodes that meet the same people wait for one another and never in a circle.
"""
_DESTROY_OWNER = "delete from vault.owner where owner = %s and kind = %s"
_COUNT_DOCUMENTS = "select count(*) from vault.appearance where owner = %s"
_DESTROY_DOCUMENTS = """
delete from vault.document where digest in (select document from vault.appearance where owner = %s)
"""
_KEEP_DOCUMENTS = """
with held as materialized (
    select owner from vault.owner where owner = any(%(owners)s::uuid[]) order by owner for key share
), complete as materialized (
    select count(*) = cardinality(%(owners)s::uuid[]) as yes from held
), made as (
    insert into vault.document (digest, wrapped)
    select fresh.digest, fresh.wrapped
    from complete, unnest(%(digests)s::bytea[], %(wrapped)s::bytea[]) as fresh (digest, wrapped) where yes
    on conflict do nothing returning digest, wrapped
), tied as (
    insert into vault.appearance (owner, document)
    select tie.owner, tie.document
    from complete, unnest(%(who)s::uuid[], %(where)s::bytea[]) as tie (owner, document) where yes
    on conflict do nothing
)
select digest, wrapped from made
union all
select digest, wrapped from vault.document, complete where yes and digest = any(%(digests)s::bytea[])
"""
"""One statement, so one round trip for many documents: an import keeps hundreds a second. Nothing where one is gone."""
_MEETINGS = 3
"""Attempts where another node keeps a document at the same moment: its row is not in our snapshot yet."""


def wrapping(master: bytes) -> AESGCM:
    """The cipher that wraps keys under the installation's own key."""
    return AESGCM(hmac.digest(master, b"registry-vault-wrapping", "sha256"))


def is_under(master: bytes, probe: bytes) -> bool:
    """Whether a vault with this probe is kept under the installation's key."""
    try:
        return wrapping(master).decrypt(probe[:NONCE_BYTES], probe[NONCE_BYTES:], _PROBE) == _PROBE
    except (InvalidTag, ValueError):
        return False


async def restoration(connection: AsyncConnection[Any]) -> str | None:
    """The name of a restoration into the vault and its log that has not finished; None if there is none."""
    found = await (await connection.execute("select archive from vault.restoration")).fetchone()
    return found[0] if found else None


class PostgresVault:
    """Implements `events.vault.Vault` on a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], master: bytes, new_id: Callable[[], UUID]):
        self._pool = pool
        self._master, self._wrapping = master, wrapping(master)
        self._identities = hmac.digest(master, b"registry-vault-identity", "sha256")
        self._new_id = new_id
        self._together = Together(self._owners)

    async def create(self) -> None:
        """Makes the tables where they are missing; raises WrongKey where they are kept under another key."""
        setup = files("events.postgres").joinpath("vault.sql").read_bytes()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
            await connection.execute(setup)
            await connection.execute(_KEEP_PROBE, (self._wrap(_PROBE, _PROBE),))
            row = await (await connection.execute("select wrapped from vault.probe")).fetchone()
        if row is None or not is_under(self._master, row[0]):
            raise WrongKey("this is not the key that wraps the vault's keys; start with that key")

    async def restoring(self) -> str | None:
        """The name of a restoration into this vault and its log that has not finished; None if there is none."""
        async with self._pool.connection() as connection:
            return await restoration(connection)

    async def belonging(self) -> Belonging:
        """Which vault this is, and the log that it keeps keys for."""
        async with self._pool.connection() as connection:
            return await belonging.read(connection)

    async def belong_to(self, log: str, topics: Mapping[str, str]) -> None:
        """Notes the log that it keeps keys for: the id of its founding, and of each topic by its name."""
        async with self._pool.connection() as connection:
            await belonging.belong_to(connection, log, topics)

    async def holds_keys(self) -> bool:
        """Whether any key is in it."""
        async with self._pool.connection() as connection:
            return await belonging.holds_keys(connection)

    async def owner(self, identity: Identity) -> tuple[str, bytes]:
        """See `Vault.owner`."""
        return (await self.owners([identity]))[identity]

    async def owners(self, identities: Iterable[Identity]) -> Mapping[Identity, tuple[str, bytes]]:
        """See `Vault.owners`. Two nodes that meet a new one at once agree on one: the identity is unique.

        Callers at the same time share a statement: it takes locks, and waits for the disk.
        """
        wanted = {one: (self._digest(one), one.kind.value) for one in identities}
        found = await self._together(wanted.values())
        return {one: found[digest] for one, digest in wanted.items()}

    def _digest(self, identity: Identity) -> bytes:
        return hmac.digest(self._identities, f"{identity.kind.value}:{identity.distinction}".encode(), "sha256")

    async def _owners(self, wanted: Collection[_Named]) -> Mapping[_Named, tuple[str, bytes]]:
        """Finds or makes the owner of each. A digest tells the kind, too, so that none is there twice."""
        kinds = dict(sorted(wanted))
        met: dict[_Named, tuple[str, bytes]] = {}
        while len(met) < len(kinds):
            missing = [(digest, kind) for digest, kind in kinds.items() if (digest, kind) not in met]
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_OWNERS, self._fresh(missing))).fetchall()
            for digest, owner, kind, wrapped in rows:
                met[bytes(digest), kinds[bytes(digest)]] = (str(owner), self._unwrap(_bound(kind, owner), wrapped))
        return met

    def _fresh(self, names: Sequence[_Named]) -> dict[str, Any]:
        """These, with an owner and a key for each digest that turns out to be new."""
        fresh = [(kind, self._new_id()) for _, kind in names]
        wrapped = [self._wrap(_bound(kind, owner), secrets.token_bytes(KEY_BYTES)) for kind, owner in fresh]
        return {
            "digests": _bytes([digest for digest, _ in names]),
            "fresh": array(owner for _, owner in fresh),
            "kinds": array(kind for kind, _ in fresh),
            "wrapped": _bytes(wrapped),
        }

    async def keys(self, owners: Iterable[str]) -> Mapping[str, bytes]:
        """See `Vault.keys`."""
        return {str(owner): self._unwrap(_bound(kind, owner), key) for owner, kind, key in await self._wrapped(owners)}

    async def kinds(self, owners: Iterable[str]) -> Mapping[str, OwnerKind]:
        """See `Vault.kinds`."""
        return {str(owner): OwnerKind(kind) for owner, kind, _ in await self._wrapped(owners)}

    async def _wrapped(self, owners: Iterable[str]) -> list[tuple[UUID, str, bytes]]:
        wanted = sorted(filter(_is_id, set(owners)))
        if not wanted:
            return []
        async with self._pool.connection() as connection:
            return await (
                await connection.execute(
                    "select owner, kind, wrapped from vault.owner where owner = any(%s::uuid[])", (wanted,)
                )
            ).fetchall()

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        """See `Vault.document_keys`.

        The owners are held until they are tied to the documents: a destruction of one's key waits for that, and
        then destroys the documents' keys too.
        """
        ties = [(owner, document) for document, owners in documents.items() for owner in sorted(set(owners))]
        fresh = {bytes.fromhex(document): secrets.token_bytes(KEY_BYTES) for document in sorted(documents)}
        parameters = {
            "owners": sorted({owner for owner, _ in ties}),
            "digests": list(fresh),
            "wrapped": [self._wrap(document, key) for document, key in fresh.items()],
            "who": [owner for owner, _ in ties],
            "where": [bytes.fromhex(document) for _, document in ties],
        }
        for _ in range(_MEETINGS):
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_KEEP_DOCUMENTS, parameters)).fetchall()
            if len(rows) == len(documents):
                return {bytes(digest).hex(): self._unwrap(bytes(digest), wrapped) for digest, wrapped in rows}
        raise OwnerGone("a key of something in a document was destroyed meanwhile; seal and store it again")

    async def existing_document_key(self, digest: str) -> bytes | None:
        """See `Vault.existing_document_key`."""
        async with self._pool.connection() as connection:
            return await self._document(connection, bytes.fromhex(digest))

    async def appearances(self, owner: str) -> int:
        """See `Vault.appearances`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_COUNT_DOCUMENTS, (UUID(owner),))).fetchone()
        return row[0] if row else 0

    async def destroy(self, kind: OwnerKind, owner: str) -> bool:
        """See `Vault.destroy`."""
        async with self._pool.connection() as connection, connection.transaction():
            # The owner first: that waits for documents being tied to it, and the next statement sees the tie.
            destroyed = await connection.execute(_DESTROY_OWNER, (UUID(owner), kind.value))
            if destroyed.rowcount:
                await connection.execute(_DESTROY_DOCUMENTS, (UUID(owner),))
                await connection.execute(remains.NOTE)
                return True
        if other := (await self.kinds([owner])).get(owner):
            raise OtherKind(owner, kind, other)
        return False

    async def clear_away(self) -> bool:
        """See `Vault.clear_away`."""
        async with self._pool.connection() as connection:
            return await remains.clear_away(connection)

    async def _document(self, connection: AsyncConnection[Any], document: bytes) -> bytes | None:
        row = await (
            await connection.execute("select wrapped from vault.document where digest = %s", (document,))
        ).fetchone()
        return None if row is None else self._unwrap(document, row[0])

    def _wrap(self, owner: bytes, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, owner)

    def _unwrap(self, owner: bytes, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner)
        except (InvalidTag, ValueError) as fault:
            raise Tampered("a key of the vault does not open under the installation's key") from fault


def _bound(kind: str, owner: UUID) -> bytes:
    """The owner for which a key is wrapped: a row whose kind was changed opens nothing."""
    return kind.encode() + owner.bytes


def _bytes(values: Iterable[bytes]) -> str:
    return array(f'"\\\\x{value.hex()}"' for value in values)


def _is_id(owner: str) -> bool:
    """Whether it can name an owner: what a log says of one may be any text."""
    try:
        return str(UUID(owner)) == owner
    except ValueError:
        return False
