"""`registry run --demo` as people start it: from nothing, again, and while another one runs."""

import json
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from events.schemas.access import Role
from events.schemas.zones import JAPAN
from registry.demo import sources
from registry.demo.outline import TRIALS
from registry.settings import Settings
from tests.support.demo import lived
from tests.support.servers import Server, answer, console

SITE = sources.read().organisations.demo_site


@pytest.fixture
async def settings() -> AsyncIterator[Settings]:
    """An embedded registry that does not exist yet."""
    # Not under tmp_path: under root, PostgreSQL runs as a system user to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-demo-") as folder:
        yield Settings(data=Path(folder) / "data", partitions=4)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads and reports as the demo's own coordinator."""

    server: Server
    token: str

    async def post(self, path: str, body: object) -> int:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        async with aiohttp.ClientSession() as session:
            return (await answer(await session.post(self.server.url + path, json=body, headers=headers)))[0]

    async def total(self, more: str = "") -> int:
        async with aiohttp.ClientSession() as session:
            _, body = await answer(await session.get(f"{self.server.url}/v1/trials?limit=1{more}"))
        return int(body["total"])


def printed_tokens(server: Server) -> dict[Role, str]:
    found = re.findall(r"^ +([\w-]+) +\S+ +(registry_\S+)$", server.printed(), re.MULTILINE)
    return {Role(role): token for role, token in found}


def recruiting_site() -> str:
    """The address of a site of the demo's hospital that recruits."""
    return next(
        f"/v1/{stream.replace('trial', 'trials', 1)}/sites/{SITE}"
        for stream, (trial, _) in lived().items()
        if trial.authorisation == "published" and SITE in trial.sites and trial.sites[SITE].recruitment == "recruiting"
    )


async def test_the_demo_starts_with_trials_keeps_what_was_done_and_renews_its_tokens(
    settings: Settings, tmp_path: Path
) -> None:
    at = recruiting_site()
    # The demo's days follow from the day of its start; the report comes after them.
    on = {"on": datetime.now(JAPAN).date().isoformat()}
    report = {**on, "why": {"ja": "点検"}}
    async with Server(settings, tmp_path, {"REGISTRY_DEMO": "1"}) as server:
        first = printed_tokens(server)
        reader = Reader(server, first[Role.SITE])
        published, paused = await reader.total(), await reader.post(f"{at}/pause", report)
        earlier = await reader.total("&as_of=2025-01-01T00:00:00Z")
    async with Server(settings, tmp_path, {"REGISTRY_DEMO": "1"}) as server:
        second = printed_tokens(server)
        old, new = Reader(server, first[Role.SITE]), Reader(server, second[Role.SITE])
        again = await new.total()
        refused, twice, reopened = (
            await old.post(f"{at}/open", report),
            await new.post(f"{at}/pause", report),
            await new.post(f"{at}/open", on),
        )

    checked = json.loads(await console(settings, "check", "--json"))

    assert checked["whole"], checked
    assert 0 < earlier < published
    assert set(first) == set(second) == set(Role) - {Role.PUBLIC}
    assert TRIALS * 0.9 < published <= TRIALS
    assert again == published
    assert (paused, refused, twice, reopened) == (201, 401, 422, 201)


async def test_a_start_without_the_demo_is_empty_and_a_second_one_says_who_is_in_the_way(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = settings.model_copy(update={"data": settings.data.parent / "other"})
    async with Server(settings, tmp_path) as server:
        nothing = await Reader(server, "").total()
        same_data = await console(settings, "run", expect=1, errors=True)
        monkeypatch.setenv("REGISTRY_PORT", str(server.port))
        same_port = await console(elsewhere, "run", "--demo", expect=1, errors=True)

    assert nothing == 0
    assert "registry_" not in server.printed()
    assert (b", at " + server.url.encode()) in same_data
    assert b"is taken by another program" in same_port
    assert [same_data.count(b"\n"), same_port.count(b"\n")] == [1, 1]
    assert not (elsewhere.data / "postgres").exists()
