"""The vault in PostgreSQL. Keys are wrapped by the installation's own key: a database copy alone opens nothing."""

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.sealing import KEY_BYTES, NONCE_BYTES
from events.vault import PersonGone, WrongKey

_SETUP_LOCK = 0x7661_756C  # "vaul"; `create ... if not exists` of two starting nodes can collide without it

_PROBE = b"registry-vault"
"""Kept wrapped, to tell the installation's key from any other before something is sealed under the wrong one."""
_KEEP_PROBE = "insert into vault.probe (wrapped) values (%s) on conflict do nothing"
_FIND_PERSON = """
select p.person, p.wrapped from vault.identity i join vault.person p using (person) where i.digest = %s for key share
"""
_FORGET_DOCUMENTS = """
delete from vault.document where digest in (select document from vault.appearance where person = %s)
"""
_HOLD_PERSONS = """
select person from vault.person where person = any(%s::uuid[]) order by person for key share
"""
_TIE = """
insert into vault.appearance (person, document)
select unnest(%s::uuid[]), %s on conflict do nothing
"""


class PostgresVault:
    """Implements `events.vault.Vault`."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], master: bytes, new_id: Callable[[], UUID]):
        self._pool = pool
        self._wrapping = AESGCM(hmac.digest(master, b"registry-vault-wrapping", "sha256"))
        self._identities = hmac.digest(master, b"registry-vault-identity", "sha256")
        self._new_id = new_id

    async def create(self) -> None:
        """Makes the tables where they are missing; raises WrongKey where they are kept under another key."""
        setup = files("events.postgres").joinpath("vault.sql").read_bytes()
        async with self._pool.connection() as connection:
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
        """See `Vault.person`. Two nodes that meet a new person at once agree on one: the identity is unique."""
        digest = hmac.digest(self._identities, identity.encode(), "sha256")
        while True:
            async with self._pool.connection() as connection:
                found = await (await connection.execute(_FIND_PERSON, (digest,))).fetchone()
                if found is not None:
                    return str(found[0]), self._unwrap(found[0].bytes, found[1])
                person = self._new_id()
                key = secrets.token_bytes(KEY_BYTES)
                await connection.execute(
                    "insert into vault.person (person, wrapped) values (%s, %s)",
                    (person, self._wrap(person.bytes, key)),
                )
                made = await connection.execute(
                    "insert into vault.identity (digest, person) values (%s, %s) on conflict do nothing",
                    (digest, person),
                )
                if made.rowcount == 1:
                    return str(person), key
                await connection.rollback()

    async def keys(self, persons: Iterable[str]) -> Mapping[str, bytes]:
        """See `Vault.keys`."""
        wanted = sorted(set(persons))
        if not wanted:
            return {}
        async with self._pool.connection() as connection:
            rows = await connection.execute(
                "select person, wrapped from vault.person where person = any(%s::uuid[])", (wanted,)
            )
            return {str(person): self._unwrap(person.bytes, wrapped) async for person, wrapped in rows}

    async def document_key(self, digest: str, persons: Iterable[str]) -> bytes:
        """See `Vault.document_key`."""
        document, fresh, known = bytes.fromhex(digest), secrets.token_bytes(KEY_BYTES), sorted(set(persons))
        async with self._pool.connection() as connection:
            # Held until the tie is committed: whoever forgets one of them waits for it, and then destroys this key too.
            held = await (await connection.execute(_HOLD_PERSONS, (known,))).fetchall()
            if len(held) < len(known):
                raise PersonGone("a person in the document was forgotten meanwhile; seal and store it again")
            await connection.execute(
                "insert into vault.document (digest, wrapped) values (%s, %s) on conflict do nothing",
                (document, self._wrap(document, fresh)),
            )
            await connection.execute(_TIE, (known, document))
            key = await self._document(connection, document)
        if key is None:
            raise PersonGone("the document's key was destroyed while it was being stored; store it again")
        return key

    async def existing_document_key(self, digest: str) -> bytes | None:
        """See `Vault.existing_document_key`."""
        async with self._pool.connection() as connection:
            return await self._document(connection, bytes.fromhex(digest))

    async def forget(self, person: str) -> bool:
        """See `Vault.forget`."""
        async with self._pool.connection() as connection:
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
