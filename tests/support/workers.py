"""How the tests are shared among the workers of a run (`pytest -n 2 --dist loadgroup --no-loadscope-reorder`)."""

import pytest

from tests.support.kafka import CLUSTERS

LONG = ("tests/robustness/", "tests/acceptance/")
"""Folders of tests that take many seconds each: begun last, one worker would wait for the other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A worker takes a file as a whole, for the fixtures that its tests share; and one all that asks for Kafka.

    So brokers are started once. The longest come first.
    """
    for item in items:
        group = "kafka" if _asks_for_kafka(item) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (not _asks_for_kafka(item), not item.nodeid.startswith(LONG)))


def _asks_for_kafka(item: pytest.Item) -> bool:
    """By a fixture, or by a parameter that names one."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return any(name in CLUSTERS for name in (*getattr(item, "fixturenames", ()), *parameters) if isinstance(name, str))
