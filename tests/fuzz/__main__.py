"""`python -m tests.fuzz [COUNT [SEED]]`: damaged documents through each reader, the outcomes, the slowest."""

import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from tests.fuzz.targets import TARGETS, Tally, fuzz

COUNT, PARTS = 100_000, 20
"""Documents for each reader, and the parts into which they are divided among processes."""
SHOWN = 12
"""Outcomes listed by name: damaged documents have names of their own."""
HANG = 600
"""Seconds after which a part counts as hanging."""


def _hangs(_: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"a reader hangs at {frame}")


def part(name: str, count: int, seed: int) -> Tally:
    """One part; raises TimeoutError if a reader hangs."""
    signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(HANG)
    try:
        return fuzz(name, count, seed)
    finally:
        signal.alarm(0)


def main(count: int = COUNT, first_seed: int = 1) -> None:
    """Prints a table; raises a reader's exception, with the document in a note."""
    table = Table(
        "reader",
        "documents",
        "records, by outcome",
        "slowest",
        "of",
        "seconds",
        title="Damaged documents",
        show_lines=True,
    )
    console = Console(width=150)
    seeds = range(first_seed, first_seed + PARTS)
    with ProcessPoolExecutor() as processes:
        for name in TARGETS:
            began = time.monotonic()
            found = list(zip(processes.map(partial(part, name, count // PARTS), seeds), seeds, strict=True))
            outcomes = sum((tally.outcomes for tally, _ in found), Tally().outcomes)
            (seconds, number), seed = max((tally.slowest, seed) for tally, seed in found)
            most_common = "\n".join(f"{times:>9,} {outcome}" for outcome, times in outcomes.most_common(SHOWN))
            if others := outcomes.total() - sum(times for _, times in outcomes.most_common(SHOWN)):
                most_common += f"\n{others:>9,} refused otherwise"
            documents = sum(tally.documents for tally, _ in found)
            table.add_row(
                name,
                f"{documents:,}",
                most_common,
                f"{seconds * 1000:.0f} ms",
                f"document {number} of seed {seed}",
                f"{time.monotonic() - began:.0f}",
            )
            console.print(f"{name}: {documents:,} read or refused")
    console.print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
