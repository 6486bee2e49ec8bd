"""The countries of a trial whose register has a row for each: the status in each."""

from dataclasses import dataclass
from datetime import date

from projections.trial.document import Document
from registry.pages.joining import badge_of_part, of_region
from registry.pages.values import ISO_3166_1, region_name
from registry.pages.words import Words


@dataclass(frozen=True, slots=True)
class RegionShown:
    """A country, or those outside the union, and its status in words."""

    name: str
    status: str


def regions_shown(words: Words, document: Document, day: date) -> tuple[RegionShown, ...]:
    """The countries by their codes, then those outside any one country; empty if the register has one row for all."""
    rows = sorted(document.get("regions", {}).items(), key=lambda row: (len(row[0]) != ISO_3166_1, row[0]))
    return tuple(
        RegionShown(region_name(words, code), badge_of_part(words, status, of_region(document, code, day)).words)
        for code, status in rows
    )
