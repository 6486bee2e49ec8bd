"""The embedded PostgreSQL or its server killed: the registry goes on, and a clean stop leaves nothing running."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from registry.process.embedded import postmaster_of
from registry.settings import Settings
from tests.support.clients import Client
from tests.support.servers import Server, console

BACK = 45.0
"""Seconds after which commands are acknowledged again: PostgreSQL recovers, and connections are made anew. Two where
nothing else runs, twenty where both cores are busy."""


@pytest.fixture
def settings() -> Iterator[Settings]:
    """An embedded registry that is not there yet."""
    # Not under tmp_path: under root, PostgreSQL runs as a system user to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-embedded-") as folder:
        yield Settings(data=Path(folder) / "data", partitions=4)


def postgres(settings: Settings) -> Path:
    return settings.data / "postgres"


def left_running(settings: Settings) -> list[str]:
    """The processes that work in PostgreSQL's folder: the postmaster and its children do."""
    running = []
    for process in psutil.process_iter(("name", "cwd", "status")):
        where = process.info["cwd"]
        if where is not None and Path(where) == postgres(settings) and process.info["status"] != psutil.STATUS_ZOMBIE:
            running.append(process.info["name"])
    return running


async def once_there(look: Callable[[], psutil.Process | None]) -> psutil.Process:
    """Waits for a process: one of PostgreSQL may answer once more after its postmaster was killed."""
    async with asyncio.timeout(BACK):
        while (process := look()) is None:  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.002)
    return process


async def running_postmaster(settings: Settings) -> psutil.Process:
    return await once_there(lambda: postmaster_of(postgres(settings)))


async def kill_postmaster(settings: Settings) -> None:
    (await running_postmaster(settings)).kill()


async def kill_child(settings: Settings) -> None:
    """Kills one process of PostgreSQL as the system does that runs out of memory: all others end with it, but one."""
    postmaster = await running_postmaster(settings)
    (await once_there(lambda: checkpointer_of(postmaster))).kill()


def checkpointer_of(postmaster: psutil.Process) -> psutil.Process | None:
    # Others of its processes end while one looks: the one that recovers, for example.
    with suppress(psutil.NoSuchProcess):
        return next((child for child in postmaster.children() if "checkpointer" in "".join(child.cmdline())), None)
    return None


@asynccontextmanager
async def office(server: Server) -> AsyncIterator[Client]:
    token = (await console(server.settings, "token", "issue", "registry", "office", "--bare")).decode().strip()
    async with aiohttp.ClientSession() as session:
        yield Client(session, token, [server.url])


async def test_postgresql_is_killed_and_comes_back_with_all_that_was_acknowledged(
    settings: Settings, tmp_path: Path
) -> None:
    async with Server(settings, tmp_path) as server, office(server) as client:
        trial = await client.register()
        for turn, kill in enumerate((kill_postmaster, kill_postmaster, kill_child)):
            await kill(settings)
            async with asyncio.timeout(BACK):
                body = {"reason": "after", "registration": {"planned_size": 1_000 + turn}}
                await client.post(f"/v1/trials/{trial}/amend", body, trial=trial)
        await server.ready()
        history = await client.history(trial, 0, client.answers[-1].body["position"])

    assert [answer.status for answer in client.answers] == [201] * 4
    assert [event["version"] for event in history] == [1, 2, 3, 4]
    assert (tmp_path / f"server-{server.port}.log").read_text().count("postgres_started_again") == 2
    assert left_running(settings) == []


async def test_a_killed_server_leaves_postgresql_to_the_next_which_stops_it(settings: Settings, tmp_path: Path) -> None:
    async with Server(settings, tmp_path) as killed:
        killed.kill()
        orphans = left_running(settings)
    async with Server(settings, tmp_path):
        pass

    assert "postgres" in orphans
    assert left_running(settings) == []


async def test_a_server_told_to_stop_while_it_starts_leaves_nothing_running(settings: Settings, tmp_path: Path) -> None:
    starting = Server(settings, tmp_path)
    starting._start()
    await running_postmaster(settings)
    await starting.__aexit__(None, None, None)

    assert left_running(settings) == []
