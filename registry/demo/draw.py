"""Choices that look random and are always the same: each follows from its name alone, so that none affects another."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draw:
    """A source of choices, named for their purpose."""

    name: str

    def number(self, what: str, low: int, high: int) -> int:
        """A whole number from low to high, both included; low if high is not above it."""
        digest = hashlib.sha256(f"{self.name}/{what}".encode()).digest()
        return low + int.from_bytes(digest[:8]) % max(1, high - low + 1)

    def pick(self, what: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(what, 0, len(options) - 1)]

    def some(self, what: str, options: Sequence[T], count: int) -> list[T]:
        """As many different options, or all, in a drawn order."""
        ranked = sorted(range(len(options)), key=lambda each: self.number(f"{what}/{each}", 0, 2**60))
        return [options[each] for each in ranked[:count]]

    def chance(self, what: str, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self.number(what, 1, 100) <= percent


def spread(shares: Mapping[T, int], count: int) -> list[T]:
    """The names in proportion to their shares, mixed evenly: every stretch has about as many of each."""
    total = sum(shares.values())
    counts = dict.fromkeys(shares, 0)
    names: list[T] = []
    for number in range(1, count + 1):
        furthest = max(shares, key=lambda name: shares[name] * number / total - counts[name])
        counts[furthest] += 1
        names.append(furthest)
    return names
