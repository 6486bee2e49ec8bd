"""Which tests `make test-fast` leaves out: those that ask for a server, start a process, or are slow."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

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
    "tests/api/test_bodies.py::test_the_worst_body_of_every_command",
    "tests/architecture/test_axes.py",
    "tests/architecture/test_imports.py",
    "tests/architecture/test_linear_expressions.py",
    "tests/architecture/test_toy_aggregate.py",
    "tests/attacks/",
    "tests/bench/",
    "tests/cli/",
    "tests/clients/",
    "tests/cloudevents/",
    "tests/deploy/",
    "tests/events/test_kafka_log.py::test_a_broker_that_makes_topics_by_itself",
    "tests/events/test_kafka_security.py",
    "tests/events/test_remains.py",
    "tests/pages/test_chromium.py",
    "tests/pages/test_linear.py",
    "tests/projections/test_linear.py",
    "tests/registry/test_backup.py::test_an_embedded_registry_is_restored",
    "tests/registry/test_beside.py",
    "tests/registry/test_embedded.py",
    "tests/schedules/test_schedules.py::test_every_schedule",
    "tests/registry/test_wiring.py::test_views_that_start_while_the_log_is_away",
    "tests/robustness/",
    "tests/search_quality/test_quality.py",
    "tests/vocabulary/",
)
"""What starts servers and processes of its own, and what measures how time and memory grow: how its node ids begin."""
HARMLESS: Final = ("git", "uname")
"""Programs that a fast test may run: they answer at once, and serve nothing."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that leave tests out."""
    parser.addoption("--no-databases", action="store_true", help="leave out the tests that ask for a database")
    parser.addoption("--fast", action="store_true", help="leave out what starts a server, and what is slow")


def pytest_configure(config: pytest.Config) -> None:
    """Holds fast tests to what they are: SLOW is whole, or one of them fails."""
    if config.getoption("--fast"):
        sys.addaudithook(_refuse_processes)


def _refuse_processes(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen" and (running := os.environ.get("PYTEST_CURRENT_TEST")):
        program = Path(os.fsdecode(arguments[0])).name
        if program not in HARMLESS:
            raise RuntimeError(f"{running} starts {program}: list its file in tests/support/fast.py SLOW")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests whose fixtures lead to a database, and the slow ones, where an option says so."""
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
