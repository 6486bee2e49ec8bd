"""Whatever is wrong with a request gets a clear problem, and nothing is written."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from events.schemas.access import Role
from registry.domain.trial.commands import ImportTrial
from registry.exchange.received import Received
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.node import ORGANISATIONS, settings_for
from tests.support.receiving import receive
from tests.support.trials import partner_study, without_items
from tests.support.waiting import PATIENCE

REGISTER = "/v1/trials"
SURE = {"registration": {"planned_size": 1}}
UNKNOWN = "0197a3c2-0000-7000-8000-000000000000"
"""A trial's id that no trial has."""

BAD_JSON = {
    "cut off": b'{"registration": {',
    "not a number": b'{"registration": {"planned_size": NaN}}',
    "an endless number": b'{"registration": {"planned_size": 1e999}}',
    "a name twice": b'{"registration": {}, "registration": {}}',
    "no object": b"[]",
    "another encoding": '{"registration": {"acronym": "é"}}'.encode("latin-1"),
    "half a character": b'{"registration": {"acronym": "\\ud800"}}',
    "nested without end": b'{"registration":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "a number of 65 bits": b'{"reason": [36893488147419103232], "registration": {}}',
    "a thousand digits": b'{"registration": {"planned_size": ' + b"9" * 10_000 + b"}}",
}
INVALID = {
    "a field that nobody knows": ({"registration": {"colour": "red"}}, "/registration/colour"),
    "a missing field": ({}, "/registration"),
    "a number as text": ({"registration": {"planned_size": "12"}}, "/registration/planned_size"),
    "a fraction": ({"registration": {"planned_size": 1.5}}, "/registration/planned_size"),
    "a number for yes": (
        {"registration": {"data_monitoring_committee": 1}},
        "/registration/data_monitoring_committee",
    ),
    "a day that never was": ({"registration": {"completion": {"date": "2026-02-30"}}}, "/registration/completion/date"),
    "a date in another form": (
        {"registration": {"completion": {"date": "30/11/2026"}}},
        "/registration/completion/date",
    ),
    "text in no language": ({"registration": {"public_title": {}}}, "/registration/public_title"),
    "a status of another axis": ({"registration": {"phase": "recruiting"}}, "/registration/phase"),
    "a time without a zone": ({**SURE, "occurred_at": "2026-11-22T09:30:00"}, "/occurred_at"),
    "seconds as a time": ({**SURE, "occurred_at": "1763800000"}, "/occurred_at"),
    "a time that is a day without hyphens": ({**SURE, "occurred_at": "20261101"}, "/occurred_at"),
    "a time before 1900": ({**SURE, "occurred_at": "0001-01-02T00:00:00Z"}, "/occurred_at"),
    "a time beyond all years": ({**SURE, "occurred_at": "9999-12-31T23:59:59-12:00"}, "/occurred_at"),
    "a character that cannot be stored": ({"registration": {"acronym": "a\0b"}}, "/registration/acronym"),
    "a reason that cannot be stored": ({**SURE, "reason": "a\0b"}, "/reason"),
    "a wrong age": (
        {"registration": {"eligibility": {"minimum_age": {"value": -1, "unit": "years"}}}},
        "/registration/eligibility/minimum_age/value",
    ),
    "a person who is no object": ({"registration": {"contacts": [{"role": "public", "person": 3}]}}, None),
}


@pytest.fixture
async def unwritten(api: Api) -> AsyncIterator[Api]:
    """The API; afterwards the log must hold no more than before."""
    before = api.node.heads.next_offsets()
    yield api
    ends = await api.node.log.ends(api.node.heads.topic)

    assert dict(ends) == before


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
async def test_a_body_that_is_not_strict_json_is_refused(unwritten: Api, body: bytes) -> None:
    answer = await unwritten.post(REGISTER, body)

    assert (answer.status, answer.kind) == (400, "bad-json")


@pytest.mark.parametrize(("body", "field"), INVALID.values(), ids=INVALID.keys())
async def test_a_body_of_another_form_is_refused_at_the_field(unwritten: Api, body: Any, field: str | None) -> None:
    answer = await unwritten.post(REGISTER, body)

    assert (answer.status, answer.kind) == (422, "invalid")
    assert field is None or field in {fault["field"] for fault in answer.body["faults"]}


async def test_all_faults_of_a_body_are_told_at_once_and_no_value_is_repeated(unwritten: Api) -> None:
    person = {"name": {"ja": "秘密 太郎"}, "email": ["secret@example.jp"], "country": "SECRETLAND"}
    body = {"registration": {"planned_size": -1, "contacts": [{"role": "boss", "person": person}]}}
    answer = await unwritten.post(REGISTER, body)

    assert {fault["field"] for fault in answer.body["faults"]} == {
        "/registration/planned_size",
        "/registration/contacts/0/role",
        "/registration/contacts/0/person/email",
        "/registration/contacts/0/person/country",
    }
    assert not any(secret in answer.raw.decode() for secret in ("秘密", "secret@", "SECRETLAND"))


async def test_a_body_wrong_in_thousands_of_places_gets_a_short_answer(unwritten: Api) -> None:
    answer = await unwritten.post(REGISTER, {"registration": {"countries": ["japan"] * 1_000}})

    assert len(answer.body["faults"]) == 200
    assert "1000 faults" in answer.body["detail"]


async def test_rules_refuse_with_every_fault(api: Api) -> None:
    await api.published()  # numbers are reserved now
    trial = await api.draft(funders=None, completion=None)
    before = api.node.heads.next_offsets()
    answer = await api.post(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)

    assert (answer.status, answer.kind, answer.rules) == (422, "rejected", {"incomplete"})
    assert {fault["field"] for fault in answer.body["faults"]} == {"/registration/funders", "/registration/completion"}
    assert api.node.heads.next_offsets() == before


async def test_sealed_data_from_outside_is_refused(unwritten: Api) -> None:
    person = {"person": str(uuid4()), "sealed": "1." + "A" * 60}
    answer = await unwritten.post(REGISTER, {"registration": {"contacts": [{"role": "public", "person": person}]}})

    assert (answer.status, answer.kind, answer.rules) == (422, "rejected", {"sealed-input"})


async def test_a_key_that_was_used_for_another_command_is_refused(api: Api) -> None:
    key, trial = uuid4(), await api.published()
    first = {"reason": "one", "registration": {"acronym": "ONE"}}
    assert (await api.post(f"/v1/trials/{trial}/amend", first, key=key)).status == 201

    other = await api.post(f"/v1/trials/{trial}/amend", {**first, "registration": {"acronym": "TWO"}}, key=key)
    elsewhere = await api.post(f"/v1/trials/{trial}/complete", {"on": "2026"}, key=key)
    assert (other.status, other.kind) == (elsewhere.status, elsewhere.kind) == (422, "key-reused")


@pytest.mark.parametrize("key", ["", "7", "not-a-uuid", "{6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b}"])
async def test_a_command_without_a_key_is_told_how_to_make_one(unwritten: Api, key: str) -> None:
    answer = await unwritten.post(REGISTER, SURE, Idempotency_Key=key)

    assert (answer.status, answer.kind) == (400, "key-missing")
    assert "UUID" in answer.body["detail"]


@pytest.mark.parametrize("token", ["Bearer forged", "Bearer", "Basic cmVnaXN0cnk6", "registry", ""])
async def test_a_token_that_was_never_issued_opens_nothing(unwritten: Api, token: str) -> None:
    for answer in (
        await unwritten.post(REGISTER, SURE, role=None, Authorization=token),
        await unwritten.get("/v1/trials", Authorization=token),
    ):
        assert (answer.status, answer.kind) == (401, "token-invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


async def test_other_peoples_trials_and_sites_are_left_alone(api: Api) -> None:
    trial = await api.published(primary_sponsor={"name": {"en": "Kyoto"}})
    await api.with_site(trial)
    other = {"name": {"en": "Another"}, "organisation": "another-hospital"}
    await api.done(f"/v1/trials/{trial}/sites/osaka/add", {"site": other})
    before = api.node.heads.next_offsets()
    for role, path, body in (
        (Role.SITE, f"/v1/trials/{trial}/sites/osaka/open", {"on": "2026-11-01"}),
        (Role.SITE, f"/v1/trials/{trial}/complete", {"on": "2026-11-01"}),
        (Role.SPONSOR, f"/v1/trials/{trial}/publish", {}),
        (Role.PUBLIC, f"/v1/trials/{trial}/sites/kyoto/open", {"on": "2026-11-01"}),
        (Role.SPONSOR, REGISTER, {**SURE, "owner": "another-sponsor"}),
    ):
        answer = await api.post(path, body, role=role)
        assert (answer.status, answer.kind) == (403, "not-permitted"), (role, path)
    nobody = await api.post(f"/v1/trials/{trial}/sites/kyoto/open", {"on": "2026-11-01"}, role=None)

    assert (nobody.status, nobody.kind) == (401, "token-missing")
    assert nobody.headers["WWW-Authenticate"] == 'Bearer realm="registry"'
    assert api.node.heads.next_offsets() == before


async def test_a_read_waits_for_one_position_and_not_for_two(api: Api) -> None:
    both = await api.get("/v1/trials?wait_for=1:0", Registry_Wait_For="0:0")
    neither = await api.get("/v1/trials", Registry_Wait_For="")

    assert (both.status, both.kind) == (neither.status, neither.kind) == (400, "bad-parameter")


async def test_a_body_must_not_name_another_site_than_the_address(api: Api) -> None:
    trial = await api.published()
    site = await api.with_site(trial)
    for path, body, field in (
        (f"{site}/open", {"on": "2026-11-01", "site": "osaka"}, "/site"),
        (f"{site}/add", {"site": {"site": "osaka", "name": {"en": "Osaka"}}}, "/site/site"),
    ):
        answer = await api.post(path, body)
        assert (answer.status, answer.rules, answer.body["faults"][0]["field"]) == (422, {"site-contradicted"}, field)

    assert (await api.post(f"{site}/open", {"on": "2026-11-01", "site": "kyoto"}, role=Role.SITE)).status == 201


async def test_a_trial_that_is_not_there_is_unknown_to_every_command_and_read(unwritten: Api) -> None:
    for trial in (str(uuid4()), "JTR2026999999X", "%F0%9F%8C%B8"):
        for answer in (
            await unwritten.get(f"/v1/trials/{trial}"),
            await unwritten.get(f"/v1/trials/{trial}/sites"),
            await unwritten.get(f"/v1/trials/{trial}/history"),
            await unwritten.post(f"/v1/trials/{trial}/complete", {"on": "2026"}, role=Role.REGISTRY),
        ):
            assert (answer.status, answer.kind) == (404, "trial-unknown")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "route-unknown"),
        ("POST", f"/v1/trials/{UNKNOWN}/explode", 404, "route-unknown"),
        ("DELETE", "/v1/trials", 405, "method-not-allowed"),
        ("PUT", f"/v1/trials/{UNKNOWN}", 405, "method-not-allowed"),
        ("GET", "/v1/trials?colour=red", 400, "bad-parameter"),
        ("GET", "/v1/trials?q=a&q=b", 400, "bad-parameter"),
        ("GET", "/v1/trials?limit=0", 400, "bad-parameter"),
        ("GET", "/v1/trials?offset=20", 400, "bad-parameter"),
        ("GET", "/v1/trials?cursor=20", 400, "bad-parameter"),
        ("GET", f"/v1/trials?cursor=0.20261122.{'0' * 12}.{'A' * 5_000}B", 400, "bad-parameter"),
        ("GET", "/v1/trials?phase=recruiting", 400, "bad-parameter"),
        ("GET", "/v1/trials?age=old", 400, "bad-parameter"),
        ("GET", "/v1/trials?first_enrolment_from=2026-13", 400, "bad-parameter"),
        ("GET", "/v1/trials?as_of=yesterday", 400, "bad-parameter"),
        ("GET", "/v1/trials?as_of=2026-02-30", 400, "bad-parameter"),
        ("GET", "/v1/trials?as_of=0:99999999999999999999", 400, "bad-parameter"),
        ("GET", "/v1/trials?wait_for=", 400, "bad-parameter"),
        ("GET", "/v1/trials?wait_for=1", 400, "bad-parameter"),
        ("GET", "/v1/trials?wait_for=9999:1", 400, "bad-parameter"),
        ("GET", "/v1/trials?q=%00", 400, "bad-parameter"),
        ("GET", "/v1/trials/%00", 400, "bad-parameter"),
        ("GET", f"/v1/trials/{UNKNOWN}/history?limit=1000", 400, "bad-parameter"),
        ("GET", f"/v1/trials/{UNKNOWN}/history?after=-1", 400, "bad-parameter"),
    ],
)
async def test_an_address_that_cannot_be_read_is_refused(
    unwritten: Api, method: str, path: str, status: int, kind: str
) -> None:
    answer = await unwritten.ask(method, path)

    assert (answer.status, answer.kind) == (status, kind)
    assert status != 405 or "GET" in answer.headers["Allow"]


async def test_an_if_match_that_is_no_entity_tag_is_refused(api: Api) -> None:
    trial = await api.published()

    assert (await api.post(f"/v1/trials/{trial}/complete", {"on": "2026"}, If_Match="2")).kind == "bad-parameter"


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=shift_jis"]
)
async def test_only_json_in_utf8_is_taken(unwritten: Api, media: str) -> None:
    answer = await unwritten.post(REGISTER, SURE, Content_Type=media)

    assert (answer.status, answer.kind, answer.headers["Accept-Post"]) == (415, "media-type", "application/json")


async def test_a_large_body_is_refused_whether_its_length_is_told_or_not(unwritten: Api) -> None:
    large = b'{"registration": {"acronym": "' + b"a" * 10_000_000 + b'"}}'

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
    for data in (io.BytesIO(large), parts()):
        answer = await unwritten.ask("POST", REGISTER, role=Role.SPONSOR, data=data, headers=dict(headers))
        assert (answer.status, answer.kind) == (413, "too-large")


def named(letter: str) -> list[dict[str, Any]]:
    return [{"name": {"en": f"{number} " + letter * 60_000}} for number in range(12)]


async def adopted(api: Api) -> str:
    """A trial that is larger than what is registered here, as it came from a partner."""
    study, received = partner_study(conditions=named("x")), Received.of("ctgov", b"{}", "application/json")
    trial = str(uuid4())
    await receive(api.node, f"trial/{trial}", received, lambda source: ImportTrial(**study, source=source))
    await api.settled()
    await api.done(f"/v1/trials/{trial}/adopt", {"owner": ORGANISATIONS[Role.SPONSOR]}, role=Role.REGISTRY)
    return trial


AMENDMENT = {"reason": "r", "registration": {"conditions": named("y")}}


async def test_what_came_larger_than_any_request_may_be_can_be_amended_as_a_whole(api: Api) -> None:
    trial = await adopted(api)
    await api.done(f"/v1/trials/{trial}/amend", AMENDMENT)
    await api.settled()

    registration = (await api.get(f"/v1/trials/{trial}")).body["registration"]
    assert without_items(registration["conditions"]) == named("y")


async def test_what_is_too_large_for_the_log_is_refused_as_a_body_is(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = await adopted(api)
    before = api.node.heads.next_offsets()
    for limit in ("MAX_MESSAGE_BYTES", "MAX_BODY_BYTES"):
        monkeypatch.setattr(f"events.bodies.{limit}", 500_000)
    answer = await api.post(f"/v1/trials/{trial}/amend", AMENDMENT)

    assert (answer.status, answer.kind) == (413, "too-large")
    assert api.node.heads.next_offsets() == before


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The usual settings; a test may shorten deadlines."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


@pytest.mark.parametrize("settings", [{"read_deadline": 0.3}], indirect=True)
async def test_a_body_that_does_not_come_is_waited_for_in_vain(unwritten: Api) -> None:
    head = (
        f"POST /v1/trials HTTP/1.1\r\nHost: registry\r\nIdempotency-Key: {uuid4()}\r\n"
        f"Authorization: Bearer {unwritten.tokens[Role.SPONSOR]}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", unwritten.port, family=socket.AF_INET)
    writer.write(head.encode())
    status = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    await writer.wait_closed()

    assert status.split()[1] == b"408"


@pytest.mark.parametrize("settings", [{"read_deadline": 0.3}], indirect=True)
async def test_a_read_that_waits_for_what_has_not_happened_is_told_to_come_again(unwritten: Api) -> None:
    answer = await unwritten.get("/v1/trials", Registry_Wait_For="0:1000000")

    assert (answer.status, answer.kind) == (503, "views-behind")
    assert int(answer.headers["Retry-After"]) == answer.body["retry_after"] > 0


async def test_who_may_not_give_a_command_does_not_learn_the_version(api: Api) -> None:
    trial = await api.draft()
    for tag in ('"9"', 'W/"1"', '"8", "9"'):
        for there in (trial, str(uuid4())):
            answer = await api.post(f"/v1/trials/{there}/complete", {"on": "2026"}, role=Role.PUBLIC, If_Match=tag)
            assert (answer.status, answer.kind) == (403, "not-permitted")
            assert "ETag" not in answer.headers
