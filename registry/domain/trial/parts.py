"""A trial's rows by country as one statement in parts (ADR 0051). It is the same in any order of the rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, first_day, last_day

Whole: TypeAlias = Mapping[str, Any]

GOES_ON: Final = (
    AuthorisationStatus.PUBLISHED,
    AuthorisationStatus.SUSPENDED_BY_AUTHORITY,
    AuthorisationStatus.FILED,
    AuthorisationStatus.OPINION_FAVOURABLE,
    AuthorisationStatus.UNDER_REVIEW,
    AuthorisationStatus.DRAFT,
    AuthorisationStatus.ENDED,
    AuthorisationStatus.DISCONTINUED,
    AuthorisationStatus.EXPIRED,
    AuthorisationStatus.REVOKED,
    AuthorisationStatus.WITHDRAWN,
    AuthorisationStatus.OPINION_UNFAVOURABLE,
)
"""A trial that goes on in one country goes on. Of several parts, the first of these is the trial's."""
RECRUITS: Final = (
    RecruitmentStatus.RECRUITING,
    RecruitmentStatus.BY_INVITATION,
    RecruitmentStatus.UNKNOWN,
    RecruitmentStatus.PAUSED,
    RecruitmentStatus.NOT_YET,
    RecruitmentStatus.CLOSED,
    RecruitmentStatus.COMPLETED,
)
"""A trial that recruits in one country recruits (TRDS item 18). Of several parts, the first of these is the trial's.

If none states that it recruits, one without a status may, so the trial has no status either.
"""


def joined(filled: Whole, parts: Sequence[Whole]) -> Whole:
    """{home, registration, status, sites} of all parts. `filled` is the first part with what it leaves open.

    Countries are those of all parts; the status is that of the part in which most is possible; registration and first
    enrolment are the first ones, completion the last.
    """
    if len(parts) == 1:
        return filled
    registrations = [part["registration"] for part in parts]
    countries = sorted({code for one in registrations for code in one.get("countries", ())})
    days = {name: pick(stated) for name, pick in _DAYS.items() if (stated := _stated(registrations, name))}
    registered = [part["home"]["registered"] for part in parts if "registered" in part["home"]]
    return {
        **filled,
        "home": {**filled["home"], **({"registered": min(registered, key=first_day)} if registered else {})},
        "registration": {**filled["registration"], **({"countries": countries} if countries else {}), **days},
        "status": min((part["status"] for part in parts), key=_openness),
    }


def _openness(status: Whole) -> tuple[int, int]:
    return (
        GOES_ON.index(AuthorisationStatus(status["authorisation"])),
        RECRUITS.index(RecruitmentStatus(status["recruitment"])),
    )


def _stated(registrations: Sequence[Whole], name: str) -> list[Whole]:
    return [one[name] for one in registrations if name in one]


def _first(stated: Sequence[Whole]) -> Whole:
    """The first day that has come; the first that is planned where none has."""
    come = [one for one in stated if one.get("kind") != DateKind.ANTICIPATED]
    return min(come or stated, key=lambda one: first_day(one["date"]))


def _last(stated: Sequence[Whole]) -> Whole:
    return max(stated, key=lambda one: last_day(one["date"]))


_DAYS: Final = {"first_enrolment": _first, "primary_completion": _last, "completion": _last}
