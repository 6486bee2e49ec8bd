"""The sites of a trial by prefecture and country, each with its status and when it was reported and verified."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from projections.search.prefectures import PREFECTURES, place_of
from projections.trial.courses import ENROLLING, Joining
from projections.trial.document import Document
from projections.trial.joining import at_sites
from registry.pages import values
from registry.pages.contacts import ContactShown, contacts_shown, of_site
from registry.pages.coordination import halt_sentence, standing_halts
from registry.pages.joining import Badge, badge_of_part
from registry.pages.prefectures import name_of
from registry.pages.shown import Passage, bilingual
from registry.pages.words import Words

JAPAN: Final = "JP"


Contacts: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""Contacts in clear by the site's id; those of the trial itself under OF_TRIAL."""
OF_TRIAL: Final = ""
NO_CONTACTS: Final[Contacts] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SiteShown:
    """A site as the board shows it. Dates are in words."""

    site: str
    name: Passage
    city: str
    status: Badge
    open: bool
    """Whether somebody can join there."""
    until: str
    """The day on which that changes unless somebody reports, or empty."""
    reported: str
    verified: str
    why: Passage | None
    enrolled: int | None
    contacts: tuple[ContactShown, ...] = ()
    halts: tuple[tuple[str, Passage | None], ...] = ()
    """Halts of the site itself that are in force, in words, each with its reason."""


@dataclass(frozen=True, slots=True)
class Region:
    """A prefecture, or a country, and its sites."""

    name: str
    sites: tuple[SiteShown, ...]


def board(words: Words, document: Document, day: date, contacts: Contacts = NO_CONTACTS) -> tuple[Region, ...]:
    """The sites, by prefecture in the usual order, then those in Japan without one, then countries by name.

    Within a place, sites that recruit on the day come first.
    """
    grouped: dict[tuple[int, str], list[SiteShown]] = {}
    sites = [site for _, site in sorted(document["sites"].items()) if "same_as" not in site]
    for site, answer in at_sites(document, sites, day):
        region = _region(words, site.get("place", {}))
        grouped.setdefault(region, []).append(site_shown(words, site, answer, contacts))
    return tuple(Region(name, tuple(sorted(sites, key=_recruits_not))) for (_, name), sites in sorted(grouped.items()))


def _recruits_not(site: SiteShown) -> bool:
    return not site.open


def contacts_of_open_sites(document: Document, day: date) -> Iterator[tuple[str, list[Document]]]:
    """The contacts of each site that recruits, by invitation too, sealed as in the document."""
    for site, answer in at_sites(document, document["sites"].values(), day):
        if answer.recruitment in ENROLLING and (contacts := of_site(site)):
            yield site["site"], contacts


def site_shown(words: Words, site: Mapping[str, Any], answer: Joining, contacts: Contacts = NO_CONTACTS) -> SiteShown:
    """A site, and whether somebody can join there."""
    return SiteShown(
        site=site["site"],
        name=bilingual(words, site["name"]),
        city=site.get("place", {}).get("city", ""),
        status=badge_of_part(words, site, answer),
        open=answer.possible,
        until=words.date(answer.until.isoformat()) if answer.until else "",
        reported=words.date(site["changed"]["on"]) if "changed" in site else "",
        verified=words.date(site["verified"]["on"]) if "verified" in site else "",
        why=values.text(words, site["why"]) if "why" in site else None,
        enrolled=site.get("enrolled"),
        contacts=contacts_shown(words, contacts.get(site["site"], ())),
        halts=tuple(
            (halt_sentence(words, halt), values.text(words, halt["why"]) if "why" in halt else None)
            for halt in standing_halts(site)
        ),
    )


def _region(words: Words, place: Mapping[str, Any]) -> tuple[int, str]:
    country, region = place.get("country", JAPAN), place.get("region")
    if country != JAPAN:
        return len(PREFECTURES) + 2, words.country(country)
    if region is None:
        return len(PREFECTURES) + 1, words.say("trial.unplaced")
    at = place_of(region)
    return len(PREFECTURES) if at is None else at, name_of(words, region)
