"""The event log on every driver, as places where tests open it, in this process and in others."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from events.port import Addressed, EventLog, Topic
from events.record import Message, Position, Stored
from tests.support.drivers import open_log
from tests.support.writer import Acknowledged, read_report, write

DRIVERS = ("memory", "postgres", "kafka1", "kafka3")
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Place:
    """One kept log; each `open` gives another object on it, except in memory, where there is only one."""

    driver: str
    address: str
    topic: Topic
    opened: list[EventLog] = field(default_factory=list)

    async def open(self) -> EventLog:
        """A log on this place, closed at the end of the test."""
        if self.driver != "memory" or not self.opened:
            self.opened.append(await open_log(self.driver, self.address, [self.topic]))
        return self.opened[-1]

    async def write_from(self, writers: int, appends: int) -> list[Acknowledged]:
        """What this many processes (tasks, in memory) appended at the same time."""
        if self.driver == "memory":
            log = await self.open()
            reports = await asyncio.gather(*(write(log, self.topic, writer, appends) for writer in range(writers)))
        else:
            reports = await asyncio.gather(*(self._process(writer, appends) for writer in range(writers)))
        return [acknowledged for report in reports for acknowledged in report]

    async def _process(self, writer: int, appends: int) -> list[Acknowledged]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.writer", self.driver, self.address),
            *(self.topic.name, str(self.topic.partitions), str(writer), str(appends)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return read_report(output.decode())


@pytest.fixture(params=DRIVERS)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """A place for a log with a fresh topic of four partitions, on each driver in turn."""
    match request.param:
        case "memory":
            address = ""
        case "postgres":
            address = request.getfixturevalue("database_url")
        case brokers:
            address = request.getfixturevalue(brokers).bootstrap
    place = Place(request.param, address, Topic(f"contract-{uuid4()}", 4))
    yield place
    for log in place.opened:
        await log.close()


@pytest.fixture
async def log(place: Place) -> EventLog:
    """The log on the place."""
    return await place.open()


@pytest.fixture
def topic(place: Place) -> Topic:
    """The place's topic."""
    return place.topic


def addressed(partition: int, value: bytes) -> Addressed:
    """A small message with a value of its own."""
    return Addressed(partition, Message(b"key", (("name", b"content"),), value))


async def read_to(
    log: EventLog, topic: Topic, until: Mapping[int, int], start: Mapping[int, int] | None = None
) -> list[Stored]:
    """What the log has from `start` (the beginning) up to `until`."""
    start = dict.fromkeys(until, 0) if start is None else start
    return [stored async for batch in log.read(topic, start, until) for stored in batch]


def values(messages: Sequence[Stored]) -> list[bytes]:
    """The messages' values."""
    return [stored.message.value for stored in messages]


def places(messages: Sequence[Stored]) -> list[Position]:
    """The messages' positions."""
    return [stored.position for stored in messages]
