"""The vault in PostgreSQL. Keys are wrapped by the installation's own key: a database copy alone opens nothing."""

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection, Rollback
from psycopg_pool import AsyncConnectionPool

from events.sealing import KEY_BYTES, NONCE_BYTES
from events.vault import PersonGone, WrongKey

_SETUP_LOCK = 0x7661_756C  # "vaul"; `create ... if not exists` of two starting nodes can collide without it

_PROBE = b"registry-vault"
"""Kept wrapped, to tell the installation's key from any other before something is sealed under the wrong one."""
_KEEP_PROBE = "insert into vault.probe (wrapped) values (%s) on conflict do nothing"
_FIND_PERSONS = """
select i.digest, p.person, p.wrapped from vault.identity i join vault.person p using (person)
where i.digest = any(%s) order by i.digest for key share of p
"""
_MAKE_PERSONS = "insert into vault.person (person, wrapped) select unnest(%s::uuid[]), unnest(%s::bytea[])"
# In the order of the digests, so that two nodes that meet the same people wait for one another and never in a circle.
_NAME_PERSONS = """
insert into vault.identity (digest, person) select unnest(%s::bytea[]), unnest(%s::uuid[]) on conflict do nothing
"""
_FORGET_DOCUMENTS = """
delete from vault.document where digest in (select document from vault.appearance where person = %s)
"""
_KEEP_DOCUMENTS = """
with held as materialized (
    select person from vault.person where person = any(%(persons)s::uuid[]) order by person for key share
), complete as materialized (
    select count(*) = cardinality(%(persons)s::uuid[]) as yes from held
), made as (
    insert into vault.document (digest, wrapped)
    select fresh.digest, fresh.wrapped
    from complete, unnest(%(digests)s::bytea[], %(wrapped)s::bytea[]) as fresh (digest, wrapped) where yes
    on conflict do nothing returning digest, wrapped
), tied as (
    insert into vault.appearance (person, document)
    select tie.person, tie.document
    from complete, unnest(%(who)s::uuid[], %(where)s::bytea[]) as tie (person, document) where yes
    on conflict do nothing
)
select digest, wrapped from made
union all
select digest, wrapped from vault.document, complete where yes and digest = any(%(digests)s::bytea[])
"""
"""One statement, so one round trip for many documents: an import keeps hundreds a second. Nothing where one is gone."""
_MEETINGS = 3
"""Attempts where another node keeps a document at the same moment: its row is not in our snapshot yet."""


class PostgresVault:
    """Implements `events.vault.Vault` on a pool of connections that commit each statement by itself."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], master: bytes, new_id: Callable[[], UUID]):
        self._pool = pool
        self._wrapping = AESGCM(hmac.digest(master, b"registry-vault-wrapping", "sha256"))
        self._identities = hmac.digest(master, b"registry-vault-identity", "sha256")
        self._new_id = new_id

    async def create(self) -> None:
        """Makes the tables where they are missing; raises WrongKey where they are kept under another key."""
        setup = files("events.postgres").joinpath("vault.sql").read_bytes()
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
            await connection.execute(setup)
            await connection.execute(_KEEP_PROBE, (self._wrap(_PROBE, _PROBE),))
            row = await (await connection.execute("select wrapped from vault.probe")).fetchone()
        try:
            fits = row is not None and self._unwrap(_PROBE, row[0]) == _PROBE
        except InvalidTag:
            fits = False
        if not fits:
            raise WrongKey("this is not the key that the vault's persons are kept under; start with that one")

    async def person(self, identity: str) -> tuple[str, bytes]:
        """See `Vault.person`."""
        return (await self.persons([identity]))[identity]

    async def persons(self, identities: Iterable[str]) -> Mapping[str, tuple[str, bytes]]:
        """See `Vault.persons`. Two nodes that meet a new person at once agree on one: the identity is unique."""
        wanted = {hmac.digest(self._identities, one.encode(), "sha256"): one for one in identities}
        while True:
            async with self._pool.connection() as connection:
                found = await (await connection.execute(_FIND_PERSONS, (sorted(wanted),))).fetchall()
                known = {bytes(digest): (person, wrapped) for digest, person, wrapped in found}
                if await self._make(connection, sorted(wanted.keys() - known.keys())):
                    return {
                        wanted[digest]: (str(person), self._unwrap(person.bytes, wrapped))
                        for digest, (person, wrapped) in known.items()
                    }

    async def _make(self, connection: AsyncConnection[Any], digests: Sequence[bytes]) -> bool:
        """Makes a person for each digest, all or none; True where there was nobody to make."""
        if not digests:
            return True
        persons = [self._new_id() for _ in digests]
        wrapped = [self._wrap(person.bytes, secrets.token_bytes(KEY_BYTES)) for person in persons]
        with suppress(Rollback):
            async with connection.transaction() as transaction:
                await connection.execute(_MAKE_PERSONS, (persons, wrapped))
                named = await connection.execute(_NAME_PERSONS, (list(digests), persons))
                if named.rowcount < len(digests):
                    # Another node met one of them first: its person counts, and ours must not stay behind.
                    raise Rollback(transaction)
        return False

    async def keys(self, persons: Iterable[str]) -> Mapping[str, bytes]:
        """See `Vault.keys`."""
        wanted = sorted(filter(_is_id, set(persons)))
        if not wanted:
            return {}
        async with self._pool.connection() as connection:
            rows = await connection.execute(
                "select person, wrapped from vault.person where person = any(%s::uuid[])", (wanted,)
            )
            return {str(person): self._unwrap(person.bytes, wrapped) async for person, wrapped in rows}

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        """See `Vault.document_keys`.

        The persons are held until they are tied to the documents: whoever forgets one of them waits for that, and then
        destroys the documents' keys too.
        """
        ties = [(person, document) for document, persons in documents.items() for person in sorted(set(persons))]
        fresh = {bytes.fromhex(document): secrets.token_bytes(KEY_BYTES) for document in sorted(documents)}
        asked = {
            "persons": sorted({person for person, _ in ties}),
            "digests": list(fresh),
            "wrapped": [self._wrap(document, key) for document, key in fresh.items()],
            "who": [person for person, _ in ties],
            "where": [bytes.fromhex(document) for _, document in ties],
        }
        for _ in range(_MEETINGS):
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_KEEP_DOCUMENTS, asked)).fetchall()
            if len(rows) == len(documents):
                return {bytes(digest).hex(): self._unwrap(bytes(digest), wrapped) for digest, wrapped in rows}
        raise PersonGone("a person in a document was forgotten meanwhile; seal and store it again")

    async def existing_document_key(self, digest: str) -> bytes | None:
        """See `Vault.existing_document_key`."""
        async with self._pool.connection() as connection:
            return await self._document(connection, bytes.fromhex(digest))

    async def forget(self, person: str) -> bool:
        """See `Vault.forget`."""
        async with self._pool.connection() as connection, connection.transaction():
            # The person first: that waits for documents being tied to them, and the next statement sees the tie.
            keys = await connection.execute("delete from vault.person where person = %s", (UUID(person),))
            documents = await connection.execute(_FORGET_DOCUMENTS, (UUID(person),))
            return keys.rowcount + documents.rowcount > 0

    async def _document(self, connection: AsyncConnection[Any], document: bytes) -> bytes | None:
        row = await (
            await connection.execute("select wrapped from vault.document where digest = %s", (document,))
        ).fetchone()
        return None if row is None else self._unwrap(document, row[0])

    def _wrap(self, owner: bytes, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, owner)

    def _unwrap(self, owner: bytes, wrapped: bytes) -> bytes:
        return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner)


def _is_id(person: str) -> bool:
    """Whether it can name a person: what a log says of one may be any text."""
    try:
        return str(UUID(person)) == person
    except ValueError:
        return False
