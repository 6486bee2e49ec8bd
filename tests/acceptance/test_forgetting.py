"""Fifty people in contacts, reasons and whys, forgotten or taken back: nothing of theirs is left, all else stands."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.kafka.cluster import KafkaCluster
from registry.settings import Settings
from tests.support.clients import Client
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.node import settings_for
from tests.support.postgres import everything_in
from tests.support.servers import Server, console, office_token

PEOPLE = 20
WHYS = range(PEOPLE, PEOPLE + 15)
"""People named in why a partner's trial stopped."""
REASONS = range(PEOPLE + 15, PEOPLE + 30)
"""People named in the reason of an amendment."""
AT_ONCE = 4

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, with the real samples, is not here")


def planted(number: int) -> dict[str, str]:
    """A person that no sample holds."""
    return {
        "name": f"Canary{number:02} Kanariya",
        "phone": f"+81-3-9999-{number:04}",
        "email": f"canary{number:02}@canary.example",
    }


def secrets() -> list[str]:
    return [detail for number in range(REASONS.stop) for detail in planted(number).values()]


def sentence(number: int) -> str:
    return "As {name} asked, {phone}, {email}".format(**planted(number))


def with_people(studies: list[Any]) -> list[Any]:
    """Real studies in which each person stands once as a contact, and once more as a contact of a site."""
    for number, study in enumerate(studies[:PEOPLE]):
        module = study["protocolSection"].setdefault("contactsLocationsModule", {})
        module["centralContacts"] = [{**planted(number), "role": "CONTACT"}]
        for location in module.get("locations", [])[:1]:
            location["contacts"] = [{**planted((number + 1) % PEOPLE), "role": "CONTACT"}]
    for number, study in zip(WHYS, studies, strict=False):
        study["protocolSection"]["statusModule"]["whyStopped"] = sentence(number)
    return studies


def kept_bytes(database_url: str, kafka: KafkaCluster | None) -> bytes:
    """All that is on record: every row of every table, and every byte that the brokers wrote."""
    rows = everything_in(database_url).encode()
    files = [path.read_bytes() for path in kafka.folder.rglob("*.log")] if kafka else []
    return rows + b"".join(files)


def found(where: bytes) -> list[str]:
    return [secret for secret in secrets() if secret.encode() in where]


@pytest.mark.parametrize("log", ["postgres", "kafka1"])
async def test_people_forgotten_are_nowhere_and_everything_else_stands(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = None if log == "postgres" else request.getfixturevalue(log)
    settings = settings_for(database_url, kafka.bootstrap if kafka else "")
    file = tmp_path / "studies.json"
    file.write_text(json.dumps(with_people(json.loads(SAMPLES[1].read_bytes()))))
    token = await office_token(settings)
    await console(settings, "import", "ctgov", str(file), "--adopt")
    raw = kept_bytes(database_url, kafka)

    assert b"Kanariya" not in raw
    assert found(raw) == []

    async with Server(settings, tmp_path) as server, aiohttp.ClientSession() as session:
        office = Client(session, token, [server.url])
        await amend(office)
        before = await documents(office)
        people = persons_of(before)
        assert len(people) == PEOPLE
        assert len(found(json.dumps(before, ensure_ascii=False).encode())) == len(secrets())

        assert found(kept_bytes(database_url, kafka)) == []

        await forget(settings, people)
        await console(settings, "take-back", *texts_of(before), "--reason", "they name people")
        after = await documents(office)
        metrics = await text_of(session, f"{server.url}/metrics")
        searched = [await office.get("/v1/trials", q=secret) for secret in secrets()]

        assert without_people(before, people) == without_people(after, people)
        assert json.dumps(after).count('{"erased": true, "text": ') >= len(WHYS) + len(REASONS)
        assert persons_of(after) == {}
        assert [answer["total"] for answer in searched] == [0] * len(secrets())
        logged = (tmp_path / f"server-{server.port}.log").read_bytes()
    dump = await console(settings, "dump")
    await console(settings, "rebuild")

    assert found(json.dumps(after, ensure_ascii=False).encode() + metrics + logged + dump) == []
    assert found(kept_bytes(database_url, kafka)) == []
    assert await console(settings, "dump") == dump


async def amend(office: Client) -> None:
    """Amends trials, each with a reason that names a person."""
    page = await office.get("/v1/trials", limit="100")
    trials = sorted(hit["trial"] for hit in page["trials"])
    for number, trial in zip(REASONS, trials, strict=False):
        body = {"reason": sentence(number), "registration": {"acronym": f"A{number}"}}
        done = await office.post(f"/v1/trials/{trial}/amend", body)
        assert done.status == 201, done.raw
        await office.get(f"/v1/trials/{trial}", wait_for=done.body["position"])


def texts_of(read: list[Any]) -> list[str]:
    """The ids of all reasons and whys that readers got in clear."""
    return [text for _, history in read for event in history["events"] for text in event.get("texts", ())]


async def documents(office: Client) -> list[Any]:
    """Every trial as the registry's office reads it, with its history."""
    page = await office.get("/v1/trials", limit="100")
    trials = sorted(hit["trial"] for hit in page["trials"])
    assert len(trials) == page["total"]
    return [
        [await office.get(f"/v1/trials/{trial}"), await office.get(f"/v1/trials/{trial}/history")] for trial in trials
    ]


def contacts_of(value: Any) -> list[Any]:
    """All objects in a JSON value that are a person in clear, or an erased one."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    here = [value] if isinstance(value, dict) and isinstance(value.get("person"), str) else []
    return here + [person for part in inner for person in contacts_of(part)]


def persons_of(read: list[Any]) -> dict[str, Any]:
    """The planted people by their ids, as readers get them in clear."""
    return {
        person["person"]: person for person in contacts_of(read) if "canary.example" in str(person.get("email", ""))
    }


def is_text_of_someone(value: Any) -> bool:
    """Whether a value is a reason or a why that names one of the people, or what is left of it."""
    if isinstance(value, dict):
        return (value.keys() == {"text", "erased"}) or (list(value) == ["en"] and is_text_of_someone(value["en"]))
    return isinstance(value, str) and "Kanariya" in value and " asked, " in value


def without_people(value: Any, people: dict[str, Any]) -> Any:
    """The same, with nothing but an id where one of the people stands, and nothing for a text that names one."""
    if is_text_of_someone(value):
        return None
    if isinstance(value, dict):
        if isinstance(value.get("person"), str) and value["person"] in people:
            return value["person"]
        return {name: without_people(inner, people) for name, inner in value.items()}
    return [without_people(inner, people) for inner in value] if isinstance(value, list) else value


async def forget(settings: Settings, people: dict[str, Any]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(person: str) -> None:
        async with slots:
            await console(settings, "forget", person, "--reason", "asked by the person")

    await asyncio.gather(*(one(person) for person in people))


async def text_of(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as answer:
        return await answer.read()
