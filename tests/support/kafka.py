"""Real Kafka clusters for tests: started when first asked for, made whole after each test, gone after the run."""

import atexit
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from deploy.kafka.cluster import KafkaCluster

CLUSTERS: Final = ("kafka1", "kafka3")
"""The fixtures that are clusters."""


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


@pytest.fixture(autouse=True)
def _whole_cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    # Asked afterwards: a test may ask for a cluster while it runs.
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
