"""Prefectures of Japan as pages name them."""

from projections.search.prefectures import PREFECTURES, place_of
from registry.pages.words import Words


def name_of(words: Words, region: str) -> str:
    """The prefecture's name in the language; any other text stays as it is."""
    place = place_of(region)
    return region if place is None else PREFECTURES[place][words.language]
