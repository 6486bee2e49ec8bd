"""Real Kafka clusters for tests: started when first needed, made whole after each test, gone after the run."""

import asyncio
import atexit
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.cluster import KafkaCluster
from registry.wiring import DOCUMENTS_TOPIC, EVENTS_TOPIC
from tests.support.waiting import PATIENCE

CLUSTERS: Final = ("kafka1", "kafka3")
"""The fixtures that are clusters."""
TOPICS: Final = (EVENTS_TOPIC, DOCUMENTS_TOPIC)
"""Those of a registry."""


@pytest.fixture(scope="session")
def kafka1() -> Iterator[KafkaCluster]:
    """One broker; `.bootstrap` is its address."""
    yield from _cluster(1)


@pytest.fixture(scope="session")
def kafka3() -> Iterator[KafkaCluster]:
    """Three brokers; a test may kill and pause them, the next test finds all three running."""
    yield from _cluster(3)


@pytest.fixture
def empty_kafka1() -> Iterator[KafkaCluster]:
    """One broker that no other test has written to."""
    yield from _cluster(1)


def brokers_for(request: pytest.FixtureRequest, log: str) -> str:
    """The address of the cluster that the log is named after, with no registry in it; empty for PostgreSQL's log."""
    if log not in CLUSTERS:
        return ""
    cluster: KafkaCluster = request.getfixturevalue(log)
    empty(cluster)
    return cluster.bootstrap


def empty(cluster: KafkaCluster) -> None:
    """Deletes the topics of a registry: its log names its vault, and takes no other (ADR 0066)."""
    # In a thread: the calling test may run in a loop.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, delete_topics(cluster, *TOPICS)).result()


async def delete_topics(cluster: KafkaCluster, *names: str) -> None:
    """Deletes those of the topics that are there, and returns when they are gone."""
    client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await client.start()
    try:
        async with asyncio.timeout(PATIENCE):
            while there := set(names) & set(await client.list_topics()):
                await client.delete_topics(sorted(there))
                await asyncio.sleep(0.05)
    finally:
        await client.close()


@pytest.fixture(autouse=True)
def _whole_cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    # Checked afterwards: a test may request a cluster while it runs.
    for name in CLUSTERS:
        if name in request.fixturenames:
            request.getfixturevalue(name).start()


def _cluster(brokers: int) -> Iterator[KafkaCluster]:
    with tempfile.TemporaryDirectory(prefix=f"registry-kafka{brokers}-") as folder:
        cluster = KafkaCluster(Path(folder), brokers)
        atexit.register(cluster.stop, grace=0)
        # A terminated run unwinds like an interrupted one; by default it would leave the brokers behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop(grace=0)
            atexit.unregister(cluster.stop)
