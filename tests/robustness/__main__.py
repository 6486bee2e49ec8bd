"""`python -m tests.robustness [COUNT [SEED [PROCESSES]]]`: carries examples in rounds, and prints the slowest of each.

Rounds run side by side, in one process for each core. A round that fails is named with its example; the others go on.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from rich.console import Console

from tests.robustness.carrying import Tally
from tests.robustness.rounds import one_round, tally_table
from tests.support.postgres import own_server

COUNT, ROUND = 100_000, 1_000
"""Examples, and how many of them share a registry."""


def main(count: int = COUNT, first: int = 1, processes: int = os.cpu_count() or 1) -> int:
    """The exit status: 1 if an example can't be carried; prints a line after each round, then a table."""
    console, tally, failed, began = Console(width=150), Tally(), 0, time.monotonic()
    with own_server() as url, _pool(processes) as pool:
        rounds: dict[Future[Tally], int] = {}
        for number, size in enumerate(_sizes(count), first):
            rounds[pool.submit(one_round, size, number, url)] = number
        for done, future in enumerate(as_completed(rounds), 1):
            try:
                tally.add(future.result())
            except Exception as fault:
                failed += 1
                console.print(f"{fault}\n{fault.__cause__}", markup=False)
            took = time.monotonic() - began
            console.print(f"{done} of {len(rounds)} rounds in {took:.0f} s; seed {rounds[future]}, {failed} failed")
    console.print(tally_table(tally))
    return int(failed > 0)


def _pool(processes: int) -> ProcessPoolExecutor:
    # A forked child would share the parent's connection with PostgreSQL.
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _sizes(count: int) -> Iterator[int]:
    while count > 0:
        yield min(ROUND, count)
        count -= ROUND


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
