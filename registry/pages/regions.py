"""The countries of a trial whose register has a row for each: what holds in each of them."""

from dataclasses import dataclass
from datetime import date

from projections.document import Document
from registry.pages.joining import badge_of_region
from registry.pages.values import ISO_3166_1, region_name
from registry.pages.words import Words


@dataclass(frozen=True, slots=True)
class RegionShown:
    """A country, or those outside the union, and its status in words."""

    name: str
    status: str


def regions_shown(words: Words, document: Document, day: date) -> tuple[RegionShown, ...]:
    """The countries by their codes, then what is no one country; none where the register has one row for all."""
    codes = sorted(document.get("regions", ()), key=lambda code: (len(code) != ISO_3166_1, code))
    return tuple(
        RegionShown(region_name(words, code), badge_of_region(words, document, code, day).words) for code in codes
    )
