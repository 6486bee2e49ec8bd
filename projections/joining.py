"""Whether somebody can join a trial, or at one of its sites, on a day; and if not, why. ADR 0054.

The answer follows from what trial and sites say (`events/schemas/status.py`), which stays as it is, and from days. Its
course over time is made without a clock: who reads asks it for a day. So views that were built at different times have
the same bytes, and no job has to run at midnight.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias

from events.schemas.status import AuthorisationStatus as A
from events.schemas.status import RecruitmentStatus as R
from events.schemas.values import DateKind, last_day
from projections.freshness import Confirmation, confirmed_at, confirmed_of, day_after, own_reports, stale_from


class WhyNot(StrEnum):
    """Why nobody can join: by authorisation, by recruitment as it is stated, or by what follows from sites and days."""

    NOT_AUTHORISED = "not_authorised"
    REFUSED = "refused"
    SUSPENDED_BY_AUTHORITY = "suspended_by_authority"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DISCONTINUED = "discontinued"
    ENDED = "ended"
    NOT_YET = "not_yet"
    BY_INVITATION = "by_invitation"
    PAUSED = "paused"
    CLOSED = "closed"
    COMPLETED = "completed"
    UNKNOWN = "unknown"
    NO_SITE_OPEN = "no_site_open"
    TRIAL = "trial"
    LEFT = "left"
    SAME_SITE = "same_site"
    PAST_COMPLETION = "past_completion"
    NOT_CONFIRMED = "not_confirmed"


Stored: TypeAlias = Mapping[str, Any]
ENROLLING: Final = frozenset({R.RECRUITING, R.BY_INVITATION})
HOLDING: Final = (R.RECRUITING, R.BY_INVITATION, R.NOT_YET)
"""What may become untrue while nobody says anything; of several sites, the first of these is the trial's."""
OVER: Final = frozenset({R.CLOSED, R.COMPLETED})
FORBIDDEN: Final[Mapping[A, tuple[WhyNot, R]]] = {
    A.DRAFT: (WhyNot.NOT_AUTHORISED, R.NOT_YET),
    A.UNDER_REVIEW: (WhyNot.NOT_AUTHORISED, R.NOT_YET),
    A.OPINION_FAVOURABLE: (WhyNot.NOT_AUTHORISED, R.NOT_YET),
    A.FILED: (WhyNot.NOT_AUTHORISED, R.NOT_YET),
    A.OPINION_UNFAVOURABLE: (WhyNot.REFUSED, R.CLOSED),
    A.SUSPENDED_BY_AUTHORITY: (WhyNot.SUSPENDED_BY_AUTHORITY, R.PAUSED),
    A.REVOKED: (WhyNot.REVOKED, R.CLOSED),
    A.EXPIRED: (WhyNot.EXPIRED, R.CLOSED),
    A.WITHDRAWN: (WhyNot.WITHDRAWN, R.CLOSED),
    A.DISCONTINUED: (WhyNot.DISCONTINUED, R.CLOSED),
    A.ENDED: (WhyNot.ENDED, R.COMPLETED),
}
"""An authorisation under which nobody may join: why not, and what recruitment then is."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Whether somebody can join. It holds until a day, that day excluded, unless something new is said."""

    recruitment: R
    """Recruitment as it can be relied on."""
    why_not: WhyNot | None = None
    since: str | None = None
    """The date that the reason speaks of, of the precision it was stated with."""
    until: date | None = None

    @property
    def possible(self) -> bool:
        """Whether anybody whom the criteria fit can join."""
        return self.why_not is None

    def to_stored(self) -> dict[str, Any]:
        told = {"recruitment": self.recruitment, "why_not": self.why_not, "since": self.since}
        until = {"until": self.until.isoformat()} if self.until else {}
        return {name: str(said) for name, said in told.items() if said is not None} | until

    def to_json(self) -> dict[str, Any]:
        """As readers get it."""
        return {"possible": self.possible, **self.to_stored()}

    @classmethod
    def from_stored(cls, stored: Stored) -> "Joining":
        return cls(
            R(stored["recruitment"]),
            WhyNot(stored["why_not"]) if "why_not" in stored else None,
            stored.get("since"),
            date.fromisoformat(stored["until"]) if "until" in stored else None,
        )


Course: TypeAlias = tuple[Joining, ...]
"""Answers one after the other, each until its day; the last has none."""


def on(course: Course, day: date) -> Joining:
    """The answer of a day."""
    return next(answer for answer in course if answer.until is None or day < answer.until)


def of_trial(document: Stored) -> Course:
    """Whether somebody can join the trial: at a site; as it says itself where it has none, or one that says nothing.

    Of a trial whose recruitment is not known, sites that have reported themselves know more.
    """
    own = _own_course(document)
    sites = [site for site in document["sites"].values() if "same_as" not in site]
    if own[0].recruitment is R.UNKNOWN:
        reporting = [of_site(document, site) for site in sites if own_reports(site)]
        return (*_open_before(reporting, own),)
    if own[0].recruitment not in ENROLLING or not sites:
        return own
    courses = [of_site(document, site) for site in sites]
    silent = any(_may(site) and not _has_left(document, site) and site["recruitment"] == R.UNKNOWN for site in sites)
    return tuple(_together([*courses, own] if silent else courses))


def of_region(document: Stored, region: str) -> Course:
    """Whether somebody can join in a country, as its row in the register says."""
    rows = {name: one for name, one in document["sources"].items() if one.get("region") == region}
    return _own_course({**document, "status": document["regions"][region], "sources": rows})


def of_site(document: Stored, site: Stored) -> Course:
    """Whether somebody can join at a site of the trial: it and its trial must be authorised and recruit."""
    if "same_as" in site:
        return (Joining(R(site["recruitment"]), WhyNot.SAME_SITE),)
    if _has_left(document, site):
        return (Joining(R.CLOSED, WhyNot.LEFT, site.get("changed", {}).get("on")),)
    status = document["status"]
    if not _may(site):
        return (_forbidden(site),)
    if site["recruitment"] not in ENROLLING:
        return _said(document, R(site["recruitment"]), confirmed_at(document, site))
    if not _may(status):
        return (Joining(_forbidden(status).recruitment, WhyNot.TRIAL),)
    match R(status["recruitment"]):
        case R.UNKNOWN if not own_reports(site):
            return _own_course(document)
        case R.RECRUITING | R.UNKNOWN:
            return _said(document, R(site["recruitment"]), confirmed_at(document, site))
        case R.BY_INVITATION:
            return _said(document, R.BY_INVITATION, confirmed_at(document, site))
        case other:
            return (Joining(other, WhyNot.TRIAL),)


def open_sites(document: Stored) -> dict[str, int]:
    """At how many sites somebody can join, by the day until which that holds; "" where nothing ends it."""
    if not _may(document["status"]) or document["status"]["recruitment"] not in (R.RECRUITING, R.UNKNOWN):
        return {}
    first = (of_site(document, site)[0] for site in document["sites"].values() if site["recruitment"] == R.RECRUITING)
    return dict(sorted(Counter(_text(one.until) for one in first if one.possible).items()))


def ended_by(document: Stored, day: date) -> int:
    """How many answers for the trial, its countries and its sites have ended by a day without anything being said."""
    courses = (
        of_trial(document),
        *(of_region(document, region) for region in document.get("regions", ())),
        *(of_site(document, site) for site in document["sites"].values()),
    )
    return sum(one.until is not None and one.until <= day for course in courses for one in course)


def open_on(open_sites: Mapping[str, int], day: date) -> int:
    """At how many of them somebody can join on a day."""
    return sum(number for until, number in open_sites.items() if not until or day.isoformat() < until)


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _may(status: Stored) -> bool:
    return bool(status["authorisation"] == A.PUBLISHED)


def _forbidden(status: Stored) -> Joining:
    """Who recruits no more does not begin to wait because of an authorisation."""
    why, recruitment = FORBIDDEN[A(status["authorisation"])]
    said = R(status["recruitment"])
    return Joining(said if said in OVER else recruitment, why)


def _has_left(document: Stored, site: Stored) -> bool:
    """A partner's list lacks it, or it said so itself; an ended trial of a partner ends its sites, too."""
    ended = site["authorisation"] == A.ENDED and document["status"]["authorisation"] != A.ENDED
    return "left" in site or ended


def _own_course(document: Stored) -> Course:
    """What the trial says of itself as a whole."""
    status = document["status"]
    if not _may(status):
        return (_forbidden(status),)
    return _said(document, R(status["recruitment"]), confirmed_of(document))


def _together(courses: list[Course]) -> Iterator[Joining]:
    """The trial's course where its sites have these: it recruits as long as one does."""
    words = {course[0].recruitment for course in courses}
    waiting = () if R.PAUSED in words else (R.NOT_YET,)
    until, last = date.min, Joining(R.PAUSED if R.PAUSED in words else R.CLOSED, WhyNot.NO_SITE_OPEN)
    for word in (R.RECRUITING, R.BY_INVITATION, *waiting):
        same = [course for course in courses if course[0].recruitment is word]
        longest = max(same, key=lambda course: course[0].until or date.max, default=None)
        if longest is None or (longest[0].until or date.max) <= until:
            continue
        why = WhyNot.NO_SITE_OPEN if word is R.NOT_YET else longest[0].why_not
        yield Joining(word, why, until=longest[0].until)
        if longest[0].until is None:
            return
        until, last = longest[0].until, longest[-1]
    yield last


def _open_before(sites: list[Course], own: Course) -> Iterator[Joining]:
    """As long as sites recruit, that; then what the trial says itself."""
    over = date.min
    for one in _together(sites):
        if one.recruitment in ENROLLING:
            yield one
            over = one.until or date.max
    yield from (one for one in own if (one.until or date.max) > over)


def _said(document: Stored, recruitment: R, confirmed: Confirmation | None) -> Course:
    """A statement about recruitment for as long as it can be relied on."""
    if recruitment is R.UNKNOWN:
        return tuple(_unknown(confirmed))
    why = None if recruitment is R.RECRUITING else WhyNot(recruitment)
    ends = sorted(_ends(document["registration"], confirmed), key=lambda end: end[0]) if recruitment in HOLDING else ()
    if not ends:
        return (Joining(recruitment, why),)
    day, reason, since = ends[0]
    return Joining(recruitment, why, until=day), Joining(R.UNKNOWN, reason, since)


def _unknown(confirmed: Confirmation | None) -> Iterator[Joining]:
    """Not known, and after a while not known since when."""
    stale = stale_from(confirmed.last) if confirmed and confirmed.certain else None
    yield Joining(R.UNKNOWN, WhyNot.UNKNOWN, until=stale)
    if stale and confirmed:
        yield Joining(R.UNKNOWN, WhyNot.NOT_CONFIRMED, confirmed.stated)


def _ends(registration: Stored, confirmed: Confirmation | None) -> Iterator[tuple[date, WhyNot, str]]:
    """From which days the statement no longer counts, and why.

    A completion that is planned yields to somebody who said later that participants are still sought (ADR 0047: a plan
    that has passed keeps no fact out). One that has come yields to nobody. TRDS item 22.
    """
    if confirmed and (stale := stale_from(confirmed.last)):
        yield stale, WhyNot.NOT_CONFIRMED, confirmed.stated
    completion = registration.get("completion") or registration.get("primary_completion")
    if completion is None:
        return
    over = day_after(last_day(completion["date"]))
    said_later = confirmed is not None and confirmed.certain and confirmed.first >= over
    if completion.get("kind") == DateKind.ACTUAL or not said_later:
        yield over, WhyNot.PAST_COMPLETION, completion["date"]
