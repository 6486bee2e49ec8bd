"""What is left of a destroyed key in the files of PostgreSQL, for how long, and what takes it away."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.postgres import remains, vault_copy
from events.postgres.vault import PostgresVault
from events.sealing import OwnerKind
from events.vault import Identity
from tests.support.server_files import SERVERS, ServerFiles, server_with_files

DOCUMENTS = ("ab" * 32, "cd" * 32)


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ServerFiles]:
    async with server_with_files(request.param) as server:
        yield server


@pytest.fixture
async def vault(server: ServerFiles) -> AsyncIterator[PostgresVault]:
    pool: AsyncConnectionPool[AsyncConnection[Any]]
    async with AsyncConnectionPool(server.url, open=False, min_size=1, kwargs={"autocommit": True}) as pool:
        vault = PostgresVault(pool, b"m" * 32, uuid4)
        await vault.create()
        yield vault


async def filled(vault: PostgresVault) -> list[str]:
    """Two persons, each in a document of their own."""
    persons = [(await vault.owner(Identity(OwnerKind.PERSON, name)))[0] for name in ("hanako", "taro")]
    for person, document in zip(persons, DOCUMENTS, strict=True):
        await vault.document_keys({document: [person]})
    return persons


def wrapped(server: ServerFiles, person: str, document: str) -> list[bytes]:
    """The keys of a person and a document as the vault keeps them, and what the person is known by."""
    queries = [
        ("select wrapped from vault.owner where owner = %s", person),
        ("select digest from vault.identity where owner = %s", person),
        ("select wrapped from vault.document where digest = %s", bytes.fromhex(document)),
    ]
    with psycopg.connect(server.operators_url) as connection:
        return [bytes(row[0]) for query, value in queries for row in connection.execute(query, (value,))]


async def test_nothing_of_a_destroyed_key_is_left_in_the_files_of_tables(
    server: ServerFiles, vault: PostgresVault
) -> None:
    hanako, taro = await filled(vault)
    gone, stays = wrapped(server, hanako, DOCUMENTS[0]), wrapped(server, taro, DOCUMENTS[1])
    await vault.destroy(OwnerKind.PERSON, hanako)
    before = server.in_tables()
    assert [key in before for key in (*gone, *stays)] == [True] * 6, "a deleted row stays in its file"

    assert await vault.clear_away()
    after = server.in_tables()
    assert [key in after for key in (*gone, *stays)] == [False] * 3 + [True] * 3
    assert await vault.keys([hanako, taro]) != {}
    assert await vault.existing_document_key(DOCUMENTS[1]) is not None


async def test_a_key_that_a_restoration_leaves_out_is_in_no_file_of_a_table(
    server: ServerFiles, vault: PostgresVault
) -> None:
    hanako, taro = await filled(vault)
    gone, stays = wrapped(server, hanako, DOCUMENTS[0]), wrapped(server, taro, DOCUMENTS[1])
    async with vault_copy.snapshot(server.url) as connection:
        rows = [row async for row in vault_copy.rows(connection)]
    server.as_operator("truncate vault.owner, vault.identity, vault.document, vault.appearance")
    assert not any(key in server.in_tables() for key in (*gone, *stays))
    assert await vault_copy.put(server.url, "a" * 64, rows, [hanako])
    assert await vault.clear_away()

    after = server.in_tables()
    assert [key in after for key in (*gone, *stays)] == [False] * 3 + [True] * 3


async def test_the_write_ahead_log_keeps_a_destroyed_key_until_its_file_is_removed(
    server: ServerFiles, vault: PostgresVault
) -> None:
    server.as_operator("alter system set wal_recycle = off", "select pg_reload_conf()")
    hanako, _ = await filled(vault)
    gone = wrapped(server, hanako, DOCUMENTS[0])
    await vault.destroy(OwnerKind.PERSON, hanako)
    await vault.clear_away()
    assert all(key in server.in_write_ahead_log() for key in gone)
    server.as_operator("select pg_switch_wal()", "checkpoint", "select pg_switch_wal()", "checkpoint")

    assert [key in server.in_all() for key in gone] == [False] * 3


async def test_what_a_transaction_from_before_may_still_read_is_cleared_once_that_has_ended(
    server: ServerFiles, vault: PostgresVault
) -> None:
    hanako, _ = await filled(vault)
    gone = wrapped(server, hanako, DOCUMENTS[0])
    with psycopg.connect(server.url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select count(*) from vault.probe")
        await vault.destroy(OwnerKind.PERSON, hanako)
        assert not await vault.clear_away()
    assert all(key in server.in_tables() for key in gone)

    assert await vault.clear_away()
    assert not any(key in server.in_tables() for key in gone)


async def test_whoever_uses_the_keys_is_waited_for_a_moment_and_then_asked_again(
    server: ServerFiles, vault: PostgresVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "_PATIENCE", "100ms")
    hanako, taro = await filled(vault)
    with psycopg.connect(server.url) as using:
        await vault.destroy(OwnerKind.PERSON, hanako)
        using.execute("lock table vault.owner in access share mode")
        assert not await vault.clear_away()
        assert await vault.keys([taro]) != {}

    assert await vault.clear_away()
