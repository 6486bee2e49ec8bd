"""How the tests are shared among the workers of a run (`pytest -n 2 --dist loadfile --no-loadscope-reorder`)."""

import multiprocessing
from collections.abc import Iterator

import pytest

LONG = ("tests/robustness/", "tests/acceptance/")
"""Folders of tests that take many seconds each: begun last, one worker would wait for the other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first. A worker takes a file as a whole, for the fixtures that its tests share."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """A test that leaves a process behind fails by itself, not a later one that finds it."""
    yield
    assert not multiprocessing.active_children()
