"""Prefectures of Japan by their names in both languages, however a source spells them."""

import csv
import unicodedata
from importlib.resources import files
from typing import Final

from events.normal_form import nfkd

PREFECTURES: Final = tuple(
    csv.DictReader(files(__package__).joinpath("prefectures.csv").read_text("utf-8").splitlines())
)
"""In the order of their codes (JIS X 0401), by which people in Japan expect them."""
ENDINGS: Final = ("", "-to", "-fu", "-ken", " to", " fu", " ken", "都", "府", "県")
PLACES: Final = {
    name: place
    for place, prefecture in enumerate(PREFECTURES)
    for name in (prefecture["en"].lower(), prefecture["ja"], prefecture["ja"][:-1])
}
"""The place of each prefecture by its bare name."""


def place_of(region: str) -> int | None:
    """The place of the prefecture among all of them; None for a text that is no prefecture."""
    return PLACES.get(_bare(region))


def _bare(region: str) -> str:
    """A prefecture's name without what spellings differ in: 県 and -ken, Prefecture, the length of vowels."""
    folded = nfkd(region).lower().replace(" prefecture", "").strip()
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return next((plain.removesuffix(ending) for ending in ENDINGS if plain.removesuffix(ending) in PLACES), plain)
