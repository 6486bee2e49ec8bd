"""How often Python's collector looks for cycles of unreachable objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ALLOCATIONS: Final = 50_000
"""Objects made before the collector runs. A trial is thousands of objects, none in a cycle: at Python's own
700 the looking took a fifth of an import's time, and held up the slowest of a server's answers for 100 ms and more."""


@contextmanager
def seldom_sought() -> Iterator[None]:
    """Makes the collector run seldom within the context, and never look at objects made before it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
