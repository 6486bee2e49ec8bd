"""How well a trial fits what was asked, as one whole number: the same on every node and after every merge.

A score is a sum of constants, each a whole number, so that adding them in any order gives the same float. It says, from
its highest bits down: whose number was asked for, whether somebody can join, whether all terms stand in titles or
conditions, and how weighty the fields are in which each term stands, the more so the rarer the term is.
"""

from typing import Final

from projections.search import shape

OURS, BORNE, CLAIMED = 3 << 18, 2 << 18, 1 << 18
JOINABLE: Final = 1 << 17
TITLED: Final = 1 << 16
"""All of them are below 2²⁴, up to which 32-bit floats are exact."""
WEIGHTS: Final = {shape.TITLES: 8, shape.CONDITIONS: 6, shape.SPONSORS: 3, shape.REST: 2}
MOST: Final = max(WEIGHTS.values())
RARE: Final = 24
"""Bits of the number of trials from which on a term counts for nothing, and what one in a single trial counts."""


def rarity(trials: int) -> int:
    """How much a term counts that so many trials have: less by one for each time that they are twice as many."""
    return max(RARE - trials.bit_length(), 1)


def fit(score: float, most: int) -> float:
    """Above 0 up to 1, of a score in which the words can have `most`; 0 where it has nothing of words."""
    return round((int(score) & (TITLED - 1)) / most, 4) if most else 0.0


def goes_by_number(score: float) -> bool:
    """Whether the number asked for is one of the trial's, or one that it claims."""
    return int(score) >= CLAIMED


def claims(score: float) -> bool:
    """Whether the number asked for is one that the trial only claims."""
    return CLAIMED <= int(score) < BORNE
