"""The office and regulators read partners' documents byte for byte, until they are erased."""

import hashlib
import json
from typing import Any

import aiohttp
import pytest

from adapters.scanning.stream import LARGEST_RECORD
from deploy.kafka.cluster import KafkaCluster
from events.schemas.access import Role
from events.sealing import OwnerKind
from registry import wiring
from registry.api.source_answers import RawDocumentsAnswer
from registry.domain.trial.commands import ImportTrial
from registry.exchange.placing import stream_of
from registry.exchange.received import Received
from registry.office import tokens
from registry.office.erasing import destroy
from registry.server import serving
from tests.api.conftest import Api
from tests.support.node import settings_for
from tests.support.receiving import receive
from tests.support.trials import PERSON, partner_study

NAMES = "Пётр Ильич Чайковский / 東京大学医学部附属病院 山田 太郎 / 𠮷野"


async def send(api: Api, raw: bytes, media_type: str = "application/json", *, retrieved: str, size: int) -> str:
    """The address of the trial that the bytes were received for."""
    study = partner_study(contacts=[{"role": "public", "person": PERSON}], planned_size=size)
    stream = stream_of(study["home"])
    received = Received.of("ctgov", raw, media_type, retrieved)
    assert await receive(api.node, stream, received, lambda source: ImportTrial(**study, source=source)) is not None
    await api.settled()
    return f"/v1/trials/{stream.removeprefix('trial/')}"


def of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def in_bytes(**fields: Any) -> bytes:
    return json.dumps({"names": NAMES, **fields}, ensure_ascii=False, indent=1).encode()


async def test_every_version_is_listed_with_its_sender_its_dates_and_its_size(api: Api) -> None:
    first, second = in_bytes(size=10), "<trial>Чайковский 東京</trial>".encode("cp932")
    await send(api, first, retrieved="2026-10-01", size=10)
    trial = await send(api, second, "application/xml", retrieved="2026-11-01", size=20)
    answered = await api.get(f"{trial}/documents", role=Role.REGISTRY)
    listed = RawDocumentsAnswer.model_validate(answered.body)

    assert [(one.document, one.version, one.media_type, one.size, one.retrieved) for one in listed.documents] == [
        (of(first), 1, "application/json", len(first), "2026-10-01"),
        (of(second), 2, "application/xml", len(second), "2026-11-01"),
    ]
    assert {one.registry for one in listed.documents} == {"ctgov"}
    for one, raw in zip(listed.documents, (first, second), strict=True):
        assert (await api.get(one.link, role=Role.REGULATOR)).raw == raw


async def test_the_bytes_come_as_they_were_and_are_never_shown_in_place(api: Api) -> None:
    raw = in_bytes(more="x" * 20_000)
    trial = await send(api, raw, retrieved="2026-10-01", size=10)
    answered = await api.get(f"{trial}/documents/{of(raw)}", role=Role.REGISTRY, Accept_Encoding="gzip")

    assert (answered.status, answered.raw) == (200, raw)
    headers = {
        name: answered.headers[name] for name in ("ETag", "Content-Type", "Content-Disposition", "Cache-Control")
    }
    assert headers == {
        "ETag": f'"{of(raw)}"',
        "Content-Type": "application/json",
        "Content-Disposition": f'attachment; filename="{of(raw)}.json"',
        "Cache-Control": "no-store",
    }
    assert answered.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answered.headers["Content-Security-Policy"]
    unchanged = await api.get(
        f"{trial}/documents/{of(raw)}", role=Role.REGISTRY, **{"If-None-Match": answered.headers["ETag"]}
    )
    assert (unchanged.status, unchanged.raw) == (304, b"")


async def test_a_document_of_the_largest_size_is_read_again(api: Api) -> None:
    raw = hashlib.shake_256(b"seed").hexdigest(LARGEST_RECORD // 2).encode()
    trial = await send(api, raw, "text/plain", retrieved="2026-10-01", size=10)
    answered = await api.get(f"{trial}/documents/{of(raw)}", role=Role.REGISTRY)

    assert len(raw) == LARGEST_RECORD
    assert answered.raw == raw
    assert answered.headers["Content-Disposition"].endswith('.bin"')


@pytest.mark.parametrize("role", [None, *(role for role in Role if role not in (Role.REGISTRY, Role.REGULATOR))])
async def test_nobody_else_reads_raw_documents(api: Api, role: Role | None) -> None:
    raw = in_bytes()
    trial = await send(api, raw, retrieved="2026-10-01", size=10)

    for path in (f"{trial}/documents", f"{trial}/documents/{of(raw)}", "/v1/trials/nothing/documents"):
        refused = await api.get(path, role=None if role is Role.PUBLIC else role)
        anonymous = role in (None, Role.PUBLIC)
        assert (refused.status, refused.kind) == ((401, "token-missing") if anonymous else (403, "not-permitted"))


async def test_what_is_erased_is_gone_and_says_so(api: Api) -> None:
    raw = in_bytes()
    trial = await send(api, raw, retrieved="2026-10-01", size=10)
    contacts = (await api.get(trial, role=Role.REGISTRY)).body["registration"]["contacts"]
    await destroy(api.node, OwnerKind.PERSON, [contacts[0]["person"]["person"]], "asked for it")
    await api.settled()
    answered = await api.get(f"{trial}/documents/{of(raw)}", role=Role.REGISTRY)

    assert (answered.status, answered.kind) == (410, "document-erased")
    assert [one["document"] for one in (await api.get(f"{trial}/documents", role=Role.REGISTRY)).body["documents"]] == [
        of(raw)
    ]


async def test_a_document_of_another_trial_is_none_of_this_one(api: Api) -> None:
    raw = in_bytes()
    await send(api, raw, retrieved="2026-10-01", size=10)
    ours = await api.published()

    for digest in (of(raw), of(b"other"), "nothing"):
        answered = await api.get(f"/v1/trials/{ours}/documents/{digest}", role=Role.REGISTRY)
        assert (answered.status, answered.kind) == (404, "document-unknown")
    assert (await api.get(f"/v1/trials/{ours}/documents", role=Role.REGISTRY)).body["documents"] == []


async def test_documents_come_in_pages(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.api.raw_documents.EVENTS", 2)
    sent = [in_bytes(number=number) for number in range(5)]
    for number, raw in enumerate(sent):
        trial = await send(api, raw, retrieved=f"2026-10-0{number + 1}", size=number)
    found, path = list[str](), f"{trial}/documents"
    while path:
        page = (await api.get(path, role=Role.REGISTRY)).body
        found += [one["document"] for one in page["documents"]]
        path = page.get("next", "")

    assert found == [of(raw) for raw in sent]


async def test_documents_in_kafka_are_read_again_by_a_node_that_starts_later(
    database_url: str, empty_kafka1: KafkaCluster
) -> None:
    raw, settings = in_bytes(more="東" * 1_000_000), settings_for(database_url, empty_kafka1.bootstrap)
    async with wiring.running(settings) as node, aiohttp.ClientSession() as session:
        _, token = await tokens.issue(node, Role.REGULATOR, "ministry")
        trial = await send(Api(session, node, {}, 0), raw, retrieved="2026-10-01", size=10)
    async with (
        wiring.running(settings) as node,
        serving(node, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        answered = await Api(session, node, {Role.REGULATOR: token}, port).get(
            f"{trial}/documents/{of(raw)}", role=Role.REGULATOR
        )

    assert (answered.status, answered.raw) == (200, raw)
