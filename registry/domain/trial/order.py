"""Days that contradict earlier occurrences: of a site's events, a trial's, and between the two.

A partial date is refused only where no day of it would fit. ADR 0034 and 0047.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from events.schemas import trial as events
from events.schemas.status import RecruitmentStatus
from events.schemas.values import first_day, last_day
from registry.domain.decider import Fault
from registry.domain.trial.occurrences import (
    AUTHORISATION,
    COUNT,
    ENDS,
    MOVED,
    RECRUITMENT,
    VERIFICATION,
    Dated,
    Kinds,
    Occurrence,
    last,
)
from registry.domain.trial.state import Trial

FOLLOWS: Final[Mapping[type[Dated], tuple[Kinds, ...]]] = MappingProxyType(
    {
        events.SiteOpened: (RECRUITMENT, AUTHORISATION, VERIFICATION),
        events.SitePaused: (RECRUITMENT, VERIFICATION),
        events.SiteClosed: (RECRUITMENT, VERIFICATION),
        events.SiteLeft: (RECRUITMENT, AUTHORISATION, VERIFICATION, COUNT),
        events.SiteVerified: (RECRUITMENT, VERIFICATION),
        events.EnrolmentReported: (COUNT,),
        events.SiteAuthorisationChanged: (AUTHORISATION,),
        events.TrialRecruitmentChanged: (RECRUITMENT,),
        events.TrialAuthorisationChanged: (AUTHORISATION,),
        events.FirstParticipantRecorded: (),
        **dict.fromkeys(ENDS, (RECRUITMENT, AUTHORISATION)),
    }
)
"""Before which events the day of an event of each type does not lie: the last of each of these kinds."""


def in_order(kind: type[Dated], on: str, occurrences: Sequence[Occurrence]) -> Iterator[Fault]:
    """An event of this type on this day did not happen before the one that it follows."""
    if later := [one.event.on for one in _followed(kind, occurrences) if before(on, one.event.on)]:
        yield out_of_order(on, max(later), "which it follows")


def begins_when_allowed(on: str, occurrences: Sequence[Occurrence]) -> Iterator[Fault]:
    """Recruitment begins, at a site or as a whole, after the last decision on whether the trial may proceed."""
    allowed = last(occurrences, AUTHORISATION)
    if allowed is not None and before(on, allowed.event.on):
        yield out_of_order(on, allowed.event.on, "when it was decided whether the trial may proceed")


def before(on: str, known: str) -> bool:
    """Whether no day that the first can mean comes up to any that the second can."""
    return last_day(on) < first_day(known)


def out_of_order(on: str, known: str, how: str) -> Fault:
    """A day that contradicts one that is known."""
    message = f"{on} is before {known}, {how}; give the right day, or correct what was reported"
    return Fault("out-of-order", message, "/on", (on, known))


def preceding(occurrences: Sequence[Occurrence], wrong: Occurrence) -> list[Occurrence]:
    """The occurrences that the event followed: the last of each kind before it."""
    return _followed(type(wrong.event), [one for one in occurrences if one.version < wrong.version])


def following(occurrences: Sequence[Occurrence], wrong: Occurrence) -> list[Occurrence]:
    """The occurrences that have followed the event since; void events don't count."""
    later = [one for one in occurrences if one.version > wrong.version and not one.void]
    return [one for one in later if isinstance(wrong.event, _kinds(type(one.event)))]


def _kinds(kind: type[Dated]) -> Kinds:
    return tuple(one for kinds in FOLLOWS[kind] for one in kinds)


def _followed(kind: type[Dated], occurrences: Sequence[Occurrence]) -> list[Occurrence]:
    """The last of each kind; a verification of the event's own statement may be of any day."""
    found = [last(occurrences, kinds) for kinds in FOLLOWS[kind]]
    return [one for one in found if one is not None and not _agrees(one.event, kind)]


def _agrees(event: Dated, kind: type[Dated]) -> bool:
    return isinstance(event, events.SiteVerified) and event.status is MOVED.get(kind)


def counted_after_opening(occurrences: Sequence[Occurrence]) -> Iterator[Fault]:
    """A site has participants since it opened first, not before."""
    opened = _opening(occurrences)
    counts = [one.event for one in occurrences if isinstance(one.event, events.EnrolmentReported) and not one.void]
    for count in counts:
        if opened is not None and count.enrolled and before(count.on, opened):
            yield out_of_order(count.on, opened, "the day on which the site opened")


def _opening(occurrences: Sequence[Occurrence]) -> str | None:
    """The day on which a site opened for the first time; None where it is not known."""
    first = next((one.event for one in occurrences if isinstance(one.event, events.SiteOpened) and not one.void), None)
    return first.on if first is not None and first.was is RecruitmentStatus.NOT_YET else None


def participants_after_opening(trial: Trial, on: str) -> Iterator[Fault]:
    """The first participant came when a site was open, or the trial recruited as a whole.

    Nothing is refused if a site may have recruited before it reported here.
    """
    begun = [site for site in trial.sites.values() if site.recruitment is not RecruitmentStatus.NOT_YET]
    openings = [_opening(site.occurrences) for site in begun]
    moved = [one for one in trial.occurrences if isinstance(one.event, events.TrialRecruitmentChanged)]
    as_whole = [one.event.on for one in moved if not one.void]
    known = [day for day in (*openings, *as_whole) if day is not None]
    if known and None not in openings and before(on, min(known)):
        yield out_of_order(on, min(known), "the day on which recruitment opened")


def ends_after_sites(trial: Trial, on: str) -> Iterator[Fault]:
    """The end of a trial closes the sites that are not closed: their reports came before."""
    for site in trial.sites.values():
        moved = last(site.occurrences, RECRUITMENT) if site.recruitment is not RecruitmentStatus.CLOSED else None
        if moved is not None and before(on, moved.event.on):
            yield out_of_order(on, moved.event.on, "which it follows")
