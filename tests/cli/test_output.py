"""What commands print arrives whole, whatever interrupts the writing of it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.servers import ROOT

PRINTED = 1_000_000
SCRIPT = f"""
import signal
from registry.cli.output import print_json, write_whole
signal.signal(signal.SIGUSR1, lambda *_: None)
write_whole()
print_json("x" * {PRINTED})
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_long_document_is_whole_though_signals_cut_its_writing_short(unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        printed = process.stdout.read(1)
        # It waits in a write now, as the pipe holds less than the document.
        for _ in range(5):
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.05)
            printed += process.stdout.read(10_000)
        printed += process.stdout.read()

    assert process.returncode == 0
    assert len(printed) == PRINTED + len('""\n')
