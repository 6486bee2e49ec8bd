"""Results that are kept: of objects while they are in use, and of short texts."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final, TypeVar

KEPT: Final = 512
SHARED: Final = 8_000_000
"""Bytes of documents that results are kept of. They keep the documents, too, which nobody else may need any more."""
Result = TypeVar("Result")


class _All:
    """Functions that clear the caches of this process, and the bytes of the documents seen since the last clearing."""

    def __init__(self) -> None:
        self.caches: list[Callable[[], None]] = []
        self.size = 0


_all = _All()


def forget_beyond(most: int, size: int) -> None:
    """Takes note of documents of a size; forgets all results where those since the last time have more bytes."""
    _all.size += size
    if _all.size > most:
        _all.size = 0
        for clear in _all.caches:
            clear()


class _Same:
    """An object that is equal to itself only. It is held, so that no other can come to be taken for it."""

    __slots__ = ("it",)

    def __init__(self, it: object) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


def once_for_each(function: Callable[[dict[str, Any]], Result]) -> Callable[[dict[str, Any]], Result]:
    """Calls the function once for an object as long as that is among the latest; nobody may change the object.

    Documents share what an event left alone, and what is made of a shared part is shared then, too.
    """

    @lru_cache(maxsize=KEPT)
    def result_of(same: _Same) -> Result:
        return function(same.it)  # type: ignore[arg-type]

    _all.caches.append(result_of.cache_clear)

    @wraps(function)
    def of(it: dict[str, Any]) -> Result:
        return result_of(_Same(it))

    return of


SHORT: Final = 64
"""Characters of a text whose result is kept. No word and no number is longer; what is, is written to fill memory."""


def short_ones_kept(most: int) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    """Keeps the results for so many of the latest short texts."""

    def keeping(function: Callable[[str], str]) -> Callable[[str], str]:
        cached = lru_cache(maxsize=most)(function)

        @wraps(function)
        def of(text: str) -> str:
            return cached(text) if len(text) <= SHORT else function(text)

        return of

    return keeping
