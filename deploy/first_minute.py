#!/usr/bin/env python3
"""The first minute: how long a fresh clone takes, with `make run` alone, until its page shows trials.

Prints the seconds in all and those after downloads and installations, and fails if these are more than a minute.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LIMIT: Final = 60.0
"""Seconds that a start may take once everything is installed."""
PATIENCE: Final = 240.0
"""Seconds after which an installation, or a start, counts as hanging."""
GRACE: Final = 60.0
"""Seconds in which everything must stop before it is killed."""


def main() -> int:
    """Clones, starts, waits, prints, stops; the exit code says whether it took less than a minute."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("first_minute: stopped"))
    with tempfile.TemporaryDirectory(prefix="registry-first-minute-") as folder:
        clone = Path(folder) / "registry"
        subprocess.run(("git", "clone", "-q", str(ROOT), str(clone)), check=True)
        begun = time.monotonic()
        installed, shown = run(clone)
    print(f"in all                  {shown - begun:6.1f} s")
    print(f"after it was installed  {shown - installed:6.1f} s")
    return int(shown - installed > LIMIT)


def run(clone: Path) -> tuple[float, float]:
    """The moments when `make run` had installed everything, and when its page showed trials; it is then stopped."""
    port = free_port()
    errors = clone.parent / "errors"
    settings = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
    started = subprocess.Popen(
        ("make", "run"),
        cwd=clone,
        env={**settings, "REGISTRY_PORT": str(port)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=errors.open("wb"),
    )
    try:
        installed = when(started, errors, (clone / ".venv" / ".runtime-installed").exists)
        return installed, when(started, errors, lambda: shows_trials(f"http://127.0.0.1:{port}"))
    finally:
        stop(started, clone)


def when(started: subprocess.Popen[bytes], errors: Path, happened: Callable[[], bool]) -> float:
    """The moment at which it happened; raises SystemExit if the registry ended or hung before."""
    ends = time.monotonic() + PATIENCE
    while not happened():
        if started.poll() is not None or time.monotonic() > ends:
            sys.exit(f"first_minute: no trials were shown\n{errors.read_text()[-4_000:]}")
        time.sleep(0.05)
    return time.monotonic()


def shows_trials(address: str) -> bool:
    """Whether the page links to trials; if there is no page, whether the API's search finds some."""
    try:
        with urllib.request.urlopen(f"{address}/", timeout=30) as page:
            return b"/trials/" in page.read()
    except urllib.error.HTTPError as refused:
        if refused.code != HTTPStatus.NOT_FOUND:
            return False
        with urllib.request.urlopen(f"{address}/v1/trials?limit=1", timeout=30) as found:
            return bool(json.load(found)["total"])
    except OSError:
        return False


def stop(started: subprocess.Popen[bytes], clone: Path) -> None:
    """Stops the started processes, as Ctrl-C would, and kills any that go on; its PostgreSQL has then ended, too."""
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGINT)
    try:
        started.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    end_server(clone / "data" / "postgres" / "postmaster.pid")


def end_server(pid_file: Path) -> None:
    """Returns when the server has ended: with the last process that uses it, or by a signal from here."""
    ends = time.monotonic() + GRACE
    with suppress(FileNotFoundError, ProcessLookupError):
        while pid_file.exists():
            if time.monotonic() > ends:
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
                ends += GRACE
            time.sleep(0.05)


def free_port() -> int:
    """A free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
