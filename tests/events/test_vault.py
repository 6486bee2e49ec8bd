"""The vault: one key per person and document, the same for everyone who asks, and gone when destroyed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.postgres.vault import PostgresVault
from events.vault import PersonGone, WrongKey

DOCUMENT = "ab" * 32


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool[AsyncConnection[Any]]]:
    async with AsyncConnectionPool(
        database_url, open=False, min_size=1, max_size=8, kwargs={"autocommit": True}
    ) as opened:
        yield opened


@pytest.fixture
async def vault(pool: AsyncConnectionPool[AsyncConnection[Any]]) -> PostgresVault:
    vault = PostgresVault(pool, b"m" * 32, uuid4)
    await vault.create()
    return vault


async def document_key(vault: PostgresVault, digest: str, persons: list[str]) -> bytes:
    return (await vault.document_keys({digest: persons}))[digest]


async def test_twenty_at_once_agree_on_one_person(vault: PostgresVault) -> None:
    met = await asyncio.gather(*(vault.person("mailto:hanako@example.jp") for _ in range(20)))

    assert len(set(met)) == 1
    assert await vault.keys([met[0][0]]) == {met[0][0]: met[0][1]}


async def test_a_forgotten_person_is_another_person_when_met_again(vault: PostgresVault) -> None:
    person, key = await vault.person("mailto:hanako@example.jp")

    assert await vault.forget(person)
    assert not await vault.forget(person)
    assert await vault.keys([person]) == {}
    again, new_key = await vault.person("mailto:hanako@example.jp")
    assert again != person
    assert new_key != key


async def test_forgetting_a_person_destroys_the_documents_they_appear_in(vault: PostgresVault) -> None:
    person, _ = await vault.person("mailto:hanako@example.jp")
    other, _ = await vault.person("mailto:taro@example.jp")
    key = await document_key(vault, DOCUMENT, [person, other])

    assert await document_key(vault, DOCUMENT, [other]) == key
    await vault.forget(person)
    assert await vault.existing_document_key(DOCUMENT) is None
    assert other in await vault.keys([other])


async def test_nothing_in_the_database_shows_an_identity_or_a_key(vault: PostgresVault, database_url: str) -> None:
    _, key = await vault.person("mailto:hanako@example.jp")
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select wrapped from vault.person union all select digest from vault.identity"
        ).fetchall()
    kept = b"".join(bytes(row[0]) for row in rows)

    assert key not in kept
    assert b"hanako" not in kept


async def test_a_node_with_another_key_does_not_start(
    vault: PostgresVault, pool: AsyncConnectionPool[AsyncConnection[Any]]
) -> None:
    await vault.person("mailto:hanako@example.jp")
    with pytest.raises(WrongKey):
        await PostgresVault(pool, b"x" * 32, uuid4).create()


async def test_a_document_of_somebody_forgotten_meanwhile_gets_no_key(vault: PostgresVault) -> None:
    person, _ = await vault.person("mailto:hanako@example.jp")
    await vault.forget(person)
    with pytest.raises(PersonGone):
        await document_key(vault, DOCUMENT, [person])

    assert await vault.existing_document_key(DOCUMENT) is None


async def test_forgetting_beside_a_document_being_stored_leaves_no_key(vault: PostgresVault) -> None:
    for number in range(40):
        person, _ = await vault.person(f"mailto:{number}@example.jp")
        digest = f"{number:064x}"
        await asyncio.gather(document_key(vault, digest, [person]), vault.forget(person), return_exceptions=True)

        assert await vault.existing_document_key(digest) is None


async def test_many_documents_and_people_are_kept_at_once_by_two_nodes_that_agree(vault: PostgresVault) -> None:
    identities = [f"mailto:{number}@example.jp" for number in range(30)]

    async def keep(order: list[str]) -> dict[str, bytes]:
        people = await vault.persons(order)
        return dict(
            await vault.document_keys({f"{number:064x}": [people[name][0]] for number, name in enumerate(order)})
        )

    met = await asyncio.gather(*(vault.persons(order) for order in (identities, identities[::-1]) for _ in range(4)))
    kept = await asyncio.gather(*(keep(identities) for _ in range(6)))

    assert all(one == met[0] for one in met)
    assert all(one == kept[0] for one in kept)
    assert len(kept[0]) == len(set(kept[0].values())) == 30
