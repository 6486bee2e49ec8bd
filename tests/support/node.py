"""A running node on a fresh database, and tokens of every role."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from events.schemas.access import Role
from registry import wiring
from registry.node import Node
from registry.office import tokens as issuing
from registry.settings import Settings

VAULT_KEY = "0f" * 32
READ = datetime(2026, 11, 29, 3, tzinfo=UTC)
"""The moment at which tests read the views: reports of tests must not count as too old, whenever they run."""
ORGANISATIONS = {
    Role.PUBLIC: "a-reader",
    Role.SITE: "kyoto-hp",
    Role.SPONSOR: "kyoto-sponsor",
    Role.REGISTRY: "registry-office",
    Role.REGULATOR: "ministry",
    Role.PARTNER: "a-partner",
    Role.AUTHORITY: "pmda",
    Role.ETHICS_BODY: "kyoto-crb",
    Role.INSTITUTION: "kyoto-hp",
    Role.COORDINATOR: "kyoto-sponsor",
    Role.SECOND_SPONSOR: "nara-sponsor",
}
"""The organisation of each role's token."""


def settings_for(database_url: str, kafka: str = "") -> Settings:
    """Settings of a registry on a database, its log there or in Kafka, on as many replicas as it has brokers."""
    values = {"database_url": database_url, "vault_key": VAULT_KEY, "partitions": 8, "port": 0}
    brokers = {"log": "kafka", "kafka": kafka, "kafka_replication": len(kafka.split(","))}
    return Settings.model_validate(values | (brokers if kafka else {}))


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a registry that keeps all in one fresh database."""
    return settings_for(database_url)


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """A node that has read the log and keeps the views."""
    async with wiring.running(settings) as running:
        running.views._clock = lambda: READ
        yield running


@pytest.fixture
async def tokens(node: Node) -> dict[Role, str]:
    """A bearer token for each role."""
    return {role: (await issuing.issue(node, role, name))[1] for role, name in ORGANISATIONS.items()}
