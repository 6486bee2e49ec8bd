"""The feed, while servers and readers are killed under load: nothing missed, nothing doubled, nothing that is hidden.

`make feed-kills` kills fifty times; by itself a test does so a few times.
"""

import asyncio
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import psycopg
import pytest

from events.schemas.access import Role
from projections.trial.document import stream_of
from registry import wiring
from registry.feed.fold import fold
from registry.office import tokens
from registry.settings import Settings
from tests.support.clients import Client
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.servers import Server, console
from tests.support.waiting import PATIENCE

WRITERS: Final = 4
READERS: Final = {Role.REGULATOR: 3, Role.SPONSOR: 2, None: 3}
"""How many follow in each role; None is the public."""
HIDDEN: Final = "UNSEEN"
"""In texts of drafts, and in no published trial."""


@dataclass
class Reader:
    """Follows the feed, and goes on at another server from its last entry whenever one is gone."""

    token: str
    servers: Sequence[Server]
    number: int
    entries: list[dict[str, Any]] = field(default_factory=list)
    turn: int = 0
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._read())

    async def kill(self) -> None:
        """Ends it wherever it is: its connection is gone, with what came and was not read."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        while True:
            self.turn += 1
            server = self.servers[(self.number + self.turn) % len(self.servers)]
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._follow(server)
            await asyncio.sleep(0.05)

    async def _follow(self, server: Server) -> None:
        events = self.number % 2 == 1
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Accept": "text/event-stream"} if events else {}
        after = {"after": self.entries[-1]["cursor"]} if self.entries else {}
        # Longer than a heartbeat takes: what is silent for so long is taken for gone.
        timeout = aiohttp.ClientTimeout(total=None, sock_read=5)
        async with (
            aiohttp.ClientSession(timeout=timeout, read_bufsize=2**20) as session,
            session.get(f"{server.url}/v1/changes", params=after, headers=headers) as answer,
        ):
            if answer.status != 200:
                return
            async for line in answer.content:
                if line.endswith(b"}\n"):
                    self.entries.append(json.loads(line.removeprefix(b"data: ")))


async def write(client: Client, number: int, until: asyncio.Event) -> None:
    """Drafts, of which every other is published without what it said before; and amendments of those."""
    turn = 0
    while not until.is_set():
        turn += 1
        trial = await client.register(acronym=f"{HIDDEN} {number} {turn}")
        if turn % 2:
            continue
        shown = {"reason": "ready", "registration": {"acronym": f"T{number}-{turn}"}}
        for path, body in (("/amend", shown), ("/publish", {})):
            assert (await client.post(f"/v1/trials/{trial}{path}", body)).status == 201
        for size in range(3):
            amended = {"reason": "under load", "registration": {"planned_size": 100 + size}}
            assert (await client.post(f"/v1/trials/{trial}/amend", amended)).status == 201


async def read_whole(server: Server, token: str) -> list[dict[str, Any]]:
    """The feed from its beginning to its end, page by page."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found: list[dict[str, Any]] = []
    at = "/v1/changes?follow=false"
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(server.url + at, headers=headers) as answer:
                assert answer.status == 200, await answer.read()
                lines = (await answer.read()).splitlines()
                [at] = re.findall("<(.*)>", answer.headers["Link"])
            if not lines:
                return found
            found += map(json.loads, lines)


def by_trial(entries: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The entries of each trial in order, without the places of the readers that they came to."""
    found = defaultdict(list)
    for entry in entries:
        found[entry["trial"]].append({name: value for name, value in entry.items() if name != "cursor"})
    return found


async def kill_under_load(servers: Sequence[Server], readers: Sequence[Reader], kills: int) -> None:
    """A server and a reader in turn, each other one every time; a server comes back before the next is killed."""
    for turn in range(kills):
        if turn % 2:
            reader = readers[turn // 2 % len(readers)]
            await reader.kill()
            reader.start()
            await asyncio.sleep(0.2)
        else:
            server = servers[turn // 2 % len(servers)]
            await asyncio.to_thread(server.kill)
            await server.again()


@pytest.mark.parametrize("log", ["postgres", "kafka1"])
async def test_who_follows_misses_nothing_and_gets_nothing_twice_whatever_is_killed(
    log: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kafka = brokers_for(request, log)
    settings, kills = settings_for(database_url, kafka), request.config.getoption("--feed-kills")
    issued = await tokens_of(settings)
    extra = {"REGISTRY_STREAM_HEARTBEAT": "1"}
    async with Server(settings, tmp_path, extra) as first, Server(settings, tmp_path, extra) as second:
        servers = [first, second]
        readers = [Reader(issued[role], servers, number) for number, role in enumerate(every_reader())]
        await under_load(servers, readers, issued[Role.REGISTRY], kills)
        whole = {role: await read_whole(first, issued[role]) for role in READERS}
        await until_all_came(readers, [whole[role] for role in every_reader()])
        for reader in readers:
            await reader.kill()

    for reader, role in zip(readers, every_reader(), strict=True):
        assert len({entry["id"] for entry in reader.entries}) == len(reader.entries)
        assert by_trial(reader.entries) == by_trial(whole[role])
    assert HIDDEN in str(whole[Role.REGULATOR])
    assert HIDDEN not in "".join(map(str, [*whole[None], *whole[Role.SPONSOR]]))
    assert fold({}, readers[0].entries) == await dumped(settings)
    counted = {str(role or "the public"): len(whole[role]) for role in READERS}
    sys.stdout.write(f"{log}: {kills} kills; entries for each reader of {counted}\n")


async def under_load(servers: Sequence[Server], readers: Sequence[Reader], token: str, kills: int) -> None:
    for reader in readers:
        reader.start()
    enough = asyncio.Event()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        clients = [Client(session, token, [server.url for server in servers]) for _ in range(WRITERS)]
        writing = [asyncio.create_task(write(client, number, enough)) for number, client in enumerate(clients)]
        await kill_under_load(servers, readers, kills)
        enough.set()
        await asyncio.gather(*writing)
        last = {
            one.body["position"].partition(":")[0]: one.body["position"] for client in clients for one in client.answers
        }
        for position in last.values():
            await clients[0].get("/v1/trials", wait_for=position)


async def until_all_came(readers: Sequence[Reader], expected: Sequence[Sequence[dict[str, Any]]]) -> None:
    """Returns when each reader has as many entries as it must get, or after a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while any(len(one.entries) < len(whole) for one, whole in zip(readers, expected, strict=True)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


def every_reader() -> Iterator[Role | None]:
    for role, count in READERS.items():
        yield from [role] * count


async def tokens_of(settings: Settings) -> dict[Role | None, str]:
    """A token for each role that acts; none of them owns a trial but the office."""
    async with wiring.running(settings) as node:
        roles = (Role.REGISTRY, Role.REGULATOR, Role.SPONSOR)
        return {None: "", **{role: (await tokens.issue(node, role, f"a-{role}"))[1] for role in roles}}


async def dumped(settings: Settings) -> dict[str, Any]:
    """The documents of `registry dump`, with what is sealed in clear."""
    lines = (await console(settings, "dump", "record")).splitlines()
    documents = [json.loads(line)["document"] for line in lines]
    async with wiring.running(settings, projecting=wiring.Projecting.ELSEWHERE) as node:
        return {one["trial"]: await node.open_all(one, stream_of(one["trial"])) for one in documents}


async def test_a_stream_that_fails_midway_ends_at_a_whole_line_and_its_reader_goes_on(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url)
    token, most = (await tokens_of(settings))[Role.REGISTRY], 60
    async with Server(settings, tmp_path) as server, aiohttp.ClientSession() as session:
        client = Client(session, token, [server.url])
        for number in range(most):
            # More together than a page and all buffers on the way hold.
            await client.register(description={"ja": f"{number} " + "長" * 60_000})
        await client.get("/v1/trials", wait_for=str(client.answers[-1].body["position"]))
        whole = await read_whole(server, token)
        with psycopg.connect(database_url, autocommit=True) as connection:
            async with session.get(f"{server.url}/v1/changes", headers={"Authorization": f"Bearer {token}"}) as answer:
                entries = [json.loads(await answer.content.readuntil(b"\n"))]
                connection.execute("alter table views.history rename to gone")
                # Read to its end, which aiohttp takes for whole by the last chunk alone.
                rest = await answer.content.read()
            connection.execute("alter table views.gone rename to history")
        entries += map(json.loads, rest.splitlines())
        assert rest.endswith(b"}\n")
        assert 0 < len(entries) < most
        again = {"after": entries[-1]["cursor"], "limit": str(most - len(entries))}
        async with session.get(
            f"{server.url}/v1/changes", params=again, headers={"Authorization": f"Bearer {token}"}
        ) as answer:
            entries += map(json.loads, (await answer.read()).splitlines())

    assert by_trial(entries) == by_trial(whole)
    assert "stream_failed" in server.printed()
