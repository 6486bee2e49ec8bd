"""Personal data at the boundary: never in clear in the log or the views, opened for readers, gone when forgotten."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from events.parts import PART_BYTES
from events.schemas.access import Role
from events.schemas.registration import Registration
from events.sealing import OwnerKind, owners_in
from events.vault import Identity
from registry import wiring
from registry.domain.decider import Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.person.decider import ForgetPerson
from registry.domain.trial.commands import AdoptTrial, ImportTrial, RegisterTrial
from registry.exchange.raw import Destroyed
from registry.exchange.received import Received
from registry.node import Node
from registry.office import tokens as issuing
from registry.settings import Settings
from tests.projections.views import eventually
from tests.support.postgres import everything_in
from tests.support.receiving import receive
from tests.support.trials import PERSON, SEALED, partner_study, registration
from tests.support.waiting import PATIENCE

CANARIES = ("hanako@example.jp", "Hanako Shiken", "花子", "+81-3-0000-0000")


async def register(node: Node, **fields: Any) -> str:
    key = uuid4()
    command = RegisterTrial.model_validate({"registration": registration(**fields)})
    await node.submit(CONSOLE, key, f"trial/{key}", command)
    await node.until_visible(PATIENCE)
    return str(key)


async def contacts(node: Node, trial: str) -> list[dict[str, Any]]:
    document = await node.views.document(trial)
    assert document is not None
    opened = await node.open_all(document, f"trial/{trial}")
    found: list[dict[str, Any]] = opened["registration"]["contacts"]
    return found


async def test_a_contact_is_sealed_before_the_log_and_opened_for_readers(node: Node, settings: Settings) -> None:
    trial = await register(node)
    stored = everything_in(settings.database_url)

    assert (await contacts(node, trial))[0]["person"]["name"] == PERSON["name"]
    assert "肺がん" in stored, "the search for canaries sees what is kept"
    assert [canary for canary in CANARIES if canary in stored] == []


async def test_a_forgotten_person_is_erased_in_every_view_and_the_views_stay_as_they_are(node: Node) -> None:
    trial = await register(node)
    person = (await contacts(node, trial))[0]["person"]["person"]
    before = await node.views.document(trial)
    await node.order(f"person/{person}", ForgetPerson(reason="asked by the person"))
    await node.vault.destroy(OwnerKind.PERSON, person)

    assert [contact["person"] for contact in await contacts(node, trial)] == [{"person": person, "erased": True}] * 2
    assert before == await node.views.document(trial)


async def test_a_node_destroys_the_key_when_it_reads_that_a_person_is_forgotten(node: Node) -> None:
    trial = await register(node)
    person = (await contacts(node, trial))[0]["person"]["person"]
    await node.order(f"person/{person}", ForgetPerson(reason="asked by the person"))
    await node.until_visible(PATIENCE)
    while await node.vault.keys([person]):
        await node.until_visible(PATIENCE)

    assert (await contacts(node, trial))[0]["person"] == {"person": person, "erased": True}


async def test_keys_that_an_older_vault_brings_back_are_destroyed_again_at_the_next_start(settings: Settings) -> None:
    older = "owner", "mark"
    async with wiring.running(settings) as node:
        person, _ = await node.vault.owner(Identity(OwnerKind.PERSON, "a"))
        with psycopg.connect(settings.database_url) as database:
            copies = {table: database.execute(f"select * from vault.{table}").fetchall() for table in older}
        await node.order(f"person/{person}", ForgetPerson(reason="asked by the person"))
        await eventually(lambda: _is_gone(node, person))
        with psycopg.connect(settings.database_url) as database:
            await eventually(lambda: _moved(database, copies["mark"]))
    with psycopg.connect(settings.database_url) as database:
        for table, rows in copies.items():
            database.execute(f"delete from vault.{table}")
            for row in rows:
                database.execute(f"insert into vault.{table} values ({', '.join(['%s'] * len(row))})", row)
        assert database.execute("select count(*) from vault.owner").fetchone() == (1,)
    async with wiring.running(settings) as node:
        await eventually(lambda: _is_gone(node, person))


async def _is_gone(node: Node, person: str) -> bool:
    return not await node.vault.keys([person])


async def _moved(database: psycopg.Connection, before: list[Any]) -> bool:
    rows = database.execute("select * from vault.mark").fetchall()
    database.rollback()
    return rows != before


async def test_a_command_can_bring_no_sealed_data_of_its_own(node: Node) -> None:
    contact = {"role": "public", "person": SEALED}
    with pytest.raises(Rejection, match="sealed-input"):
        await register(node, contacts=[contact])


async def test_an_actors_name_is_sealed(node: Node, settings: Settings) -> None:
    token_id, _ = await issuing.issue(node, Role.SITE, "kyoto-hp", "受付 次郎")
    await node.until_visible(PATIENCE)
    label = await node.open_all(node.actor_label(token_id), f"access/{token_id}")

    assert label["name"]["name"] == "受付 次郎"
    assert "次郎" not in everything_in(settings.database_url)


async def test_a_token_is_known_to_its_bearer_alone(node: Node, settings: Settings) -> None:
    token_id, secret = await issuing.issue(node, Role.SITE, "kyoto-hp")
    await node.until_visible(PATIENCE)
    stored = everything_in(settings.database_url)

    assert token_id in stored
    assert secret not in stored
    assert secret.removeprefix("registry_") not in stored


async def test_a_person_lives_in_a_country(node: Node) -> None:
    person = {"name": {"en": "Hanako Shiken"}, "country": "EU"}
    contacts = [{"role": "public", "person": person}]
    with pytest.raises(Rejection) as refusal:
        await node.order(f"trial/{uuid4()}", RegisterTrial.model_validate({"registration": {"contacts": contacts}}))

    [fault] = refusal.value.faults
    assert (fault.rule, fault.field) == ("unknown-country", "/registration/contacts/0/person/country")


async def test_a_partners_document_is_kept_whole_sealed_and_in_parts(node: Node, settings: Settings) -> None:
    raw = b"".join(b'{"name": "Hanako Shiken %d"}' % number for number in range(200_000))
    noise = raw + bytes(hash((number, 7)) & 0xFF for number in range(1_500_000))
    received = Received.of("ctgov", noise, "application/json")
    await node.documents.store(received, [])

    assert len(received.packed) > PART_BYTES
    assert await node.documents.fetch(received.digest) == noise
    assert "Hanako" not in everything_in(settings.database_url)


async def test_forgetting_a_person_destroys_the_documents_they_are_in(node: Node) -> None:
    study = partner_study(contacts=[{"role": "public", "person": PERSON}])
    stream = f"trial/{uuid4()}"
    event = await receive(
        node,
        stream,
        Received.of("ctgov", b"Hanako Shiken", "text/plain"),
        lambda source: ImportTrial(**study, source=source),
    )
    assert event is not None
    trial = await node.partner_trial(stream)
    assert trial is not None
    document = event.record.data["source"]["document"]
    person = trial.registration["contacts"][0]["person"]["person"]

    assert await node.documents.fetch(document) == b"Hanako Shiken"
    await node.vault.destroy(OwnerKind.PERSON, person)
    with pytest.raises(Destroyed):
        await node.documents.fetch(document)


async def test_an_adopted_trial_keeps_its_sealed_contacts(node: Node) -> None:
    study = partner_study(contacts=[{"role": "public", "person": PERSON}])
    stream = f"trial/{uuid4()}"
    received = Received.of("ctgov", b"bytes", "text/plain")
    await receive(node, stream, received, lambda source: ImportTrial(**study, source=source))
    event = await node.order(stream, AdoptTrial(owner="kyoto-hp"))
    await node.until_visible(PATIENCE)

    assert event is not None
    assert node.settings.number.startswith("JTR")
    assert event.record.data["number"].startswith("JTR20")
    assert (await contacts(node, stream.partition("/")[2]))[0]["person"]["email"] == PERSON["email"]
    assert Registration.model_validate((await node.partner_trial(stream)).registration)  # type: ignore[union-attr]


async def test_whom_an_older_version_alone_names_can_be_forgotten(node: Node) -> None:
    """Also who was forgotten before it came: it names them anew."""
    study = partner_study(contacts=[{"role": "public", "person": PERSON}])
    stream = f"trial/{uuid4()}"
    named: list[str] = []
    for raw, day in ((b"newer", "2024-05-05"), (b"older Hanako", "2020-05-05")):
        event = await receive(
            node,
            stream,
            Received.of("ctgov", raw, "text/plain", day),
            lambda source: ImportTrial(**study, source=source),
        )
        assert event is not None
        document, persons = event.record.data["source"]["document"], event.record.data.get("persons")
        [person] = persons or owners_in(event.record.data, ("person",))
        named.append(person)
        assert await node.documents.fetch(document) == raw
        assert await node.vault.destroy(OwnerKind.PERSON, person)
        with pytest.raises(Destroyed):
            await node.documents.fetch(document)
    assert event.record.type == "trial.older-version-kept.v1"
    assert len(set(named)) == len(named)
