"""The vault: one key per person and document, the same for everyone who asks, and gone when destroyed."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.postgres.vault import PostgresVault
from events.sealing import OwnerKind, Tampered
from events.vault import Identity, OtherKind, OwnerGone, WrongKey

DOCUMENT = "ab" * 32
PERSON, TEXT = OwnerKind.PERSON, OwnerKind.TEXT
END_WAITING = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


def person_of(address: str) -> Identity:
    return Identity(PERSON, address)


@pytest.fixture
async def vault(pool: AsyncConnectionPool[AsyncConnection[Any]]) -> PostgresVault:
    vault = PostgresVault(pool, b"m" * 32, uuid4)
    await vault.create()
    return vault


async def document_key(vault: PostgresVault, digest: str, persons: list[str]) -> bytes:
    return (await vault.document_keys({digest: persons}))[digest]


async def test_twenty_at_once_agree_on_one_person(vault: PostgresVault) -> None:
    met = await asyncio.gather(*(vault.owner(person_of("mailto:hanako@example.jp")) for _ in range(20)))

    assert len(set(met)) == 1
    assert await vault.keys([met[0][0]]) == {met[0][0]: met[0][1]}


async def test_a_forgotten_person_is_another_person_when_met_again(vault: PostgresVault) -> None:
    person, key = await vault.owner(person_of("mailto:hanako@example.jp"))

    assert await vault.destroy(PERSON, person)
    assert not await vault.destroy(PERSON, person)
    assert await vault.keys([person]) == {}
    again, new_key = await vault.owner(person_of("mailto:hanako@example.jp"))
    assert again != person
    assert new_key != key


async def test_forgetting_a_person_destroys_the_documents_they_appear_in(vault: PostgresVault) -> None:
    person, _ = await vault.owner(person_of("mailto:hanako@example.jp"))
    other, _ = await vault.owner(person_of("mailto:taro@example.jp"))
    key = await document_key(vault, DOCUMENT, [person, other])

    assert await document_key(vault, DOCUMENT, [other]) == key
    await vault.destroy(PERSON, person)
    assert await vault.existing_document_key(DOCUMENT) is None
    assert other in await vault.keys([other])


async def test_the_same_words_of_a_person_and_of_a_text_are_under_two_keys(vault: PostgresVault) -> None:
    person, text = person_of("mailto:hanako@example.jp"), Identity(TEXT, "mailto:hanako@example.jp")
    met = await vault.owners([person, text])

    assert met[person][0] != met[text][0]
    assert met[person][1] != met[text][1]
    assert await vault.kinds([met[person][0], met[text][0]]) == {met[person][0]: PERSON, met[text][0]: TEXT}


@pytest.mark.parametrize(("kind", "other"), [(PERSON, TEXT), (TEXT, PERSON)])
async def test_an_id_taken_for_one_of_another_kind_destroys_nothing(
    vault: PostgresVault, kind: OwnerKind, other: OwnerKind
) -> None:
    owner, key = await vault.owner(Identity(kind, "mailto:hanako@example.jp"))
    document = await document_key(vault, DOCUMENT, [owner])
    with pytest.raises(OtherKind, match=f"{owner} is the id of a {kind.value}, not of a {other.value}"):
        await vault.destroy(other, owner)

    assert await vault.keys([owner]) == {owner: key}
    assert await vault.existing_document_key(DOCUMENT) == document
    assert await vault.destroy(kind, owner)
    assert not await vault.destroy(other, owner)


async def test_a_row_whose_kind_was_changed_opens_nothing(vault: PostgresVault, database_url: str) -> None:
    owner, _ = await vault.owner(person_of("mailto:hanako@example.jp"))
    with psycopg.connect(database_url) as connection:
        connection.execute("update vault.owner set kind = 'text'")
    with pytest.raises(Tampered):
        await vault.keys([owner])


async def test_nothing_in_the_database_shows_an_identity_or_a_key(vault: PostgresVault, database_url: str) -> None:
    _, key = await vault.owner(person_of("mailto:hanako@example.jp"))
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select wrapped from vault.owner union all select digest from vault.identity"
        ).fetchall()
    stored = b"".join(bytes(row[0]) for row in rows)

    assert key not in stored
    assert b"hanako" not in stored


async def test_a_node_with_another_key_does_not_start(
    vault: PostgresVault, pool: AsyncConnectionPool[AsyncConnection[Any]]
) -> None:
    await vault.owner(person_of("mailto:hanako@example.jp"))
    with pytest.raises(WrongKey):
        await PostgresVault(pool, b"x" * 32, uuid4).create()


async def test_a_document_of_somebody_forgotten_meanwhile_gets_no_key(vault: PostgresVault) -> None:
    person, _ = await vault.owner(person_of("mailto:hanako@example.jp"))
    await vault.destroy(PERSON, person)
    with pytest.raises(OwnerGone):
        await document_key(vault, DOCUMENT, [person])

    assert await vault.existing_document_key(DOCUMENT) is None


async def test_forgetting_beside_a_document_being_stored_leaves_no_key(vault: PostgresVault) -> None:
    for number in range(40):
        person, _ = await vault.owner(person_of(f"mailto:{number}@example.jp"))
        digest = f"{number:064x}"
        await asyncio.gather(
            document_key(vault, digest, [person]), vault.destroy(PERSON, person), return_exceptions=True
        )

        assert await vault.existing_document_key(digest) is None


async def test_many_documents_and_people_are_kept_at_once_by_two_nodes_that_agree(vault: PostgresVault) -> None:
    identities = [person_of(f"mailto:{number}@example.jp") for number in range(30)]

    async def keep(order: list[Identity]) -> dict[str, bytes]:
        people = await vault.owners(order)
        return dict(
            await vault.document_keys({f"{number:064x}": [people[name][0]] for number, name in enumerate(order)})
        )

    met = await asyncio.gather(*(vault.owners(order) for order in (identities, identities[::-1]) for _ in range(4)))
    document_keys = await asyncio.gather(*(keep(identities) for _ in range(6)))

    assert all(one == met[0] for one in met)
    assert all(one == document_keys[0] for one in document_keys)
    assert len(document_keys[0]) == len(set(document_keys[0].values())) == 30


async def test_a_known_person_is_found_while_another_key_is_being_destroyed(
    vault: PostgresVault, database_url: str
) -> None:
    """Nothing is locked or written for owners that are known: no disk is waited for, and no lock."""
    identities = [person_of(f"mailto:{number}@example.jp") for number in range(3)]
    known = await vault.owners(identities)
    async with await AsyncConnection.connect(database_url) as destroying:
        await destroying.execute("delete from vault.owner")

        assert await asyncio.wait_for(vault.owners(identities), 5) == known
        await destroying.rollback()


async def test_a_key_that_was_not_committed_is_given_to_none_of_those_who_asked_together(
    vault: PostgresVault, database_url: str
) -> None:
    """An event is sealed only under a key that is durable: the connection is lost before the commit."""
    identities = [person_of(f"mailto:{number}@example.jp") for number in range(5)]
    async with await AsyncConnection.connect(database_url) as holding:
        await holding.execute("lock table vault.identity in exclusive mode")
        asking = [asyncio.create_task(vault.owner(identity)) for identity in identities]
        while not await (await holding.execute(END_WAITING)).fetchall():  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)
        outcomes = await asyncio.gather(*asking, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [psycopg.errors.AdminShutdown] * len(identities)
    async with await AsyncConnection.connect(database_url) as looking:
        assert await (await looking.execute("select count(*) from vault.owner")).fetchone() == (0,)
    again = await asyncio.gather(*map(vault.owner, identities))
    assert await vault.keys(owner for owner, _ in again) == dict(again)
