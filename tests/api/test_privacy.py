"""The API keeps private: a forgotten person's name, and personal data in log lines and errors."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from events.schemas.access import Role
from registry.domain.person.decider import ForgetPerson
from registry.node import Node
from registry.office import tokens as issuing
from registry.server import create_app
from tests.api.conftest import Answer, Api
from tests.support.trials import PERSON
from tests.support.waiting import PATIENCE

SECRETS = (*PERSON["name"].values(), PERSON["email"], PERSON["telephone"])


async def test_a_revoked_token_opens_nothing_any_more(api: Api) -> None:
    token, secret = await issuing.issue(api.node, Role.SPONSOR, "kyoto-sponsor")
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await api.get("/v1/trials", **bearer)).status == 200

    await issuing.revoke(api.node, token, "lost")

    assert (await api.get("/v1/trials", **bearer)).kind == "token-invalid"
    assert (await api.post("/v1/trials", {"registration": {}}, role=None, **bearer)).kind == "token-invalid"


async def test_a_token_opens_until_it_expires(api: Api) -> None:
    now = datetime.now(UTC)
    _, lasting = await issuing.issue(api.node, Role.SPONSOR, "kyoto-sponsor", expires=now + timedelta(days=1))
    _, expired = await issuing.issue(api.node, Role.SPONSOR, "kyoto-sponsor", expires=now)

    assert (await api.get("/v1/trials", Authorization=f"Bearer {lasting}")).status == 200
    assert (await api.get("/v1/trials", Authorization=f"Bearer {expired}")).kind == "token-invalid"


async def test_log_lines_and_metrics_name_no_person_and_quote_no_request(
    api: Api, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        trial = await api.published()
        await api.settled()
        await api.get(f"/v1/trials?q={PERSON['email']}")
        await api.get(f"/v1/trials/{PERSON['email']}")
        await api.get(f"/{PERSON['email']}")
        await api.post("/v1/trials", {"registration": {"contacts": [{"role": "x", "person": PERSON}]}})
        assert PERSON["email"] in (await api.get(f"/v1/trials/{trial}")).raw.decode()
    metrics = (await api.get("/metrics")).raw.decode()
    output = f"{lines}{capsys.readouterr()}{caplog.text}{metrics}"

    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests[-5:]] == [
        ("/v1/trials", 200),
        ("/v1/trials/{trial}", 404),
        ("(unmatched)", 404),
        ("/v1/trials", 422),
        ("/v1/trials/{trial}", 200),
    ]
    assert [secret for secret in (*SECRETS, trial) if secret in output] == []
    assert not any(token in output for token in api.tokens.values())


async def test_a_failure_is_logged_by_its_place_and_told_to_nobody(node: Node) -> None:
    async def fails(_: web.Request) -> web.StreamResponse:
        raise ValueError(f"cannot parse {PERSON['email']}")

    app = create_app(node)
    app.router.add_get("/fails", fails)
    with structlog.testing.capture_logs() as lines:
        async with (
            TestServer(app) as server,
            ClientSession() as session,
            session.get(server.make_url("/fails")) as answer,
        ):
            body: Any = await answer.json(content_type=None)

    assert (answer.status, body["type"]) == (500, "/problems/internal")
    assert body.keys() == {"type", "title", "status", "instance"}
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert (failed["kinds"], body["instance"]) == (["ValueError"], f"urn:uuid:{failed['request']}")
    assert failed["frames"][-1].endswith(" fails")
    assert PERSON["email"] not in f"{lines}{body}"


async def test_why_a_request_was_put_off_is_logged_by_the_kind_of_fault(node: Node) -> None:
    async def too_long(_: web.Request) -> web.StreamResponse:
        raise TimeoutError from psycopg.errors.QueryCanceled(f"canceling a search for {PERSON['email']}")

    app = create_app(node)
    app.router.add_get("/too-long", too_long)
    with structlog.testing.capture_logs() as lines:
        async with (
            TestServer(app) as server,
            ClientSession() as session,
            session.get(server.make_url("/too-long")) as answer,
        ):
            body: Any = await answer.json(content_type=None)

    assert (answer.status, body["type"]) == (503, "/problems/not-in-time")
    [line] = [line for line in lines if line["event"] == "request_put_off"]
    assert line["kinds"] == ["TimeoutError", "QueryCanceled 57014"]
    assert body["instance"] == f"urn:uuid:{line['request']}"
    assert PERSON["email"] not in f"{lines}{body}"


async def test_a_forgotten_person_is_shown_as_erased_and_no_stored_answer_stands(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    before = await api.get(f"/v1/trials/{trial}")
    [person] = {contact["person"]["person"] for contact in before.body["registration"]["contacts"]}

    await api.node.order(f"person/{person}", ForgetPerson(reason="asked for it"))
    after = await _changed(api, f"/v1/trials/{trial}", before.headers["ETag"])

    erased = {"person": person, "erased": True}
    assert [contact["person"] for contact in after.body["registration"]["contacts"]] == [erased, erased]
    for path in (f"/v1/trials/{trial}", f"/v1/trials/{trial}/history", f"/v1/trials/{trial}/sites", "/v1/trials"):
        raw = (await api.get(path, role=Role.REGISTRY)).raw.decode()
        assert [secret for secret in SECRETS if secret in raw] == []
    body = {"to": "recruiting", "on": "2026-11-01"}
    assert (
        await api.post(f"/v1/trials/{trial}/change-recruitment", body, If_Match=after.headers["ETag"])
    ).status == 201


async def test_a_contact_who_withdrew_is_not_found_by_asking_for_the_past(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    before = (await api.get(f"/v1/trials/{trial}")).body
    other = {"name": {"en": "Office on duty"}, "telephone": "+81-3-0000-0001"}
    contacts = [{"role": role, "person": other} for role in ("public", "scientific")]
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "left", "registration": {"contacts": contacts}})
    await api.settled()
    past = f"as_of={before['position']}"
    paths = (
        f"/v1/trials/{trial}",
        f"/v1/trials/{trial}?{past}",
        f"/v1/trials/{trial}/history",
        f"/en/trials/{trial}?{past}",
    )
    seen = [(await api.get(path)).raw.decode() for path in paths]

    assert PERSON["email"] in str(before)
    assert [secret for secret in SECRETS if secret in "".join(seen)] == []
    assert "Office on duty" in seen[0]
    assert "Office on duty" in seen[2]
    assert '"closed":true' in seen[1].replace(" ", "")
    for role in (Role.REGISTRY, Role.SPONSOR):
        assert PERSON["email"] in (await api.get(f"/v1/trials/{trial}/history", role=role)).raw.decode()


async def _changed(api: Api, path: str, tag: str) -> Answer:
    """The answer that is no longer the one of this tag."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await api.get(path, If_None_Match=tag)
            if answer.status != 304:
                return answer
            await asyncio.sleep(0.02)
