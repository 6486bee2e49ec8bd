"""The output of commands arrives whole, whatever interrupts the writing."""

import os
import signal
import subprocess
import sys
import time
import tomllib

import pytest

from tests.support.servers import ROOT

PRINTED = 1_000_000
SCRIPT = f"""
import signal
from registry.cli.output import print_json, writing_whole
signal.signal(signal.SIGUSR1, lambda *_: None)
with writing_whole():
    print_json("x" * {PRINTED})
"""
WAYS = (
    "output.print_json('x')",
    "rows = output.JsonRows(); rows(['x'] * 20_000); rows(())",
    "output.print_line('x')",
    "output.print_bare('x')",
    "output.print_facts({'x': 1})",
    "output.print_rows('x', [{'x': 1}])",
    "sys.stdout.buffer.write(b'x')",
    "sys.stdout.buffer.write(b'x' * 1_000_000)",
    "app.with_commands(app.app)(['--help'])",
    "app.with_commands(app.app)(['--version'])",
    "app.with_commands(app.app)(['log', 'dump', '--help'])",
)
"""Every way in which a command prints."""
WAY = """
import sys
from registry.cli import app, output, running

async def work():
    {way}

with output.writing_whole():
    {run}
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_long_document_is_whole_though_signals_cut_its_writing_short(unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        printed = process.stdout.read(1)
        # It waits in a write now, because the pipe holds less than the document.
        for _ in range(5):
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.05)
            printed += process.stdout.read(10_000)
        printed += process.stdout.read()

    assert process.returncode == 0
    assert len(printed) == PRINTED + len('""\n')


def ended(way: str, into: int) -> tuple[int, str]:
    """Exit code and standard error of a command that prints in this way, from its work or after it."""
    run = way if way.startswith("app.") else "running.run(work())"
    script = WAY.format(way="pass" if way.startswith("app.") else way, run=run)
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        stdout=into,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_ends_a_command_in_one_line(way: str) -> None:
    with open("/dev/full", "wb") as full:
        assert ended(way, full.fileno()) == (1, "registry: the output could not be written: No space left on device\n")


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_who_leaves_ends_a_command_silently_as_shells_expect(way: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended(way, writing) == (128 + signal.SIGPIPE, "")
    finally:
        os.close(writing)


def test_the_version_is_the_packages() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    printed = subprocess.run(
        [sys.executable, "-c", "from registry.cli import main; main()", "--version"],
        capture_output=True,
        check=True,
        text=True,
        cwd=ROOT,
    )

    assert printed.stdout == f"registry {stated}\n"
