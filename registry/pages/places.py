"""The sites of a trial by prefecture and country, each with its status and when it was reported and verified."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from projections.document import Document
from projections.search.facets import STOPPED
from registry.pages import values
from registry.pages.contacts import ContactShown, contacts_shown, of_site
from registry.pages.prefectures import PREFECTURES, name_of, place_of
from registry.pages.values import Said
from registry.pages.words import Words

JAPAN: Final = "JP"
TONES: Final[Mapping[str, str]] = {
    RecruitmentStatus.RECRUITING: "open",
    RecruitmentStatus.BY_INVITATION: "open",
    RecruitmentStatus.NOT_YET: "waiting",
    RecruitmentStatus.PAUSED: "paused",
    RecruitmentStatus.CLOSED: "over",
    RecruitmentStatus.COMPLETED: "over",
    RecruitmentStatus.UNKNOWN: "unknown",
}


Contacts: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""Contacts in clear by the site's id; those of the trial itself under OF_TRIAL."""
OF_TRIAL: Final = ""
NO_CONTACTS: Final[Contacts] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in few words; the tone gives its colour, which never says more than the words."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class SiteShown:
    """A site as the board shows it. Dates are in words."""

    site: str
    name: Said
    city: str
    status: Badge
    reported: str
    verified: str
    why: Said | None
    enrolled: int | None
    contacts: tuple[ContactShown, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A prefecture, or a country, and its sites."""

    name: str
    sites: tuple[SiteShown, ...]


def headline(words: Words, status: Mapping[str, Any]) -> Badge:
    """A trial's status in one sentence: its authorisation where that stands in the way, else its recruitment."""
    if status["authorisation"] != AuthorisationStatus.PUBLISHED:
        return Badge(words.say(f"headline_authorisation.{status['authorisation']}"), "over")
    return Badge(words.say(f"headline_recruitment.{status['recruitment']}"), TONES[status["recruitment"]])


def board(words: Words, document: Document, contacts: Contacts = NO_CONTACTS) -> tuple[Region, ...]:
    """The sites, by prefecture in the usual order, then those in Japan without one, then countries by name.

    Of one place those that recruit come first.
    """
    grouped: dict[tuple[int, str], list[SiteShown]] = {}
    for _, site in sorted(document["sites"].items()):
        if "same_as" not in site:
            region = _region(words, site.get("place", {}))
            grouped.setdefault(region, []).append(site_shown(words, document["status"], site, contacts))
    return tuple(Region(name, tuple(sorted(sites, key=_recruits_not))) for (_, name), sites in sorted(grouped.items()))


def _recruits_not(site: SiteShown) -> bool:
    return site.status.tone != "open"


def contacts_of_open_sites(words: Words, document: Document) -> Iterator[tuple[str, list[Document]]]:
    """The contacts of each site where somebody can join, sealed as the document has them."""
    for name, site in document["sites"].items():
        if (contacts := of_site(site)) and status_of(words, document["status"], site).tone == "open":
            yield name, contacts


def status_of(words: Words, trial: Mapping[str, Any], site: Mapping[str, Any]) -> Badge:
    """What a patient may rely on: a site recruits only while it and its trial are authorised and not stopped."""
    recruitment, authorisation = site["recruitment"], site["authorisation"]
    if authorisation != AuthorisationStatus.PUBLISHED:
        return Badge(words.say(f"authorisation.{authorisation}"), "over")
    stopped = trial["authorisation"] != AuthorisationStatus.PUBLISHED or trial["recruitment"] in STOPPED
    if stopped and TONES[recruitment] == "open":
        return Badge(words.say("trial.trial_stopped"), "paused")
    return Badge(words.say(f"recruitment.{recruitment}"), TONES[recruitment])


def site_shown(
    words: Words, trial: Mapping[str, Any], site: Mapping[str, Any], contacts: Contacts = NO_CONTACTS
) -> SiteShown:
    """A site of a trial of this status."""
    return SiteShown(
        site=site["site"],
        name=values.bilingual(words, site["name"]),
        city=site.get("place", {}).get("city", ""),
        status=status_of(words, trial, site),
        reported=words.date(site["changed"]["on"]) if "changed" in site else "",
        verified=words.date(site["verified"]["on"]) if "verified" in site else "",
        why=values.text(words, site["why"]) if "why" in site else None,
        enrolled=site.get("enrolled"),
        contacts=contacts_shown(words, contacts.get(site["site"], ())),
    )


def _region(words: Words, place: Mapping[str, Any]) -> tuple[int, str]:
    country, region = place.get("country", JAPAN), place.get("region")
    if country != JAPAN:
        return len(PREFECTURES) + 2, words.country(country)
    if region is None:
        return len(PREFECTURES) + 1, words.say("trial.unplaced")
    at = place_of(region)
    return len(PREFECTURES) if at is None else at, name_of(words, region)
