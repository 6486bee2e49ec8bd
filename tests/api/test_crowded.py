"""More readers at a time than there are places: those beyond are refused, and everybody else works on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from events.schemas.access import Role
from registry.settings import Settings
from tests.api.conftest import Answer, Api
from tests.support.node import settings_for
from tests.support.waiting import PATIENCE

MOST, EACH = 3, 2
LIMITS = {"at_once": MOST, "most": MOST, "each": EACH}
TABLES = {"searches": "search_shown", "reads": "record"}
"""What has to be read for a search that finds something, and for a trial."""
SEARCH = "/v1/trials?limit=1"
ONE, ANOTHER = {"X_Forwarded_For": "192.0.2.1"}, {"X_Forwarded_For": "192.0.2.2"}


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Few places, behind a proxy on this machine that says who asks."""
    few = {f"{kind}_{name}": count for kind in TABLES for name, count in LIMITS.items()}
    others = {"trusted_proxies": "127.0.0.0/8", "search_time": 3.0}
    return Settings.model_validate(settings_for(database_url).model_dump() | few | others)


@asynccontextmanager
async def held_up(api: Api, tables: str) -> AsyncIterator[None]:
    """Whoever reads the tables waits."""
    async with await psycopg.AsyncConnection.connect(api.node.settings.database_url) as connection:
        await connection.execute(f"set search_path = views; lock table {tables} in access exclusive mode".encode())
        yield


async def until_waiting(api: Api, count: int) -> None:
    """Returns when so many readers wait for a table."""
    waits = b"select count(distinct pid) from pg_locks where not granted and mode = 'AccessShareLock'"
    async with (
        asyncio.timeout(PATIENCE),
        await psycopg.AsyncConnection.connect(api.node.settings.database_url, autocommit=True) as connection,
    ):
        while await (await connection.execute(waits)).fetchone() != (count,):
            pass


@asynccontextmanager
async def taken(api: Api, kind: str, path: str, *readers: dict[str, str]) -> AsyncIterator[None]:
    """Each of the readers has one read under way, until the end; then all are answered."""
    async with asyncio.TaskGroup() as asking, held_up(api, TABLES[kind]):
        for reader in readers:
            asking.create_task(api.get(path, **reader))
        await until_waiting(api, len(readers))
        yield


async def refused(api: Api, path: str, **headers: str) -> Answer:
    answer = await api.get(path, **headers)
    assert answer.status == 429, answer.raw
    assert int(answer.headers["Retry-After"]) >= 1
    return answer


@pytest.mark.parametrize(("kind", "path"), [("searches", SEARCH), ("reads", "/v1/trials/{trial}")])
async def test_who_comes_on_top_is_refused_and_everybody_else_works_on(api: Api, kind: str, path: str) -> None:
    trial = await api.published()
    site = await api.with_site(trial)
    await api.settled()
    path = path.format(trial=trial)
    async with taken(api, kind, path, ONE, ONE, ANOTHER):
        answer = await refused(api, path)
        assert answer.kind == "too-many-at-once"
        assert answer.body["retry_after"] == int(answer.headers["Retry-After"])

        bearer = asyncio.ensure_future(api.get(path, role=Role.SITE))
        await until_waiting(api, MOST + 1)
        # A reader behind a search would be later. `make attacks` measures the time on a machine at rest.
        async with asyncio.timeout(2.5):
            await api.done(f"{site}/open", {"on": "2026-11-02"}, role=Role.SITE)
        for probe in ("/healthz", "/readyz", "/metrics", "/docs"):
            assert (await api.get(probe)).status == 200, probe
    assert (await bearer).status in (200, 503)
    assert (await api.get(path)).status == 200, "there is a place again"


async def test_searches_take_no_place_of_other_reads(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    async with taken(api, "searches", SEARCH, ONE, ONE, ANOTHER):
        for path in (f"/v1/trials/{trial}", f"/v1/trials/{trial}/history", f"/trials/{trial}"):
            assert (await api.get(path)).status == 200, path


@pytest.mark.parametrize(("path", "words"), [("/", "混み合って"), ("/en/", "Too many requests")])
async def test_people_are_told_on_a_page(api: Api, path: str, words: str) -> None:
    await api.published()
    await api.settled()
    async with taken(api, "searches", SEARCH, ONE, ONE, ANOTHER):
        page = await refused(api, f"{path}?q=zinc", Accept="text/html")
    assert words in page.raw.decode()


async def test_one_address_takes_nobody_elses_place(api: Api) -> None:
    await api.published()
    await api.settled()
    async with taken(api, "searches", SEARCH, ONE, ONE):
        await refused(api, SEARCH, **ONE)
        another = asyncio.ensure_future(api.get(SEARCH, **ANOTHER))
    assert (await another).status == 200


async def test_a_search_that_takes_too_long_is_given_up(api: Api) -> None:
    await api.published()
    await api.settled()
    async with held_up(api, "search_shown"), asyncio.timeout(PATIENCE):
        answer = await api.get(SEARCH)
    assert (answer.status, answer.kind) == (503, "not-in-time")
    assert (await api.get(SEARCH)).status == 200
