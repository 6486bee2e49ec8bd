"""Fifty people, wherever a person can be named, forgotten or taken back: nothing of theirs is left, all else stands."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.catalogue import SOURCES, TARGETS
from deploy.kafka.cluster import KafkaCluster
from events.record import Message
from events.schemas.access import Role
from events.sealing import OwnerKind, owners_in
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry.exchange.exporting import export
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of
from registry.node import Node
from registry.office import tokens as issuing
from registry.office.erasing import destroy
from registry.settings import Settings
from tests.api.conftest import Api, api
from tests.registry.test_intake import each
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.kafka import empty
from tests.support.node import settings_for
from tests.support.postgres import everything_in
from tests.support.server_files import SERVERS, ServerFiles, server_with_files
from tests.support.waiting import PATIENCE

__all__ = ["api"]

PEOPLE = 50
STUDIES = 8
CONTACTS, SPONSORS, COLLABORATORS, WHYS = range(8), range(8, 14), range(14, 20), range(20, 26)
"""People in real studies of ClinicalTrials.gov, one a study."""
REASONS = range(26, 32)
"""People in the reasons of amendments of those."""
OWN = range(32, 48)
"""People in a trial of our own, in the languages below."""
UNPOSTED, CLERK = 48, 49
"""People who did not post results, and a clerk of an office."""
LANGUAGES = ("en", "ja", "de", "zh-Hant")
TRACES = (b"Kanariya", "金糸雀".encode(), b"+81-3-9999-", b"canary.example")
"""The parts by which people are found: each text about one of them has some, and no other text has any."""

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, with the real samples, is not here")


@pytest.fixture(params=[*SERVERS, "kafka1"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ServerFiles]:
    """The PostgreSQL that has log, vault and views; where the log is in Kafka, the two others alone."""
    async with server_with_files("embedded" if request.param == "kafka1" else request.param) as server:
        yield server


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> KafkaCluster | None:
    """The cluster that has the log, or None where PostgreSQL has it."""
    on_kafka = request.node.callspec.params["server"] == "kafka1"
    if not on_kafka:
        return None
    cluster: KafkaCluster = request.getfixturevalue("kafka1")
    empty(cluster)
    return cluster


@pytest.fixture
def settings(server: ServerFiles, kafka: KafkaCluster | None) -> Settings:
    return settings_for(server.url, kafka.bootstrap if kafka else "")


def name(number: int) -> str:
    return f"Canary{number:02} Kanariya 金糸雀{number:02}"


def details(number: int) -> dict[str, str]:
    """A person as ClinicalTrials.gov writes one."""
    return {
        "name": name(number),
        "phone": f"+81-3-9999-{number:04}",
        "email": f"canary{number:02}@canary.example",
        "role": "STUDY_CHAIR",
    }


def sentence(number: int) -> str:
    return "As {name} asked, {phone}, {email}".format(**details(number))


def translated(people: range) -> dict[str, str]:
    """A text in four languages, in each of which another of four people is named."""
    return {language: name(number) for language, number in zip(LANGUAGES, people, strict=True)}


def with_people(studies: list[Any]) -> list[Any]:
    """Real studies in which each person stands once, and those of contacts once more at a site."""
    for at, study in enumerate(studies):
        protocol = study["protocolSection"]
        module = protocol.setdefault("contactsLocationsModule", {})
        module["centralContacts"] = [details(CONTACTS[at])]
        for location in module.get("locations", [])[:1]:
            location["contacts"] = [details(CONTACTS[at - 1])]
        if at < len(SPONSORS):
            individual = {"name": name(SPONSORS[at]), "class": "INDIV"}
            protocol["sponsorCollaboratorsModule"] |= {
                "leadSponsor": individual,
                "collaborators": [{"name": name(COLLABORATORS[at]), "class": "UNKNOWN"}],
            }
            protocol["identificationModule"]["organization"] = {"fullName": name(SPONSORS[at]), "class": "INDIV"}
            protocol["statusModule"]["whyStopped"] = sentence(WHYS[at])
    studies[0]["annotationSection"] = {
        "annotationModule": {"unpostedAnnotation": {"unpostedResponsibleParty": f"{name(UNPOSTED)}, Professor"}}
    }
    return studies


async def imported(node: Node) -> None:
    """Takes in the studies and registers them here."""
    studies = sorted(json.loads(SAMPLES[1].read_bytes()), key=lambda study: len(json.dumps(study)))[:STUDIES]
    raw = json.dumps(with_people(studies), ensure_ascii=False).encode()
    intake = Intake(node, adopt=True, owner="kyoto-sponsor", import_id=node.new_id())
    await intake.take_all(each(records_of(SOURCES["ctgov"], [raw], "studies.json")), lambda _: None)
    assert intake.summary.adopted == STUDIES
    await node.until_visible(20)


async def acted(api: Api) -> str:
    """Amends those trials and runs one of our own, with people in all that is said; the own trial's id."""
    found = (await api.get("/v1/trials", role=Role.REGISTRY)).body["trials"]
    for number, trial in zip(REASONS, sorted(hit["trial"] for hit in found), strict=False):
        body = {"reason": sentence(number), "registration": {"acronym": f"A{number}"}}
        await api.done(f"/v1/trials/{trial}/amend", body)
    contact = {
        "name": translated(OWN[:4]),
        "telephone": details(OWN[0])["phone"],
        "email": details(OWN[0])["email"],
        "title": name(OWN[0]),
    }
    own = await api.published(
        contacts=[{"role": role, "person": contact} for role in ("public", "scientific")],
        primary_sponsor={"person": {"name": {"fr": name(OWN[4])}}, "name": {"en": "Example Hospital"}},
        secondary_sponsors=[{"person": {"name": {"ko": name(OWN[5])}}}],
        funders=[{"person": {"name": {"ja": name(OWN[6])}}}, {"person": {"name": {"en": name(OWN[7])}}}],
    )
    why = [translated(OWN[start : start + 4]) for start in (8, 12)]
    site = await api.with_site(own)
    await api.done(f"{site}/open", {"on": "2026-11-02"}, role=Role.SITE)
    await api.done(f"{site}/pause", {"on": "2026-11-03", "why": why[0]}, role=Role.SITE)
    await api.done(f"/v1/trials/{own}/discontinue", {"on": "2026-11-04", "why": why[1]})
    await api.node.until_visible(10)
    return own


async def answers(api: Api, tmp_path: Path) -> dict[str, bytes]:
    """All that anybody can read: answers of the API, pages in both languages, and the export."""
    listed = await api.get("/v1/trials?limit=100", role=Role.REGISTRY)
    read = {"list": listed.raw}
    for trial in sorted(hit["trial"] for hit in listed.body["trials"]):
        for part in ("", "/history", "/sources", "/sites"):
            read[trial + part] = (await api.get(f"/v1/trials/{trial}{part}", role=Role.REGISTRY)).raw
        for page in ("", "/timeline"):
            read[f"page {trial}{page}"] = (await api.get(f"/en/trials/{trial}{page}")).raw
    for page in ("/", "/en/", "/metrics"):
        read[f"page {page}"] = (await api.get(page)).raw
    file = tmp_path / "export.xml"
    await export(TARGETS["ictrp"], await api.node.outgoing(), file)
    return read | {"export": file.read_bytes()}


def people_in(read: bytes) -> set[int]:
    """The numbers of those whose name it has."""
    return {number for number in range(PEOPLE) if f"Canary{number:02}".encode() in read}


def traces(*read: bytes) -> list[bytes]:
    return [trace for trace in TRACES if any(trace in one for one in read)]


def recorded_bytes(settings: Settings, server: ServerFiles, kafka: KafkaCluster | None) -> bytes:
    """All that is on record: rows, which files may hold compressed, and every byte that server and brokers wrote."""
    files = [path.read_bytes() for path in kafka.folder.rglob("*.log")] if kafka else []
    return b"".join([everything_in(settings.database_url).encode(), server.in_all(), *files])


def keys_in(server: ServerFiles) -> set[bytes]:
    """Every key of a person, a text or a document, as the vault keeps it."""
    with psycopg.connect(server.operators_url) as connection:
        rows = connection.execute("select wrapped from vault.owner union all select wrapped from vault.document")
        return {bytes(wrapped) for (wrapped,) in rows}


async def cleared(node: Node) -> None:
    """Returns when the remains of destroyed keys are cleared away."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await node.vault.clear_away():
                return
            await asyncio.sleep(0.1)


async def records(node: Node) -> dict[str, Message]:
    """All records of the log, by their positions."""
    ends = await node.log.ends(node.heads.topic)
    batches = node.log.read(node.heads.topic, dict.fromkeys(ends, 0), ends)
    return {str(stored.position): stored.message async for batch in batches for stored in batch}


async def dumped(settings: Settings) -> list[bytes]:
    return [line async for line in dump(settings.database_url, program=PROGRAM)]


async def owners(node: Node) -> AsyncIterator[tuple[OwnerKind, str]]:
    """The owners of keys in the log, persons and texts, as the registry's office finds them in histories."""
    for kind in OwnerKind:
        sealed: Iterator[str] = owners_in(
            [json.loads(message.value) for message in (await records(node)).values()], (kind.value,)
        )
        for owner in dict.fromkeys(sealed):
            yield kind, owner


async def test_people_forgotten_are_nowhere_and_everything_else_stands(
    api: Api, server: ServerFiles, kafka: KafkaCluster | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    node, settings = api.node, api.node.settings
    await issuing.issue(node, Role.SITE, "kyoto-hp", name(CLERK))
    await imported(node)
    await acted(api)
    found, before = recorded_bytes(settings, server, kafka), await answers(api, tmp_path)
    views, log, keys = await dumped(settings), await records(node), keys_in(server)

    assert b"Example Hospital" in found, "the search for people sees what is kept"
    assert traces(found) == []
    assert all(key in server.in_tables() for key in keys)
    assert people_in(b"".join(before.values())) == set(range(PEOPLE)) - {CLERK}
    assert people_in(before["export"]) >= {*CONTACTS, *SPONSORS, *COLLABORATORS, OWN[0], OWN[4], OWN[5], OWN[6], OWN[7]}
    assert people_in(b"".join(read for page, read in before.items() if page.startswith("page"))) >= {
        *SPONSORS, *COLLABORATORS, *WHYS, *REASONS, *OWN[4:8], OWN[8], OWN[12]
    }  # fmt: skip

    for kind in OwnerKind:
        named = [owner async for of, owner in owners(node) if of is kind]
        assert all(await destroy(node, kind, named, "they asked for it"))
    await node.until_visible(10)
    after, lines = await answers(api, tmp_path), await dumped(settings)
    logged = "".join(capfd.readouterr()).encode()

    assert traces(*after.values(), *lines, logged, recorded_bytes(settings, server, kafka)) == []
    await cleared(node)
    destroyed, tables = keys - keys_in(server), server.in_tables()
    assert len(destroyed) > PEOPLE
    assert [key for key in destroyed if key in tables] == []
    assert b'"erased":true' in b"".join(after.values())
    assert b"Name erased" in after["page /en/"]
    assert (await records(node)).items() >= log.items()
    assert [line for line in views if line not in set(lines)] == []
    await rebuild(node.log, node.heads.topic, settings.database_url, program=PROGRAM)
    assert await dumped(settings) == lines
