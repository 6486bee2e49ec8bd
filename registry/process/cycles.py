"""How often a process looks for cycles of objects that nothing else refers to."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ALLOCATIONS: Final = 50_000
"""Objects made before the collector looks for some. A trial is thousands of objects, none in a cycle: at Python's own
700 the looking took a fifth of an import's time, and held up the slowest of a server's answers for 100 ms and more."""


@contextmanager
def seldom_sought() -> Iterator[None]:
    """Looks seldom within the context, and never among what was there before it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
