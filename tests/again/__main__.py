"""`python -m tests.again [--runs N] [COMMAND …]`: runs all tests N times while every core is kept busy.

Prints the result and the time of each run and the tests that failed; ends with 1 where a run failed. What each run
printed is under build/ten-times.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.again.busy import every_core_busy

ROOT: Final = Path(__file__).resolve().parents[2]
LOGS: Final = ROOT / "build" / "ten-times"
SUITE: Final = ("make", "--no-print-directory", "suite")
console = Console(width=150, highlight=False)


def main(runs: int, command: Sequence[str]) -> int:
    """The exit status."""
    LOGS.mkdir(parents=True, exist_ok=True)
    failed: Counter[str] = Counter()
    unsuccessful = 0
    with every_core_busy():
        for number in range(1, runs + 1):
            status, seconds, printed = run(command, LOGS / f"run-{number}.log")
            unsuccessful += status != 0
            names = failures(printed)
            failed.update(names)
            result = "passed" if status == 0 else f"FAILED with {status}"
            console.print(f"run {number}: {result} in {seconds / 60:.1f} minutes; {'; '.join(totals(printed))}")
            for name in names:
                console.print(f"  {name}", markup=False, soft_wrap=True)
    console.print(f"{runs - unsuccessful} of {runs} runs passed, with every core busy")
    for name, times in failed.most_common():
        console.print(f"  {times} × {name}", markup=False, soft_wrap=True)
    return int(unsuccessful > 0)


def run(command: Sequence[str], log: Path) -> tuple[int, float, str]:
    """The exit status of the command, its time, and its output."""
    began = time.monotonic()
    with log.open("wb") as out:
        status = subprocess.run(command, check=False, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT).returncode
    return status, time.monotonic() - began, log.read_text(encoding="utf-8", errors="replace")


def failures(printed: str) -> list[str]:
    """The tests that pytest names in its short summaries."""
    return [line.partition(" - ")[0] for line in printed.splitlines() if line.startswith(("FAILED ", "ERROR "))]


def totals(printed: str) -> list[str]:
    """The last line of each run of pytest: the numbers of passed and failed tests, and the time."""
    return [
        line.strip("= ") for line in printed.splitlines() if " in " in line and (" passed" in line or " failed" in line)
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make ten-times", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("command", nargs="*", default=SUITE, help="what to run instead of all tests")
    arguments = parser.parse_args()
    sys.exit(main(arguments.runs, arguments.command))
