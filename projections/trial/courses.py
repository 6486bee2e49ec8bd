"""Answers on whether somebody can join: their course over time, and the joint answer of several sites."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeAlias

from events.schemas.status import AuthorisationStatus as A
from events.schemas.status import RecruitmentStatus as R

ENROLLING: Final = frozenset({R.RECRUITING, R.BY_INVITATION})


class WhyNot(StrEnum):
    """Why nobody can join: the authorisation, the recruitment status as stated, or what follows from sites and days."""

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
    PROGRAMME_ENDED = "programme_ended"
    HALTED = "halted"
    NOT_REOPENED = "not_reopened"
    REGION_NOT_PERMITTED = "region_not_permitted"
    REGION_BLOCKED = "region_blocked"
    FILING_NOT_PUBLISHED = "filing_not_published"
    SITE_ACT_MISSING = "site_act_missing"


HOLDING: Final = (R.RECRUITING, R.BY_INVITATION, R.NOT_YET)
"""Statuses that lapse when nobody confirms them."""
MAY_RECRUIT: Final = frozenset({*ENROLLING, R.UNKNOWN})
"""Statuses under which somebody might join, did nothing else stand in the way."""
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
"""An authorisation under which nobody may join: the reason, and the recruitment status then."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Whether somebody can join. It holds until a day, that day excluded, unless something new is reported."""

    recruitment: R
    """The recruitment status that can be relied on."""
    why_not: WhyNot | None = None
    since: str | None = None
    """The date that the reason refers to, as precisely as it was stated."""
    until: date | None = None
    by: str | None = None
    """The actor of the halt, one of `events.schemas.halts`."""

    @property
    def possible(self) -> bool:
        """Whether anybody whom the criteria fit can join."""
        return self.why_not is None

    def to_stored(self) -> dict[str, Any]:
        values = {"recruitment": self.recruitment, "why_not": self.why_not, "since": self.since, "by": self.by}
        until = {"until": self.until.isoformat()} if self.until else {}
        return {name: str(value) for name, value in values.items() if value is not None} | until

    def to_json(self) -> dict[str, Any]:
        """As readers get it."""
        return {"possible": self.possible, **self.to_stored()}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Joining":
        return cls(
            R(stored["recruitment"]),
            WhyNot(stored["why_not"]) if "why_not" in stored else None,
            stored.get("since"),
            date.fromisoformat(stored["until"]) if "until" in stored else None,
            stored.get("by"),
        )


Course: TypeAlias = tuple[Joining, ...]
"""Answers one after the other, each until its day; the last has none."""


def on(course: Course, day: date) -> Joining:
    """The answer for a day."""
    return next(answer for answer in course if answer.until is None or day < answer.until)


def together(courses: list[Course]) -> Iterator[Joining]:
    """The trial's course where its sites have these: it recruits as long as one does."""
    words = {course[0].recruitment for course in courses}
    waiting = () if R.PAUSED in words else (R.NOT_YET,)
    until, last = date.min, Joining(R.PAUSED if R.PAUSED in words else R.CLOSED, WhyNot.NO_SITE_OPEN)
    for word in (R.RECRUITING, R.BY_INVITATION, *waiting):
        same = [course for course in courses if course[0].recruitment is word]
        longest = max(same, key=_length, default=None)
        if longest is None or (longest[0].until or date.max) <= until:
            continue
        why = WhyNot.NO_SITE_OPEN if word is R.NOT_YET else longest[0].why_not
        yield Joining(word, why, until=longest[0].until)
        if longest[0].until is None:
            return
        until, last = longest[0].until, longest[-1]
    yield last


def open_before(sites: list[Course], own: Course) -> Iterator[Joining]:
    """The sites' answers as long as they recruit, then the trial's own."""
    over = date.min
    for one in together(sites):
        if one.recruitment in ENROLLING:
            yield one
            over = one.until or date.max
    yield from (one for one in own if (one.until or date.max) > over)


def _length(course: Course) -> tuple[date, str, str]:
    """Also orders two that end on one day, as the order of the sites may differ after a restart."""
    return course[0].until or date.max, course[-1].since or "", course[-1].why_not or ""
