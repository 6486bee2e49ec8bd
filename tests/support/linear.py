"""Whether what is done with a text takes time in proportion to its length, judged by processor time.

No number of seconds proves it: a busy or slow machine takes several times as long for the same work. The tests judge
how the time grows, and only where it is long enough to compare.
"""

from collections.abc import Callable
from typing import Any, Final

ROUNDS: Final = 3
"""The least of some runs counts: whatever else the machine does only adds to one."""
TRIES: Final = 3
"""A core that other work shares is slow for a while; what is quadratic is so each time."""
MOST: Final = 3.2
"""Times as long that twice the text may take. What is linear takes twice as long, what is quadratic four times."""


def assert_linear(seconds: Callable[[Any], float], text: Any, few: float, label: str = "") -> float:
    """Fails where the text takes much more than twice as long as its first half, and more than a `few` seconds.

    `seconds` does the work once and returns its time; `label` begins the message. Returns the seconds of the half.
    """
    once, fault = growth(seconds, text, few)
    assert not fault, f"{label}: {fault}"
    return once


def growth(seconds: Callable[[Any], float], text: Any, few: float) -> tuple[float, str]:
    """What the first half of a text took, and where the whole takes too much longer than that, how long both took."""
    found = []
    for _ in range(TRIES):
        once, twice = (min(seconds(of) for _ in range(ROUNDS)) for of in (text[: len(text) // 2], text))
        if twice <= max(few, MOST * once):
            return once, ""
        found.append(f"{once:.3f} s, then {twice:.3f} s")
    return once, "; ".join(found)
