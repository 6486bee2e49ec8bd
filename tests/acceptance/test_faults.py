"""The database away, and brokers killed, under load: probes report it, nothing acknowledged is lost, all recovers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.cluster import KafkaCluster
from events.partitions import partition_of
from registry import wiring
from registry.settings import Settings
from tests.acceptance.test_races import check_answers, last_position
from tests.support.clients import Client
from tests.support.embedded import OwnPostgres
from tests.support.kafka import empty
from tests.support.node import settings_for
from tests.support.servers import Server, office_token
from tests.support.waiting import PATIENCE

CLIENTS, TRIALS = 12, 4
PACE: Final = 0.1
"""Seconds between two commands of a client: load, and histories that can still be compared in seconds."""
OUTAGE: Final = 20.0
BACK: Final = 30.0
"""Seconds after which all must be well again, with nobody's help; both cores may be kept busy meanwhile."""


@dataclass
class Answers:
    """Every answer that any client got, at its time by the event loop."""

    answers: list[tuple[float, str, int, str | None]] = field(default_factory=list)

    def tracing(self) -> aiohttp.TraceConfig:
        """Takes note of answers: path, status and Retry-After."""
        trace = aiohttp.TraceConfig()

        async def ended(_session: Any, _context: Any, end: aiohttp.TraceRequestEndParams) -> None:
            now, response = asyncio.get_running_loop().time(), end.response
            self.answers.append((now, end.url.path, response.status, response.headers.get("Retry-After")))

        trace.on_request_end.append(ended)
        return trace

    def refusals(self) -> list[tuple[int, str | None]]:
        """Statuses of commands that were not taken then, with their Retry-After."""
        return [(status, after) for _, path, status, after in self.answers if "amend" in path and status != 201]

    def taken(self, since: float) -> list[float]:
        """When commands were acknowledged after a moment."""
        return [at for at, path, status, _ in self.answers if "amend" in path and status == 201 and at > since]


@dataclass
class Load:
    """A server under the load of clients, each of which keeps every answer."""

    server: Server
    clients: list[Client]
    trials: list[str]
    observed: Answers
    over: asyncio.Event = field(default_factory=asyncio.Event)
    work: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        self.work = [asyncio.create_task(self._amend(number)) for number in range(len(self.clients))]

    async def _amend(self, number: int) -> None:
        client, trial, turn = self.clients[number], self.trials[number % len(self.trials)], 0
        while not self.over.is_set():
            turn += 1
            body = {"reason": "under load", "registration": {"planned_size": 100_000 * (number + 1) + turn}}
            answer = await client.post(f"/v1/trials/{trial}/amend", body, trial=trial)
            assert answer.status == 201, answer.body
            await asyncio.wait([asyncio.create_task(self.over.wait())], timeout=PACE)

    async def more(self, commands: int) -> None:
        """Returns when so many more commands were acknowledged; fails with the first client that failed."""
        goal = self._done() + commands
        async with asyncio.timeout(PATIENCE):
            while self._done() < goal:
                for task in self.work:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.02)

    def _done(self) -> int:
        return sum(len(client.answers) for client in self.clients)

    async def readiness(self) -> tuple[int, str | None]:
        """What /readyz answers, and its Retry-After."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.server.url}/readyz") as answer:
            return answer.status, answer.headers.get("Retry-After")

    async def ready_again(self) -> float:
        """Seconds until /readyz says so and commands are acknowledged."""
        began = asyncio.get_running_loop().time()
        await self.server.ready()
        await self.more(len(self.clients))
        return asyncio.get_running_loop().time() - began

    async def agree(self) -> None:
        """Ends the load; then every client's own log and the registry's say the same, and the same key the same."""
        self.over.set()
        await asyncio.gather(*self.work)
        office = Client(self.clients[0].session, self.clients[0].token, [self.server.url])
        answers = [answer for client in self.clients for answer in client.answers]
        amended = 0
        for trial in self.trials:
            of_trial = [answer for answer in answers if answer.trial == trial]
            history = await office.history(trial, 0, last_position(of_trial))
            check_answers(history, of_trial)
            amended += sum(event["type"] == "trial.amended.v1" for event in history)

        assert amended == len(answers)
        for first in answers[::97]:
            again = await office.post(f"/v1/trials/{first.trial}/amend", first.sent, trial=first.trial, key=first.key)

            assert (again.status, again.raw) == (first.status, first.raw)


@asynccontextmanager
async def loaded(settings: Settings, folder: Path) -> AsyncIterator[Load]:
    """A server with trials, under load from here on."""
    token, observed = await office_token(settings), Answers()
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        Server(settings, folder) as server,
        aiohttp.ClientSession(connector=connector, trace_configs=[observed.tracing()]) as session,
    ):
        clients = [Client(session, token, [server.url]) for _ in range(CLIENTS)]
        office = Client(session, token, [server.url])
        trials = [await office.register(public_title={"ja": f"停止 {number}"}) for number in range(TRIALS)]
        load = Load(server, clients, trials, observed)
        load.begin()
        try:
            await load.more(CLIENTS * 3)
            yield load
        finally:
            load.over.set()
            for task in load.work:
                task.cancel()


async def turned(load: Load, seconds: float) -> None:
    """Returns when /readyz says 503 with Retry-After; fails where it does not within so many seconds."""
    async with asyncio.timeout(seconds):
        while (await load.readiness())[0] == 200:  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.05)

    status, after = await load.readiness()
    assert status == 503
    assert after is not None


async def stays_away(load: Load, seconds: float) -> None:
    """Looks on for so many seconds, in which /readyz must not say that all is well."""
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        status, after = await load.readiness()
        assert status == 503
        assert after is not None
        await asyncio.sleep(0.5)


async def test_postgresql_stops_for_twenty_seconds_under_load(tmp_path: Path) -> None:
    async with OwnPostgres.running() as postgres, loaded(settings_for(postgres.url), tmp_path) as load:
        stopped = asyncio.get_running_loop().time()
        await postgres.crash()
        await turned(load, 15)
        await stays_away(load, OUTAGE - (asyncio.get_running_loop().time() - stopped))
        assert load.observed.taken(stopped + 1) == []
        await postgres.start()
        seconds = await load.ready_again()
        await load.agree()

        refused = load.observed.refusals()
        assert refused, "nobody was told of it"
        assert all(status == 503 and after is not None for status, after in refused), refused
        assert seconds < BACK


async def leader(cluster: KafkaCluster, settings: Settings, trial: str) -> int:
    """The broker that leads the partition of a trial."""
    topic = wiring.topics(settings)[0]
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic.name])
    finally:
        await admin.close()
    of = partition_of(f"trial/{trial}", topic.partitions)
    return int(next(one["leader"] for one in described["partitions"] if one["partition"] == of))


async def test_the_leader_of_a_partition_is_killed_under_load(
    kafka3: KafkaCluster, database_url: str, tmp_path: Path
) -> None:
    empty(kafka3)
    settings = settings_for(database_url, kafka3.bootstrap)
    async with loaded(settings, tmp_path) as load:
        killed = asyncio.get_running_loop().time()
        await asyncio.to_thread(kafka3.kill, await leader(kafka3, settings, load.trials[0]))
        seconds = await load.ready_again()
        # Two of three copies are enough; the third broker comes back while all goes on.
        await asyncio.to_thread(kafka3.start)
        await load.more(CLIENTS)
        await load.agree()

        assert load.observed.taken(killed), "no command was acknowledged after it"
        assert all(status == 503 and after is not None for status, after in load.observed.refusals())
        assert seconds < BACK


async def test_most_brokers_are_away_and_come_back_under_load(
    kafka3: KafkaCluster, database_url: str, tmp_path: Path
) -> None:
    empty(kafka3)
    async with loaded(settings_for(database_url, kafka3.bootstrap), tmp_path) as load:
        for broker in (1, 2):
            await asyncio.to_thread(kafka3.kill, broker)
        await turned(load, 15)
        await stays_away(load, 8)
        await asyncio.to_thread(kafka3.start)
        seconds = await load.ready_again()
        await load.agree()

        assert all(status == 503 and after is not None for status, after in load.observed.refusals())
        assert seconds < BACK
