"""Registers the plugins of tests/support, and how Hypothesis works here."""

from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings

SERVERS: Final = ("postgres_url", "postgres", "kafka1", "kafka3", "empty_kafka1", "chromium")
"""Fixtures that are servers or a browser, and parameters that lead to one."""
SLOW: Final = (
    "tests/acceptance/",
    "tests/adapters/ctgov/test_accounting.py",
    "tests/adapters/ctgov/test_markup.py",
    "tests/adapters/test_elements.py",
    "tests/adapters/test_hostile.py",
    "tests/adapters/test_memory.py",
    "tests/again/",
    "tests/architecture/test_linear_expressions.py",
    "tests/attacks/",
    "tests/bench/",
    "tests/cli/",
    "tests/clients/",
    "tests/cloudevents/",
    "tests/deploy/",
    "tests/pages/test_chromium.py",
    "tests/pages/test_linear.py",
    "tests/projections/test_linear.py",
    "tests/registry/test_embedded.py",
    "tests/robustness/",
)
"""What starts servers and processes of its own, and what measures how time and memory grow."""

FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
UNHURRIED = (HealthCheck.too_slow,)
"""A busy machine makes an example slow, not wrong."""

# A failing example is told as it was found, with a line to reproduce it: looking for the smallest one took minutes of
# silence where each step asks a database. `pytest --hypothesis-profile=shrinking` looks for it.
settings.register_profile("registry", deadline=None, suppress_health_check=UNHURRIED, phases=FOUND, print_blob=True)
settings.register_profile("shrinking", deadline=None, suppress_health_check=UNHURRIED, print_blob=True)
# `make mutants` runs each test many times, in processes that were forked: the same examples each time, and few.
settings.register_profile(
    "mutants",
    deadline=None,
    suppress_health_check=[*UNHURRIED, HealthCheck.differing_executors],
    phases=[Phase.explicit, Phase.generate],
    max_examples=25,
    derandomize=True,
    database=None,
)
settings.load_profile("registry")

pytest_plugins = [
    "tests.support.folders",
    "tests.support.kafka",
    "tests.support.logs",
    "tests.support.node",
    "tests.support.postgres",
    "tests.support.workers",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much `make behind`, `feed-kills`, `failovers` and `nasty` do, and what `make mutants` leaves out."""
    parser.addoption("--turns", type=int, default=20, help="times that each text of every event gets another string")
    parser.addoption("--reports", type=int, default=200, help="reports that two nodes get in turn")
    parser.addoption("--feed-kills", type=int, default=6, help="servers and readers of the feed that are killed")
    parser.addoption("--kills", default="2,f3,1", help="brokers that are killed, or frozen (f), one after the other")
    parser.addoption("--no-databases", action="store_true", help="leave out the tests that ask for a database")
    parser.addoption("--fast", action="store_true", help="leave out what starts a server, and what is slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what a fixture leads to a database, or what is not fast, where that is asked for."""
    left_out = {
        item
        for item in items
        if (config.getoption("--no-databases") and asks_for(item, ("postgres_url",)))
        or (config.getoption("--fast") and (item.nodeid.startswith(SLOW) or asks_for(item, SERVERS)))
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def asks_for(item: pytest.Item, fixtures: Iterable[str]) -> bool:
    """Whether a test uses one of these fixtures, by itself or as the parameter of another."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    named = {*getattr(item, "fixturenames", ()), *(one for one in parameters if isinstance(one, str))}
    return not named.isdisjoint(fixtures)
