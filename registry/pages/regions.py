"""The countries of a trial whose register has a row for each: what holds in each of them."""

from dataclasses import dataclass

from events.schemas.status import AuthorisationStatus
from projections.document import Document
from registry.pages.values import ISO_3166_1, region_name
from registry.pages.words import Words


@dataclass(frozen=True, slots=True)
class RegionShown:
    """A country, or those outside the union, and its status in words."""

    name: str
    status: str


def regions_shown(words: Words, document: Document) -> tuple[RegionShown, ...]:
    """The countries by their codes, then what is no one country; none where the register has one row for all."""
    regions = sorted(document.get("regions", {}).items(), key=lambda one: (len(one[0]) != ISO_3166_1, one[0]))
    return tuple(RegionShown(region_name(words, code), _status(words, status)) for code, status in regions)


def _status(words: Words, status: Document) -> str:
    if status["authorisation"] != AuthorisationStatus.PUBLISHED:
        return words.say(f"authorisation.{status['authorisation']}")
    return words.say(f"recruitment.{status['recruitment']}")
