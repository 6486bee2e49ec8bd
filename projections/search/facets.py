"""Values that a search filters by, from a trial's document."""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from events.schemas.eligibility import AgeUnit
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import first_day, last_day
from projections.search.prefectures import place_of
from projections.search.words import normalise
from projections.trial.document import Document
from projections.trial.freshness import confirmed_of

IN_A_YEAR: Final = {
    AgeUnit.YEARS.value: Fraction(1),
    AgeUnit.MONTHS.value: Fraction(12),
    AgeUnit.WEEKS.value: Fraction(36525, 700),
    AgeUnit.DAYS.value: Fraction(36525, 100),
    AgeUnit.HOURS.value: Fraction(36525 * 24, 100),
    AgeUnit.MINUTES.value: Fraction(36525 * 24 * 60, 100),
}
HOLDS_UNTIL: Final = {
    RecruitmentStatus.RECRUITING: "recruits_until",
    RecruitmentStatus.BY_INVITATION: "invites_until",
    RecruitmentStatus.NOT_YET: "begins_until",
}
"""Recruitment that holds until a day, and the field of that day: the first whose day lies ahead, or else as stated."""
NO_AGE: Final = "empty"
WORDS: Final = re.compile(r"\w+")


def ages(eligibility: Document) -> str:
    """The ages in years that may take part, as a numrange literal. TRDS item 14.

    A limit counts completed units: up to 65 years inclusive ends on the 66th birthday. An unknown limit excludes
    nobody, like an unlimited one.
    """
    low = _bound(eligibility.get("minimum_age"), past=lambda inclusive: not inclusive)
    high = _bound(eligibility.get("maximum_age"), past=lambda inclusive: inclusive)
    if low is not None and high is not None and low >= high:
        return NO_AGE
    return f"[{_decimal(low)},{_decimal(high)})"


def _bound(limit: Any, past: Any) -> Fraction | None:
    if not isinstance(limit, dict):
        return None
    return _years(limit["value"] + past(limit.get("inclusive", True)), limit["unit"])


@lru_cache(maxsize=2_000)
def _years(number: int, unit: str) -> Fraction:
    return Fraction(number) / IN_A_YEAR[unit]


@lru_cache(maxsize=2_000)
def _decimal(years: Fraction | None) -> str:
    return "" if years is None else f"{float(years):.6f}"


def days(stated: Document | None) -> str | None:
    """The days that a stated date can mean, as a daterange literal; None where it is unknown."""
    if stated is None:
        return None
    return f"[{first_day(stated['date']).isoformat()},{last_day(stated['date']).isoformat()}]"


def countries(sites: Document) -> set[str]:
    """Countries of the sites that have not left; of recruitment are those registered, too (TRDS item 11)."""
    return {
        site["place"]["country"]
        for site in sites.values()
        if "country" in site.get("place", ()) and site["authorisation"] != AuthorisationStatus.ENDED
    }


def registered(document: Document) -> str | None:
    """The first day that the registration's date can mean: here, or else at its home."""
    day = document.get("registered") or document.get("home", {}).get("registered")
    return first_day(day).isoformat() if day else None


def confirmed(document: Document) -> str | None:
    """The first day on which the trial's status can last have been confirmed."""
    known = confirmed_of(document)
    return known.first.isoformat() if known else None


def traits(document: Document) -> str:
    """The other values that a trial is filtered by, as an array literal of traits, each once."""
    registration, found = document["registration"], set[str]()
    if regime := registration.get("legal_regime"):
        found.add(trait("regime", regime))
    if kind := registration.get("primary_sponsor", {}).get("kind"):
        found.add(trait("sponsor", kind))
    for site in document["sites"].values():
        if site["authorisation"] != AuthorisationStatus.ENDED:
            found.update(_of_place(site.get("place", {})))
    for gate in document.get("gates", {}).values():
        if "removed" not in gate:
            found.add(trait("programme", gate["programme"]))
            # Nothing of an application is public before its decision (ADR 0074).
            if "state" in gate and "region" in gate:
                found.add(trait("region", gate["region"]))
    return "{" + ",".join([f'"{one}"' for one in sorted(found)]) + "}"


def _of_place(place: Document) -> Iterator[str]:
    if "city" in place:
        yield trait("city", place["city"])
    if (prefecture := place_of(place.get("region", ""))) is not None:
        yield trait("prefecture", str(prefecture))


def trait(kind: str, value: str) -> str:
    """A value that a trial can be filtered by, in the form in which it is compared. It has no marks."""
    return f"{kind}:{' '.join(WORDS.findall(normalise(value)))}"
