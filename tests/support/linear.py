"""Whether what is done with a text takes time in proportion to its length, told by processor time."""

from collections.abc import Callable
from statistics import median
from typing import Final

ROUNDS: Final = 3
TRIES: Final = 3
"""A core that other work shares is slow for a while; what is quadratic is so each time."""
MOST: Final = 3.2
"""Times as long that twice the text may take."""


def assert_linear(seconds: Callable[[str], float], text: str, few: float, told: str = "") -> float:
    """Fails where the text takes much more than twice as long as its first half, and more than a `few` seconds.

    `seconds` does the work once and says how long it took. Returns what the half took.
    """
    found = []
    for _ in range(TRIES):
        once, twice = (median(seconds(of) for _ in range(ROUNDS)) for of in (text[: len(text) // 2], text))
        if twice <= max(few, MOST * once):
            return once
        found.append(f"{once:.3f} s, then {twice:.3f} s")
    raise AssertionError(f"{told}: {'; '.join(found)}")
