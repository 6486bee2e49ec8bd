"""A command that a script starts in the background, where SIGINT is ignored."""

import signal
import subprocess
import sys

from tests.support.servers import ROOT
from tests.support.waiting import PATIENCE

WORK = """
import asyncio
from registry.cli.running import run

async def work():
    print("runs", flush=True)
    await asyncio.Event().wait()

run(work())
"""


def test_sigterm_ends_a_command_that_was_started_in_the_background() -> None:
    in_background = ("bash", "-c", 'trap \'\' INT; exec "$0" -c "$1"', sys.executable, WORK)
    with subprocess.Popen(in_background, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"runs\n"
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        finally:
            process.kill()

    assert process.returncode != -signal.SIGKILL
