"""`make ten-times` on a command that is no suite: failures are named, and the load ends with it."""

import multiprocessing
import sys
from pathlib import Path

import psutil
import pytest

from tests.again import __main__ as again

SUITE = """
import psutil, sys
print("FAILED tests/a.py::test_it - assert 1 == 2\\n1 failed, 2 passed in 3.00s")
print(*(child.pid for child in psutil.Process().parent().children() if child.pid != psutil.Process().pid))
sys.exit(1)
"""


def test_each_run_is_told_with_what_failed_and_the_load_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(again, "LOGS", tmp_path)
    monkeypatch.setattr(again, "console", again.Console(width=150, highlight=False, file=sys.stdout))
    status = again.main(2, (sys.executable, "-c", SUITE))
    printed = capsys.readouterr().out

    assert status == 1
    assert "run 2: FAILED with 1" in printed
    assert "1 failed, 2 passed in 3.00s" in printed
    assert "2 × FAILED tests/a.py::test_it\n" in printed
    beside = (tmp_path / "run-1.log").read_text().splitlines()[-1].split()
    assert len(beside) >= psutil.cpu_count()
    assert not multiprocessing.active_children()
