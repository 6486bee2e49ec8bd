"""Registers the plugins of tests/support, and the profiles of Hypothesis."""

import pytest
from hypothesis import HealthCheck, Phase, settings

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
    "tests.support.fast",
    "tests.support.folders",
    "tests.support.kafka",
    "tests.support.logs",
    "tests.support.node",
    "tests.support.postgres",
    "tests.support.reacting",
    "tests.support.workers",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for the extent of `make behind`, `halts`, `feed-kills`, `policy-kills`, `failovers` and `nasty`."""
    parser.addoption("--turns", type=int, default=20, help="times that each text of every event gets another string")
    parser.addoption("--reports", type=int, default=200, help="reports that two nodes get in turn")
    parser.addoption("--policy-kills", type=int, default=5, help="processes that react to events which are killed")
    parser.addoption("--halted-sites", type=int, default=12, help="open sites in three regions that are halted")
    parser.addoption("--halts", type=int, default=1, help="halts after one another, each lifted again")
    parser.addoption("--feed-kills", type=int, default=6, help="servers and readers of the feed that are killed")
    parser.addoption("--kills", default="2,f3,1", help="brokers that are killed, or frozen (f), one after the other")
