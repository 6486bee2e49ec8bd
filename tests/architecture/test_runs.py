"""Runs of pytest leave nothing behind that makes the next one fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.packages import PACKAGES

ROOT = Path(__file__).parents[2]
TWICE = """
import pytest, sys, tempfile
for _ in range(2):
    status = pytest.main(["--co", "--noconftest", "-p", "tests.support.folders", "tests/architecture/test_runs.py"])
    assert not status, status
    tempfile.TemporaryFile().close()
"""


def test_pytest_runs_twice_in_one_process_as_mutmut_has_it() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    run = subprocess.run([sys.executable, "-c", TWICE], cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: PLW1510

    assert run.returncode == 0, run.stdout + run.stderr


def test_mutmut_can_ask_for_each_test_by_its_id(request: pytest.FixtureRequest) -> None:
    """It asks by the ids that pytest reported; one with an escaped backslash is then not found."""
    near = tuple(path for package in PACKAGES.values() for path in package.tests)
    ids = [item.nodeid for item in request.session.items]

    assert not [each for each in ids if each.startswith(near) and "\\\\" in each]
