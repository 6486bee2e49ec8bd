"""The console on the embedded default, as one more node beside a running server."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from registry.settings import Settings
from tests.support.clients import Client
from tests.support.servers import Server, console


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server on an embedded registry of its own, from nothing."""
    # Not under tmp_path: under root, PostgreSQL runs as a system user to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-embedded-") as folder:
        async with Server(Settings(data=Path(folder) / "data", partitions=4), tmp_path) as running:
            yield running


async def printed_json(server: Server, *arguments: str) -> Any:
    return orjson.loads(await console(server.settings, *arguments, "--json"))


async def test_a_token_opens_the_door_until_it_is_revoked(server: Server) -> None:
    made = await printed_json(
        server, "token", "issue", "registry", "registry-office", "--name", "受付 次郎", "--days", "30"
    )
    async with aiohttp.ClientSession() as session:
        client = Client(session, made["token"], [server.url])
        await client.register()
        listed = await printed_json(server, "token", "list")
        await console(server.settings, "token", "revoke", made["id"], "--reason", "left the office")
        refused = await client.post("/v1/trials", {"registration": {}})

    assert [(one["id"], one["role"], one["revoked"]) for one in listed] == [(made["id"], "registry", False)]
    assert "token" not in listed[0]
    assert listed[0]["expires"] == made["expires"]
    assert refused.status == 401


async def test_history_status_and_forgetting_are_there_for_the_operator(server: Server) -> None:
    made = await printed_json(server, "token", "issue", "registry", "registry-office")
    async with aiohttp.ClientSession() as session:
        client = Client(session, made["token"], [server.url])
        trial = await client.register()
        await client.post(f"/v1/trials/{trial}/amend", {"reason": "slow", "registration": {"planned_size": 99}})
        position = client.answers[-1].body["position"]
        document = await client.get(f"/v1/trials/{trial}", wait_for=position)
        person = document["registration"]["contacts"][0]["person"]["person"]
        refused = await console(server.settings, "take-back", person, "--reason", "asked", expect=1, errors=True)
        history = await printed_json(server, "history", trial)
        [touched] = await printed_json(server, "forget", person, "--reason", "asked", "--preview")
        unasked = await console(server.settings, "forget", person, "--reason", "asked", expect=1, errors=True)
        before = await client.get(f"/v1/trials/{trial}")
        forgotten = await printed_json(server, "forget", person, "--reason", "asked", "--yes")
        after = await client.get(f"/v1/trials/{trial}")
    status = await printed_json(server, "status")

    assert b"is the id of a person, not of a text; nothing was destroyed" in refused
    assert b"use `registry forget` for a person" in refused
    assert [row["event"] for row in history] == ["trial.registered.v1", "trial.amended.v1"]
    assert {"field": "/registration/planned_size", "old": 120, "new": 99} in history[1]["changes"]
    assert touched["person"] == person
    assert document["registration"]["contacts"][0]["person"]["email"] in touched["is"]
    assert (touched["trials"], touched["documents"]) == ([trial], 0)
    assert b"there is no terminal to ask for confirmation; look with --preview first, then give --yes" in unasked
    assert "email" in before["registration"]["contacts"][0]["person"]
    assert forgotten == [{"person": person, "forgotten": True, "now": True}]
    assert after["registration"]["contacts"][0]["person"] == {"person": person, "erased": True}
    assert (status["log"], status["records"]) == ("postgres", 5)
    behind = {row["follower"]: (row["behind by"], row["fails at"]) for row in status["followers"]}
    assert behind["views"] == (0, None)
    assert behind["forgetting"][1] is None


async def test_what_sites_ask_to_take_back_is_listed_until_the_office_decides(server: Server) -> None:
    made = await printed_json(server, "token", "issue", "registry", "registry-office")
    async with aiohttp.ClientSession() as session:
        client = Client(session, made["token"], [server.url])
        trial = await client.register()
        await client.post(f"/v1/trials/{trial}/publish", {})
        site = f"/v1/trials/{trial}/sites/kyoto"
        await client.post(f"{site}/add", {"site": {"name": {"ja": "京都"}, "organisation": "kyoto-hp"}})
        on = {"on": "2026-11-20"}
        await client.post(f"{site}/change-authorisation", {**on, "to": "published", "reason": "filed"})
        await client.post(f"{site}/open", on)
        await client.post(f"{site}/pause", {**on, "why": {"ja": "田中の退職"}})
        await client.post(f"{site}/ask-take-back", {"of": 6})
    [request] = await printed_json(server, "asked-back")
    assert (request["trial"], request["site"], request["version"]) == (trial, "kyoto", 6)
    await printed_json(server, "take-back", request["text"], "--reason", "it names somebody", "--yes")

    assert await printed_json(server, "asked-back") == []


async def test_what_the_operator_gets_wrong_is_said_in_one_line(server: Server) -> None:
    for arguments, words in [
        (("history", "NCT00000000"), b"no trial"),
        (("token", "revoke", "nobody"), b"token-unknown"),
        (("import", "nowhere", str(Path(__file__))), b"no source"),
        (("export", "nowhere"), b"no target"),
        (("rebuild", "nowhere"), b"no view"),
        (("forget", "Taro Yamada", "--reason", "asked"), b"not the name"),
        (("forget", "0199a5c0-0000-7000-8000-00000000dead", "--reason", "asked", "--yes"), b"no person is known"),
    ]:
        printed = await console(server.settings, *arguments, expect=1, errors=True)

        assert words in printed
        assert b"Traceback" not in printed


async def test_an_export_without_a_public_address_is_refused_and_writes_nothing(server: Server, tmp_path: Path) -> None:
    out = tmp_path / "upload.xml"
    printed = await console(server.settings, "export", "ictrp", "--out", str(out), expect=2, errors=True)

    assert printed.startswith(b"registry: each record of an export links to its page here")
    assert printed.count(b"\n") == 1
    assert not out.exists()


async def test_a_wrong_setting_is_named(server: Server) -> None:
    wrong = server.settings.model_copy(update={"log": "kafka", "kafka": ""})
    printed = await console(wrong, "status", expect=1, errors=True)

    assert b"REGISTRY_KAFKA" in printed
    assert b"Traceback" not in printed


async def test_a_registry_stopped_and_started_again_keeps_everything(server: Server, tmp_path: Path) -> None:
    made = await printed_json(server, "token", "issue", "registry", "registry-office")
    async with aiohttp.ClientSession() as session:
        trial = await Client(session, made["token"], [server.url]).register()
        assert server.process is not None
        server.process.terminate()
        server.process.wait(30)
        async with Server(server.settings, tmp_path) as again:
            document = await Client(session, made["token"], [again.url]).get(f"/v1/trials/{trial}")

    assert document["registration"]["planned_size"] == 120
