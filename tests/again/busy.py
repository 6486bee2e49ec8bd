"""A bounded load: every core is kept busy, and by no more than one process."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SPUN: Final = 0.1
"""Seconds between two checks of a busy process that its parent still runs."""


@contextmanager
def every_core_busy() -> Iterator[None]:
    """One process for each core that does nothing but count, until the end of the context or of this process."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=_count, args=(os.getpid(),), daemon=True) for _ in range(os.cpu_count() or 1)]
    for one in busy:
        one.start()
    try:
        yield
    finally:
        for one in busy:
            one.terminate()
            one.join()


def _count(parent: int) -> None:
    while os.getppid() == parent:
        ends = time.monotonic() + SPUN
        while time.monotonic() < ends:
            pass
