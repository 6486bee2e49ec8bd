"""The changes by a correction of an event: to the trial as readers see it, and to the state for decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from events import changes
from events.pointers import keys_of
from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate, Value
from registry.domain.trial.ending import confirmed_closed
from registry.domain.trial.evolve_import import after_changes
from registry.domain.trial.occurrences import (
    AUTHORISATION,
    COUNT,
    MOVED,
    RECRUITMENT,
    VERIFICATION,
    Dated,
    Occurrence,
    last,
    put_right,
    recruitment_of,
)
from registry.domain.trial.state import SiteState, Trial

Effect: TypeAlias = tuple[str, Any, Any]
"""JSON Pointer over {registration, status, sites}, the value before and after."""


def effects(trial: Trial, wrong: Occurrence, fixed: Occurrence, site: str | None) -> tuple[events.SeenChange, ...]:
    """The values that change for readers; empty if later events have replaced the wrong ones."""
    found = _of_trial(trial, wrong, fixed) if site is None else _of_site(trial, site, wrong, fixed)
    return tuple(events.SeenChange(field=field, old=old, new=new) for field, old, new in found)


def still_stands(trial: Trial, event: Dated) -> bool:
    """Whether the values that the event set are still in force."""
    match event:
        case events.SiteOpened() | events.SitePaused() | events.SiteClosed() | events.SiteLeft():
            return trial.sites[event.site].recruitment is MOVED[type(event)]
        case events.SiteAuthorisationChanged():
            return trial.sites[event.site].authorisation is event.now
        case events.TrialAuthorisationChanged():
            return trial.authorisation is event.now
        case events.TrialRecruitmentChanged():
            return trial.recruitment is event.now
        case events.FirstParticipantRecorded():
            return trial.registration.get("first_enrolment") == _actual(event.on)
        case _:
            return True


def after_correction(trial: Trial, event: events.EventCorrected) -> Trial:
    """The state after the correction: the occurrences are put right, and the effects are as the event says."""
    names = trial.sites if event.site is None else [event.site]
    sites = {name: _occurrences_right(trial.sites[name], event) for name in names}
    trial = replace(trial, occurrences=_put_right(trial.occurrences, event), sites={**trial.sites, **sites})
    return _with_effects(trial, event)


def _occurrences_right(site: SiteState, event: events.EventCorrected) -> SiteState:
    return site if _stays_closed(site, event) else replace(site, occurrences=_put_right(site.occurrences, event))


def _stays_closed(site: SiteState, event: events.EventCorrected) -> bool:
    """Whether the site has confirmed the status from an end of the trial that did not happen."""
    return bool(event.void) and event.site is None and confirmed_closed(site.occurrences, event.corrects)


def _put_right(occurrences: tuple[Occurrence, ...], event: events.EventCorrected) -> tuple[Occurrence, ...]:
    wrong = next((one for one in occurrences if one.version == event.corrects), None)
    if wrong is None:
        return occurrences
    if event.void:
        return put_right(occurrences, replace(wrong, void=True))
    stored = after_changes(wrong.event.to_stored(), event.changes)
    return put_right(occurrences, replace(wrong, event=type(wrong.event).from_stored(stored)))


def _with_effects(trial: Trial, event: events.EventCorrected) -> Trial:
    paths = [keys_of(change.field) for change in event.effects]
    names = {path[1] for path in paths if path[0] == "sites"} | ({event.site} if event.site else set())
    before = {
        "registration": trial.registration,
        "status": {"authorisation": trial.authorisation, "recruitment": trial.recruitment},
        "sites": {name: _shown(trial.sites[name]) for name in names},
    }
    after = after_changes(before, event.effects)
    return replace(
        trial,
        registration=after["registration"],
        authorisation=AuthorisationStatus(after["status"]["authorisation"]),
        recruitment=RecruitmentStatus(after["status"]["recruitment"]),
        sites={**trial.sites, **{name: _site(trial.sites[name], after["sites"][name]) for name in names}},
    )


def _site(site: SiteState, shown: dict[str, Any]) -> SiteState:
    return replace(
        site,
        authorisation=AuthorisationStatus(shown["authorisation"]),
        recruitment=RecruitmentStatus(shown["recruitment"]),
        enrolled=shown.get("enrolled"),
        has_left="left" in site.details or (site.has_left and any(map(_says_left, site.occurrences))),
    )


def _says_left(occurrence: Occurrence) -> bool:
    return isinstance(occurrence.event, events.SiteLeft) and not occurrence.void


def _of_site(trial: Trial, name: str, wrong: Occurrence, fixed: Occurrence) -> Iterator[Effect]:
    site = trial.sites[name]
    occurrences = put_right(site.occurrences, fixed)
    before, after = _shown(site), _shown(replace(site, occurrences=occurrences))
    if fixed.void:
        after |= _status_before(wrong.event, occurrences)
    yield from changes.diff(before, after, f"/sites/{name}")
    if fixed.void and _nobody_opened(trial, name, fixed):
        yield from _status_again(trial, fixed, recruitment=RecruitmentStatus.NOT_YET)


def _shown(site: SiteState) -> dict[str, Any]:
    """The values of a site that readers see and that events with days have set."""
    occurrences = site.occurrences
    changed, moved = last(occurrences, (*RECRUITMENT, *AUTHORISATION)), last(occurrences, RECRUITMENT)
    verified, counted = last(occurrences, VERIFICATION), last(occurrences, COUNT)
    why = moved.event.why if moved and isinstance(moved.event, events.SitePaused | events.SiteLeft) else None
    shown = {
        "authorisation": str(site.authorisation),
        "recruitment": str(site.recruitment),
        "changed": None if changed is None else {"on": changed.event.on},
        "verified": None if verified is None else {"on": verified.event.on},
        "why": None if why is None else _stored(why),
        "enrolled": counted.event.enrolled if counted and isinstance(counted.event, events.EnrolmentReported) else None,
    }
    return {field: value for field, value in shown.items() if value is not None}


def _status_before(event: Dated, occurrences: Sequence[Occurrence]) -> dict[str, Any]:
    """A site's status without the event: `occurrences` are the others."""
    match event:
        case events.SiteLeft():
            return {"recruitment": _moved_to(occurrences, event.was), "authorisation": event.was_authorised.value}
        case events.SiteAuthorisationChanged():
            return {"authorisation": event.was.value}
        case events.SiteOpened() | events.SitePaused() | events.SiteClosed():
            return {"recruitment": _moved_to(occurrences, event.was)}
        case _:
            return {}


def _moved_to(occurrences: Sequence[Occurrence], otherwise: RecruitmentStatus) -> str:
    return (recruitment_of(occurrences) or otherwise).value


def _nobody_opened(trial: Trial, name: str, fixed: Occurrence) -> bool:
    """Whether an opening alone had made the trial recruit, and none is left."""
    if trial.recruitment is not RecruitmentStatus.RECRUITING or last(put_right(trial.occurrences, fixed), RECRUITMENT):
        return False
    at_sites = {one: site.occurrences for one, site in trial.sites.items()} | {
        name: put_right(trial.sites[name].occurrences, fixed)
    }
    return _opened(trial.occurrences) and not any(
        _opened(occurrences, counting=True) for occurrences in at_sites.values()
    )


def _opened(occurrences: Sequence[Occurrence], *, counting: bool = False) -> bool:
    return any(isinstance(one.event, events.SiteOpened) and not (counting and one.void) for one in occurrences)


def _of_trial(trial: Trial, wrong: Occurrence, fixed: Occurrence) -> Iterator[Effect]:
    was, now = wrong.event, fixed.event
    match was, now:
        case events.TrialRecruitmentChanged(), _ if fixed.void:
            yield from _status_again(trial, fixed, recruitment=was.was)
        case events.TrialAuthorisationChanged(), _ if fixed.void:
            yield from _status_again(trial, fixed, authorisation=was.was)
        case ((events.TrialCompleted() | events.TrialDiscontinued() | events.TrialWithdrawn()), _) if fixed.void:
            yield from _goes_on(trial, fixed, was)
        case events.FirstParticipantRecorded(), events.FirstParticipantRecorded():
            planned = None if was.was is None else was.was.to_stored()
            yield from _stated(trial, "first_enrolment", _actual(was.on), planned if fixed.void else _actual(now.on))
        case events.TrialCompleted(), events.TrialCompleted():
            size = was.enrolled_before if was.enrolled is None else was.enrolled
            yield from _stated(trial, "completion", _actual(was.on), _actual(now.on))
            yield from _stated(trial, "actual_size", size, size if now.enrolled is None else now.enrolled)
            yield from _closed_sites(trial, wrong, fixed)
        case (
            (events.TrialDiscontinued() | events.TrialWithdrawn()),
            (events.TrialDiscontinued() | events.TrialWithdrawn()),
        ):
            yield from changes.diff({"why": _stored(was.why)}, {"why": _stored(now.why)}, "/status")
            yield from _closed_sites(trial, wrong, fixed)
        case _:
            return


def _goes_on(trial: Trial, fixed: Occurrence, end: events.EndOfTrial) -> Iterator[Effect]:
    """A trial whose end did not happen: the values that the end had replaced, except those reported since."""
    if isinstance(end, events.TrialCompleted):
        planned = None if end.planned is None else end.planned.to_stored()
        # Also where somebody corrected the day: it was that of the end.
        yield from _stated(trial, "completion", trial.registration.get("completion"), planned)
        if end.enrolled is not None:
            yield from _stated(trial, "actual_size", end.enrolled, end.enrolled_before)
    yield from _status_again(trial, fixed, authorisation=end.was.authorisation, recruitment=end.was.recruitment)
    for name, site in trial.sites.items():
        if not confirmed_closed(site.occurrences, fixed.version):
            yield from _as_before_end(name, site, fixed.version)


def _as_before_end(name: str, site: SiteState, end: int) -> Iterator[Effect]:
    occurrences = tuple(replace(one, void=True) if one.version == end else one for one in site.occurrences)
    after = replace(site, occurrences=occurrences, recruitment=recruitment_of(occurrences) or site.recruitment)
    yield from changes.diff(_shown(site), _shown(after), f"/sites/{name}")


def _status_again(
    trial: Trial,
    fixed: Occurrence,
    *,
    authorisation: AuthorisationStatus | None = None,
    recruitment: RecruitmentStatus | None = None,
) -> Iterator[Effect]:
    """The status before a change that did not happen.

    A partner's day and reason stood until the first change of our own, and stand again where none is left.
    """
    now = {"authorisation": trial.authorisation.value, "recruitment": trial.recruitment.value}
    again = {
        "authorisation": (authorisation or trial.authorisation).value,
        "recruitment": (recruitment or trial.recruitment).value,
    }
    if (
        last(put_right(trial.occurrences, fixed), (*RECRUITMENT, *AUTHORISATION)) is None
        and again.items() <= trial.stated.items()
    ):
        again = dict(trial.stated)
    if isinstance(fixed.event, events.TrialDiscontinued | events.TrialWithdrawn):
        now["why"] = _stored(fixed.event.why)
    yield from changes.diff(now, again, "/status")


def _stated(trial: Trial, field: str, was: Any, now: Any) -> Iterator[Effect]:
    """Of a field of the registration, unless it was amended or corrected since."""
    if trial.registration.get(field) == was and was != now:
        yield f"/registration/{field}", was, now


def _closed_sites(trial: Trial, wrong: Occurrence, fixed: Occurrence) -> Iterator[Effect]:
    """The day on which the end of the trial closed its sites."""
    for name, site in trial.sites.items():
        changed = last(site.occurrences, (*RECRUITMENT, *AUTHORISATION))
        if changed is not None and changed.version == wrong.version and wrong.event.on != fixed.event.on:
            yield f"/sites/{name}/changed/on", wrong.event.on, fixed.event.on


def _actual(on: str) -> dict[str, Any]:
    return StatedDate(date=on, kind=DateKind.ACTUAL).to_stored()


def _stored(why: Value) -> Any:
    return why.to_stored()
