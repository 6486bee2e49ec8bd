"""Events that an older version can't show, in a running installation: set aside, reported, shown after an upgrade."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from events.partitions import partition_of
from events.schemas import trial as happened
from registry import wiring
from registry.settings import Settings
from tests.projections.trials import Writer, amended, registered, site_added, trial_id
from tests.support.clients import Client
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.servers import Server, answer, console, office_token
from tests.support.stumbling import POISON, THORN

OLDER = (sys.executable, "-m", "tests.support.older")
UNFOLDED, UNFOUND = trial_id(1), trial_id(2)
"""A trial with an event that the older version can't fold, and one that its search has no room for."""


async def plant(settings: Settings) -> None:
    """Appends below the door, as a version did that could show all of it."""
    topic = wiring.topics(settings)[0]
    log = await wiring.open_log(settings, settings.database_url)
    try:
        writer = Writer(log, topic)
        await writer.append(f"trial/{UNFOLDED}", registered(public_title={"ja": "良い題"}))
        await writer.append(
            f"trial/{UNFOLDED}", happened.TrialPublished(number="JTR2026000017", registered="2026-04-01")
        )
        await writer.append(f"trial/{UNFOLDED}", site_added("site-1", name={"ja": f"{POISON}病院"}))
        await writer.append(f"trial/{UNFOLDED}", amended(("/phase", None, "3")))
        await writer.append(f"trial/{UNFOUND}", registered(public_title={"ja": f"{THORN}の題"}))
    finally:
        await log.close()


@pytest.mark.parametrize("log", ["postgres", "kafka1"])
async def test_what_an_older_version_can_not_show_is_set_aside_told_and_shown_after_an_upgrade(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = brokers_for(request, log)
    settings = settings_for(database_url, kafka)
    token = await office_token(settings)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        async with Server(settings, tmp_path, command=OLDER) as server:
            await plant(settings)
            await stumbled(settings, server, Client(session, token, [server.url]))
        async with Server(settings, tmp_path) as server:
            await upgraded(settings, server, Client(session, token, [server.url]))


async def stumbled(settings: Settings, server: Server, client: Client) -> None:
    """The views go on, and every surface says what they lack."""
    other = await client.register(acronym="OTHER")
    assert (await client.get(f"/v1/trials/{other}", wait_for=client.answers[-1].body["position"]))["version"] == 1
    position = await last_position(settings, client)
    withheld = await client.get(f"/v1/trials/{UNFOLDED}", wait_for=position)
    assert withheld["set_aside"] == {"views": ["history", "record", "search"], "since_version": 3, "events": 2}
    assert (withheld["version"], withheld["sites"]) == (2, {})
    unfound = await client.get(f"/v1/trials/{UNFOUND}")
    assert unfound["set_aside"] == {"views": ["search"], "since_version": 1, "events": 1}
    assert "set_aside" not in await client.get(f"/v1/trials/{other}")

    for path, words in (("", "一部を現在表示できません"), ("/en", "can’t be shown at the moment")):
        assert words in await text(client, f"{path}/trials/{UNFOLDED}")
        assert words in await text(client, f"{path}/trials/{UNFOLDED}/timeline")
    body = {"reason": "更新", "registration": {"acronym": "NEW"}}
    assert await posted(client, f"/v1/trials/{UNFOLDED}/amend", body) == (503, "/problems/set-aside", "600")
    assert (await posted(client, f"/v1/trials/{UNFOUND}/amend", body))[0] == 201
    assert (await posted(client, f"/v1/trials/{other}/amend", body))[0] == 201

    async with client.session.get(f"{server.url}/readyz") as ready:
        status, state = await answer(ready)
    assert (status, state["ready"], state["degraded"]) == (200, True, True)
    assert sum("set aside" in reason for reason in state["reasons"]) == 3
    assert 'registry_set_aside{view="history"} 2.0' in await text(client, "/metrics")
    rows = json.loads(await console(settings, "status", "--json"))["set aside"]
    causes = {
        (row["stream"], row["view"], row["version"], row["because"]) for row in rows if "waits" not in row["because"]
    }
    assert causes == {
        *((f"trial/{UNFOLDED}", view, 3, "KeyError") for view in ("record", "history", "search")),
        (f"trial/{UNFOUND}", "search", 1, "NotNullViolation 23502"),
    }
    lines = (server.folder / f"server-{server.port}.log").read_text()
    critical = [line for line in lines.splitlines() if "event_set_aside" in line]
    assert len(critical) == 4
    assert POISON not in lines
    assert THORN not in lines


async def upgraded(settings: Settings, server: Server, client: Client) -> None:
    """A program that can show it does, by itself; the bytes are those of views that never stumbled."""
    body = {"reason": "更新", "registration": {"acronym": "AGAIN"}}
    amendment = await client.post(f"/v1/trials/{UNFOLDED}/amend", body)
    assert amendment.status == 201
    whole = await client.get(f"/v1/trials/{UNFOLDED}", wait_for=amendment.body["position"])
    assert (whole["version"], set(whole["sites"]), "set_aside" in whole) == (5, {"site-1"}, False)
    assert "set_aside" not in await client.get(f"/v1/trials/{UNFOUND}")
    before = await client.get(f"/v1/trials/{UNFOLDED}", as_of=whole["position"])
    async with client.session.get(f"{server.url}/readyz") as ready:
        assert await answer(ready) == (200, {"ready": True})
    assert before == whole

    dump = await console(settings, "dump")
    rebuilt = json.loads(await console(settings, "rebuild", "--json"))
    assert rebuilt["set aside"] == []
    assert await console(settings, "dump") == dump


async def last_position(settings: Settings, client: Client) -> str:
    """Of the trial that was planted first."""
    topic = wiring.topics(settings)[0]
    log = await wiring.open_log(settings, settings.database_url)
    try:
        partition = partition_of(f"trial/{UNFOLDED}", topic.partitions)
        return f"{partition}:{(await log.ends(topic))[partition] - 1}"
    finally:
        await log.close()


async def text(client: Client, path: str) -> str:
    async with client.session.get(client.servers[0] + path) as response:
        assert response.status == 200, path
        return await response.text()


async def posted(client: Client, path: str, body: dict[str, Any]) -> tuple[int, str | None, str | None]:
    """Status, kind of problem and Retry-After of a command given once."""
    headers = {"Idempotency-Key": str(uuid4())}
    async with client.session.post(client.servers[0] + path, json=body, headers=headers) as response:
        problem = await response.json(content_type=None)
        return response.status, problem.get("type"), response.headers.get("Retry-After")
