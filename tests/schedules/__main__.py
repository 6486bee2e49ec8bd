"""`python -m tests.schedules [COUNT [SEED]]`: random schedules beside a plain model; prints how many, and a tally."""

import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console

from tests.schedules.schedule import run_all

COUNT, PART = 100_000, 500
"""Schedules, and how many one process runs at a time."""


def main(count: int = COUNT, first_seed: int = 0) -> None:
    """Runs them on every core; raises what a schedule raises, with its seed in a note."""
    began, console = time.monotonic(), Console()
    starts = range(first_seed, first_seed + count, PART)
    parts = [range(start, min(start + PART, first_seed + count)) for start in starts]
    tally = Counter[str]()
    with ProcessPoolExecutor() as processes:
        for found in processes.map(run_all, parts):
            tally += found
    console.print(f"{count:,} schedules from seed {first_seed} in {time.monotonic() - began:,.0f} s, all as predicted")
    for name, times in sorted(tally.items()):
        console.print(f"{times:>12,}  {name}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
