"""Memory that large bodies and answers took goes back to the system as soon as they are let go."""

import ctypes
from contextlib import suppress
from typing import Final

M_MMAP_THRESHOLD: Final = -3
"""malloc.h of glibc."""
LARGE: Final = 128 * 1024
"""Bytes from which a block is mapped by itself, and unmapped when it is freed: glibc's own first value.

Once set, it stays. Otherwise glibc raises it to the largest block freed so far (mallopt(3)). Bodies are then kept among
small objects, whose pages never empty: a node under hostile bodies kept 200 MB where it now has 100.
"""


def give_back() -> None:
    """Asks it of glibc, for the whole process; another C library has its own way, and is left alone."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
