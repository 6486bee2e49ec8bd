"""The search of a server whose index is killed, deleted or of another release: it says so, all else goes on."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from projections.search.cursor import Cursor, digest
from projections.search.query import SearchQuery
from registry.settings import Settings
from tests.support.node import settings_for
from tests.support.servers import Server, office_token
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


class Visitor:
    """Registers trials and searches for them, at one server."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session, self._url, self._token = session, url, token

    async def register(self, word: str) -> str:
        """The position of a trial whose title has the word."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid4())}
        body = {"registration": registration(public_title={"en": f"A trial of {word}"}), "owner": "registry-office"}
        async with self._session.post(f"{self._url}/v1/trials", json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            position: str = (await answer.json())["position"]
            return position

    async def search(self, word: str, **query: str) -> tuple[int, dict[str, Any], str]:
        """The status, the answer and when to come again."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.get(f"{self._url}/v1/trials", params={"q": word, **query}, headers=headers) as answer:
            return answer.status, json.loads(await answer.read()), answer.headers.get("Retry-After", "")

    async def found(self, word: str) -> int:
        """How many trials have the word, once the search is answered."""
        async with asyncio.timeout(PATIENCE):
            while (answer := await self.search(word))[0] != 200:
                assert (answer[0], answer[1]["type"]) == (503, "/problems/search-unready")
                assert int(answer[2]) > 0
        total: int = answer[1]["total"]
        return total

    async def readiness(self) -> dict[str, Any]:
        async with self._session.get(f"{self._url}/readyz") as answer:
            assert answer.status == 200
            readiness: dict[str, Any] = await answer.json()
            return readiness


async def test_an_index_that_is_lost_or_foreign_is_made_anew_while_commands_go_on(
    database_url: str, tmp_path: Path
) -> None:
    settings: Settings = settings_for(database_url)
    token = await office_token(settings)
    server = Server(settings, tmp_path)
    folder = tmp_path / f"search-{server.port}"
    async with aiohttp.ClientSession() as session, server:
        visitor = Visitor(session, server.url, token)
        positions = [await visitor.register("zinc") for _ in range(5)]
        assert (await visitor.search("zinc", wait_for=positions[-1]))[1]["total"] == 5

        # Killed while it commits: what was acknowledged is found again.
        writing = [asyncio.create_task(visitor.register("iron")) for _ in range(10)]
        await writing[4]
        server.kill()
        done = await asyncio.gather(*writing, return_exceptions=True)
        recorded = [one for one in done if isinstance(one, str)]
        await server.again()
        status, answer, _ = await visitor.search("iron", wait_for=recorded[-1])
        assert status == 200
        assert len(recorded) <= answer["total"] <= 10

        # Deleted, and of another release.
        for spoil in (lambda: shutil.rmtree(folder), lambda: spoil_shape(folder)):
            server.kill()
            spoil()
            await server.again()
            position = await visitor.register("copper")
            assert await visitor.found("zinc") == 5
            assert (await visitor.search("copper", wait_for=position))[0] == 200
            assert (await visitor.readiness())["ready"]
        assert await visitor.found("copper") == 2

        # Deleted under a running server.
        shutil.rmtree(folder)
        position = await visitor.register("gold")
        await eventually(folder.is_dir)
        assert await visitor.found("zinc") == 5
        assert (await visitor.search("gold", wait_for=position))[1]["total"] == 1


async def test_searches_that_wait_for_the_index_take_no_turn_of_others(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url)
    token = await office_token(settings)
    query = SearchQuery(q="zinc", everything=True, owner="registry-office")
    beyond = str(Cursor(0, date(2026, 11, 22), digest(query, None), {0: 10**9}))
    async with aiohttp.ClientSession() as session, Server(settings, tmp_path) as server:
        visitor = Visitor(session, server.url, token)
        await visitor.search("zinc", wait_for=await visitor.register("zinc"))
        waiting = [
            asyncio.create_task(visitor.search("zinc", cursor=beyond)) for _ in range(settings.searches_at_once + 1)
        ]
        for _ in range(5):
            search = asyncio.create_task(visitor.search("zinc"))
            await asyncio.wait([search, *waiting], return_when=asyncio.FIRST_COMPLETED)
            assert search.done()
            assert search.result()[0] == 200
        assert {(status, answer["type"]) for status, answer, _ in await asyncio.gather(*waiting)} == {
            (503, "/problems/views-behind")
        }


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def spoil_shape(folder: Path) -> None:
    """Says of the index that another release made it."""
    stated = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps({**stated, "shape": 0}))
