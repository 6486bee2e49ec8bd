"""Memory of large bodies and answers goes back to the system as soon as they are freed."""

import ctypes
from contextlib import suppress
from typing import Final

M_MMAP_THRESHOLD: Final = -3
"""From glibc's malloc.h."""
LARGE: Final = 128 * 1024
"""Bytes from which a block is mapped by itself, and unmapped when it is freed: glibc's initial value.

Once set, it stays. Otherwise glibc raises it to the largest block freed so far (mallopt(3)). Bodies are then kept among
small objects, whose pages never empty: a node under hostile bodies kept 200 MB where it now has 100.
"""


def give_back() -> None:
    """Sets this in glibc for the whole process; any other C library is left alone."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
