"""The sides of the comparison of writes: our API, and its alternatives, each as fast as we can make it."""

import asyncio
import base64
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import psycopg
from aiokafka import AIOKafkaProducer
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from events.kafka.clients import GATHERED_BYTES, MAX_REQUEST_BYTES
from events.partitions import partition_of
from tests.bench.loops import Run, closed_loop, turn_of
from tests.bench.visible import Visible
from tests.bench.wire import Wire, get, post
from tests.bench.worker import Side

CONNECTIONS: Final = 32
"""The most connections to PostgreSQL: more of them only wait for each other on few cores."""
REPORTED: Final = "2026-11-22"
"""The day that sites report for; any past day."""
PATIENCE: Final = 6
"""Attempts to read a position that the views do not show yet; in each, the server itself waits for them."""


class Http:
    """Our API: amendments of published trials, never two of one trial at a time, on servers in turn."""

    def __init__(self, ports: Sequence[int], token: str, trials: Sequence[str]) -> None:
        self._ports, self._token, self._trials = ports, token, trials
        self._wires: list[Wire] = []
        self._amended = random.randrange(10**9)
        self._clients = 0
        self._last = b""

    async def open(self) -> None:
        """Connections are opened as they are needed, and kept."""

    async def run(self, clients: int, seconds: float) -> Run:
        # A server closes connections that were idle while other sides had their turns.
        self._wires = [wire for wire in self._wires if wire.open_still]
        while len(self._wires) < clients:
            self._wires.append(await Wire.open(self._ports[len(self._wires) % len(self._ports)]))
        self._clients = clients
        return await closed_loop(clients, seconds, self._call)

    async def _call(self, client: int, calls: int) -> None:
        trial = self._trials[turn_of(client, self._clients, calls, len(self._trials))]
        path, body = self._command(trial)
        request = post(
            f"/v1/trials/{trial}/{path}", self._token, str(uuid4()), json.dumps(body, ensure_ascii=False).encode()
        )
        status, answer = await self._wires[client].ask(request)
        if status != 201:
            raise RuntimeError(f"{status}: {answer.decode()}")
        self._last = answer

    def _command(self, trial: str) -> tuple[str, dict[str, Any]]:
        """The last part of the address, and the body."""
        self._amended += 1
        return "amend", amendment(self._amended)

    async def settle(self) -> None:
        """Waits for the views of every server: else they would be written during the next side's run."""
        if not self._last:
            return
        request = get(f"/v1/commands/{json.loads(self._last)['key']}")
        for wire in self._wires[: len(self._ports)]:
            for _ in range(PATIENCE):
                if (await wire.ask(request))[0] == 200:
                    break

    async def close(self) -> None:
        for wire in self._wires:
            wire.close()


class Reports(Http):
    """Our API: a site of each trial, which reports by turns that it recruits and that it has paused."""

    def __init__(self, ports: Sequence[int], token: str, sites: Mapping[str, str]) -> None:
        super().__init__(ports, token, [*sites])
        self._sites = sites
        self._recruiting: set[str] = set()

    async def open(self) -> None:
        """Reads each site's last report: another worker may have reported before."""
        wire = await Wire.open(self._ports[0])
        for trial, name in self._sites.items():
            _, answer = await wire.ask(get(f"/v1/trials/{trial}/sites"))
            if any(
                site["site"] == name and site["recruitment"] == "recruiting" for site in json.loads(answer)["sites"]
            ):
                self._recruiting.add(trial)
        wire.close()

    def _command(self, trial: str) -> tuple[str, dict[str, Any]]:
        site = f"sites/{self._sites[trial]}"
        if trial in self._recruiting:
            self._recruiting.discard(trial)
            return f"{site}/pause", {"on": REPORTED, "why": {"ja": "機器の点検", "en": "Equipment check"}}
        self._recruiting.add(trial)
        return f"{site}/open", {"on": REPORTED}


def amendment(number: int) -> dict[str, Any]:
    """The body of an amendment, different for every number."""
    return {
        "reason": "参加者の募集に合わせた更新",
        "registration": {
            "public_title": {
                "ja": f"2型糖尿病に対する運動療法アプリの効果を調べる研究 第{number}版",
                "en": f"A study of an exercise application for people with type 2 diabetes, edition {number}",
            },
            "planned_size": number % 1000 + 1,
        },
    }


class Insert:
    """Conditional inserts in transactions of their own: psycopg, asynchronous, prepared."""

    CREATE: Final = (
        "create table if not exists event (stream text, version integer, data bytea, primary key (stream, version))"
    )
    APPEND: Final = (
        "insert into event select %(stream)s, %(version)s + 1, %(data)s"
        " where (select coalesce(max(version), 0) from event where stream = %(stream)s) = %(version)s"
    )

    def __init__(self, url: str, streams: Sequence[str], value: str) -> None:
        self._url, self._value = url, base64.b64decode(value)
        # Fresh streams, which no second worker on the same database uses.
        self._streams = [f"{stream}/{uuid4()}" for stream in streams]
        self._versions = [0] * len(streams)
        self._clients = 0
        self._free: deque[psycopg.AsyncConnection[Any]] = deque()
        self._limit = asyncio.Semaphore(CONNECTIONS)
        self._connections = AsyncExitStack()

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
            self._free.append(await self._connections.enter_async_context(connection))
        await self._free[0].execute(self.CREATE)

    async def run(self, clients: int, seconds: float) -> Run:
        self._clients = clients
        return await closed_loop(clients, seconds, self._append)

    async def _append(self, client: int, calls: int) -> None:
        at = turn_of(client, self._clients, calls, len(self._streams))
        parameters = {"stream": self._streams[at], "version": self._versions[at], "data": self._value}
        async with self._limit:
            connection = self._free.pop()
            try:
                done = await connection.execute(self.APPEND, parameters)
            finally:
                self._free.append(connection)
        if done.rowcount != 1:
            raise RuntimeError(f"the version of {self._streams[at]} is another")
        self._versions[at] += 1

    async def settle(self) -> None:
        """Nothing is left under way."""

    async def close(self) -> None:
        await self._connections.aclose()


class Send:
    """aiokafka's `send_and_wait`, idempotent and acknowledged by all, as in our driver, with the same messages."""

    def __init__(
        self,
        *,
        bootstrap: str,
        topic: str,
        partitions: int,
        streams: Sequence[str],
        value: str,
        headers: Mapping[str, str],
    ) -> None:
        self._topic, self._value = topic, base64.b64decode(value)
        self._headers = [(name, base64.b64decode(content)) for name, content in headers.items()]
        self._places = [(stream.encode(), partition_of(stream, partitions)) for stream in streams]
        self._bootstrap = bootstrap
        self._producer: AIOKafkaProducer | None = None
        self._clients = 0

    async def open(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            max_batch_size=GATHERED_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
        )
        await self._producer.start()

    async def run(self, clients: int, seconds: float) -> Run:
        self._clients = clients
        return await closed_loop(clients, seconds, self._send)

    async def _send(self, client: int, calls: int) -> None:
        assert self._producer is not None
        key, partition = self._places[turn_of(client, self._clients, calls, len(self._places))]
        await self._producer.send_and_wait(
            self._topic, self._value, key=key, partition=partition, headers=self._headers
        )

    async def settle(self) -> None:
        """Nothing is left under way."""

    async def close(self) -> None:
        assert self._producer is not None
        await self._producer.stop()


class Trial(Aggregate):
    """A trial in the style of the library's own examples."""

    @event("Registered")
    def __init__(self, registration: dict[str, Any]) -> None:
        self.registration = registration

    @event("Amended")
    def amend(self, amendment: dict[str, Any]) -> None:
        self.registration = {**self.registration, **amendment["registration"]}


class Library:
    """The `eventsourcing` library with its PostgreSQL recorder: load, amend, save; threads as clients.

    It caches aggregates, as we do, and reads events that others have added, as we do.
    """

    def __init__(self, url: str, trials: int) -> None:
        parts = urlsplit(url)
        self._environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": parts.path[1:],
            "POSTGRES_HOST": parts.hostname or parse_qs(parts.query)["host"][0],
            "POSTGRES_PORT": str(parts.port or 5432),
            "POSTGRES_USER": parts.username or "postgres",
            "POSTGRES_PASSWORD": parts.password or "",
            "POSTGRES_POOL_SIZE": str(CONNECTIONS),
            "POSTGRES_MAX_OVERFLOW": "0",
            "POSTGRES_MAX_WAITING": "1000",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "n",
            "AGGREGATE_CACHE_MAXSIZE": str(trials),
        }
        self._trials = trials
        self._ids: list[UUID] = []
        self._clients = 0
        self._application: Application[UUID] | None = None
        self._amended = random.randrange(10**9)

    async def open(self) -> None:
        self._application = Application(env=self._environment)
        for number in range(self._trials):
            trial = Trial(registration=amendment(number)["registration"])
            self._application.save(trial)
            self._ids.append(trial.id)

    async def run(self, clients: int, seconds: float) -> Run:
        self._clients = clients
        return await asyncio.to_thread(threads, clients, seconds, self._amend)

    def _amend(self, client: int, calls: int) -> None:
        assert self._application is not None
        at = turn_of(client, self._clients, calls, len(self._ids))
        trial: Trial = self._application.repository.get(self._ids[at])
        trial.amend(amendment(self._amended + calls))
        self._application.save(trial)

    async def settle(self) -> None:
        """Nothing is left under way."""

    async def close(self) -> None:
        assert self._application is not None
        self._application.close()


def threads(clients: int, seconds: float, call: Callable[[int, int], None]) -> Run:
    """The closed loop of threads: `call` gets the numbers of the caller and of its call."""
    latencies: list[list[float]] = [[] for _ in range(clients)]
    faults: list[BaseException] = []
    began = time.perf_counter()

    def caller(number: int) -> None:
        try:
            while (start := time.perf_counter()) - began < seconds and not faults:
                call(number, len(latencies[number]))
                latencies[number].append(time.perf_counter() - start)
        except BaseException as fault:
            faults.append(fault)

    callers = [threading.Thread(target=caller, args=(number,)) for number in range(clients)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    if faults:
        raise faults[0]
    return Run.of([took for each in latencies for took in each], time.perf_counter() - began)


SIDES: Final[Mapping[str, Callable[..., Side]]] = {
    "http": Http,
    "reports": Reports,
    "insert": Insert,
    "send": Send,
    "library": Library,
    "visible": Visible,
}
