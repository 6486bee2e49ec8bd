"""Occurrences: events of a trial that have a day. Later ones may not precede them, and each can be corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, get_args

from events.catalogue import NAMES
from events.schemas import trial as events
from events.schemas.status import RecruitmentStatus

OfSite: TypeAlias = (
    events.SiteAuthorisationChanged
    | events.SiteOpened
    | events.SitePaused
    | events.SiteClosed
    | events.SiteLeft
    | events.SiteVerified
    | events.EnrolmentReported
)
"""Events of one site that have a day."""

Dated: TypeAlias = (
    events.TrialAuthorisationChanged
    | events.TrialRecruitmentChanged
    | events.FirstParticipantRecorded
    | events.EndOfTrial
    | OfSite
)
"""Events that have a day."""

Kinds: TypeAlias = tuple[type[Dated], ...]

ENDS: Final[Kinds] = (events.TrialCompleted, events.TrialDiscontinued, events.TrialWithdrawn)
RECRUITMENT: Final[Kinds] = (
    events.SiteOpened,
    events.SitePaused,
    events.SiteClosed,
    events.SiteLeft,
    events.TrialRecruitmentChanged,
    *ENDS,
)
AUTHORISATION: Final[Kinds] = (
    events.SiteAuthorisationChanged,
    events.SiteLeft,
    events.TrialAuthorisationChanged,
    *ENDS,
)
VERIFICATION: Final[Kinds] = (events.SiteVerified,)
COUNT: Final[Kinds] = (events.EnrolmentReported,)
"""Kinds in order of days: a day of one kind does not lie before the last day of the same kind."""

MOVED: Final[Mapping[type[Dated], RecruitmentStatus]] = MappingProxyType(
    {
        events.SiteOpened: RecruitmentStatus.RECRUITING,
        events.SitePaused: RecruitmentStatus.PAUSED,
        events.SiteClosed: RecruitmentStatus.CLOSED,
        events.SiteLeft: RecruitmentStatus.CLOSED,
    }
)
"""The recruitment status of a site after an event."""

REPORTS: Final = frozenset(
    NAMES[kind]
    for kind in (
        events.SiteOpened,
        events.SitePaused,
        events.SiteClosed,
        events.SiteLeft,
        events.SiteVerified,
        events.EnrolmentReported,
    )
)
"""Names of the events that a site itself reports. It may ask back the reasons in them, and in their corrections."""

OF_SITES: Final[Kinds] = get_args(OfSite)
"""The types of `OfSite`."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event with its version, as corrected since. One that is void no longer counts."""

    version: int
    event: Dated
    void: bool = False
    before: RecruitmentStatus | None = None
    """The former recruitment of a site that the end of its trial closed."""


def last(occurrences: Sequence[Occurrence], kinds: Kinds) -> Occurrence | None:
    """The last of these kinds that counts."""
    return next((one for one in reversed(occurrences) if not one.void and isinstance(one.event, kinds)), None)


def find(occurrences: Sequence[Occurrence], version: int, *, of_site: bool) -> Occurrence | None:
    """The event of a version, where it is one of a site, or one of the trial as a whole."""
    return next(
        (one for one in occurrences if one.version == version and isinstance(one.event, OF_SITES) == of_site),
        None,
    )


def axes(event: Dated) -> list[Kinds]:
    """The kinds of occurrences that precede and follow the event."""
    return [kinds for kinds in (RECRUITMENT, AUTHORISATION, VERIFICATION, COUNT) if isinstance(event, kinds)]


def put_right(occurrences: Sequence[Occurrence], fixed: Occurrence) -> tuple[Occurrence, ...]:
    """The same with one event as it is corrected."""
    return tuple(fixed if one.version == fixed.version else one for one in occurrences)


def recruitment_of(occurrences: Sequence[Occurrence]) -> RecruitmentStatus | None:
    """The recruitment of a site by those of its events that count; None where no event has ever changed it."""
    moves = [one for one in occurrences if isinstance(one.event, RECRUITMENT)]
    stands = last(moves, RECRUITMENT)
    if stands is not None:
        return MOVED.get(type(stands.event), RecruitmentStatus.CLOSED)
    return _before(moves[0]) if moves else None


def _before(occurrence: Occurrence) -> RecruitmentStatus | None:
    was = getattr(occurrence.event, "was", None)
    return was if isinstance(was, RecruitmentStatus) else occurrence.before
