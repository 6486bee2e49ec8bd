"""Registers the plugins of tests/support."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine makes an example slow, not wrong.
settings.register_profile("registry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("registry")

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.logs",
    "tests.support.node",
    "tests.support.postgres",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of what `make behind` does is done."""
    parser.addoption("--reports", type=int, default=300, help="reports that two nodes get in turn")
