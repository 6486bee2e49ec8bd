"""The script that times the first minute leaves nothing running, whatever it started."""

import signal
import subprocess
from pathlib import Path

import pytest

from deploy import first_minute

STUBBORN = "trap '' INT; echo ready; while :; do sleep 0.1; done"


def started(script: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(("sh", "-c", script), start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == b"ready\n"
    return process


def test_what_does_not_heed_an_interrupt_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(first_minute, "GRACE", 0.2)
    process = started(STUBBORN)
    first_minute.stop(process, tmp_path)

    assert process.poll() == -signal.SIGKILL


def test_a_server_that_outlives_its_registry_is_told_to_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(first_minute, "GRACE", 0.2)
    pid_file = tmp_path / "postmaster.pid"
    server = started(f"trap 'rm {pid_file}; exit' INT; echo ready; while :; do sleep 0.1; done")
    pid_file.write_text(f"{server.pid}\n/data\n")
    first_minute.end_server(pid_file)

    assert server.wait(10) == 0


def test_a_registry_that_ends_before_it_shows_trials_is_told_with_its_last_words(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    errors.write_text("port 8080 is taken")
    process = started("echo ready")
    process.wait(10)
    with pytest.raises(SystemExit, match="8080 is taken"):
        first_minute.when(process, errors, lambda: False)
