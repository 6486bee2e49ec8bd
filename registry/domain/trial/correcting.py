"""What a correction of an event changes: of the trial as readers see it, and of what decisions know."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from events import changes
from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate, Value
from registry.domain.trial.state import SiteState, Trial
from registry.domain.trial.told import (
    AUTHORISATION,
    COUNT,
    MOVED,
    RECRUITMENT,
    VERIFICATION,
    Dated,
    Told,
    last,
    put_right,
)

Effect: TypeAlias = tuple[str, Any, Any]
"""JSON Pointer over {registration, status, sites}, the value before and after."""


def effects(trial: Trial, wrong: Told, fixed: Told, site: str | None) -> tuple[events.SeenChange, ...]:
    """What readers see otherwise from now on; nothing where later events have replaced what was wrong."""
    found = _of_trial(trial, wrong, fixed) if site is None else _of_site(trial, site, wrong, fixed)
    return tuple(events.SeenChange(field=field, old=old, new=new) for field, old, new in found)


def still_stands(trial: Trial, event: Dated) -> bool:
    """Whether what the event set is still so."""
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
    """The state after the correction: what was told is put right, and the effects are as the event says."""
    names = trial.sites if event.site is None else [event.site]
    sites = {name: replace(site, told=_put_right(site.told, event)) for name in names for site in [trial.sites[name]]}
    trial = replace(trial, told=_put_right(trial.told, event), sites={**trial.sites, **sites})
    return _with_effects(trial, event)


def _put_right(told: tuple[Told, ...], event: events.EventCorrected) -> tuple[Told, ...]:
    wrong = next((one for one in told if one.version == event.corrects), None)
    if wrong is None:
        return told
    if event.void:
        return put_right(told, replace(wrong, void=True))
    stored = changes.apply(wrong.event.to_stored(), ((change.field, change.new) for change in event.changes))
    return put_right(told, replace(wrong, event=type(wrong.event).from_stored(stored)))


def _with_effects(trial: Trial, event: events.EventCorrected) -> Trial:
    before = {
        "registration": trial.registration,
        "status": {"authorisation": trial.authorisation, "recruitment": trial.recruitment},
        "sites": {} if event.site is None else {event.site: _shown(trial.sites[event.site])},
    }
    after = changes.apply(before, ((change.field, change.new) for change in event.effects))
    trial = replace(
        trial,
        registration=after["registration"],
        authorisation=AuthorisationStatus(after["status"]["authorisation"]),
        recruitment=RecruitmentStatus(after["status"]["recruitment"]),
    )
    if event.site is None:
        return trial
    return replace(trial, sites={**trial.sites, event.site: _site(trial.sites[event.site], after["sites"][event.site])})


def _site(site: SiteState, shown: dict[str, Any]) -> SiteState:
    return replace(
        site,
        authorisation=AuthorisationStatus(shown["authorisation"]),
        recruitment=RecruitmentStatus(shown["recruitment"]),
        enrolled=shown.get("enrolled"),
        left="left" in site.details or (site.left and any(map(_says_left, site.told))),
    )


def _says_left(told: Told) -> bool:
    return isinstance(told.event, events.SiteLeft) and not told.void


def _of_site(trial: Trial, name: str, wrong: Told, fixed: Told) -> Iterator[Effect]:
    site = trial.sites[name]
    before = _shown(site)
    after = _shown(replace(site, told=put_right(site.told, fixed)))
    if fixed.void:
        after |= _status_before(wrong.event)
    yield from changes.diff(before, after, f"/sites/{name}")
    if fixed.void and _nobody_opened(trial, name, fixed):
        yield "/status/recruitment", RecruitmentStatus.RECRUITING.value, RecruitmentStatus.NOT_YET.value


def _shown(site: SiteState) -> dict[str, Any]:
    """What readers see of a site that events with days have set."""
    told = site.told
    changed, moved = last(told, (*RECRUITMENT, *AUTHORISATION)), last(told, RECRUITMENT)
    verified, counted = last(told, VERIFICATION), last(told, COUNT)
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


def _status_before(event: Dated) -> dict[str, Any]:
    match event:
        case events.SiteLeft():
            return {"recruitment": event.was.value, "authorisation": event.was_authorised.value}
        case events.SiteAuthorisationChanged():
            return {"authorisation": event.was.value}
        case events.SiteOpened() | events.SitePaused() | events.SiteClosed():
            return {"recruitment": event.was.value}
        case _:
            return {}


def _nobody_opened(trial: Trial, name: str, fixed: Told) -> bool:
    """Whether an opening alone had made the trial recruit, and none is left."""
    if trial.recruitment is not RecruitmentStatus.RECRUITING or last(put_right(trial.told, fixed), RECRUITMENT):
        return False
    at_sites = {one: site.told for one, site in trial.sites.items()} | {name: put_right(trial.sites[name].told, fixed)}
    return _opened(trial.told) and not any(_opened(told, counting=True) for told in at_sites.values())


def _opened(told: Sequence[Told], *, counting: bool = False) -> bool:
    return any(isinstance(one.event, events.SiteOpened) and not (counting and one.void) for one in told)


def _of_trial(trial: Trial, wrong: Told, fixed: Told) -> Iterator[Effect]:
    was, now = wrong.event, fixed.event
    match was, now:
        case events.TrialRecruitmentChanged(), _ if fixed.void:
            yield "/status/recruitment", was.now.value, was.was.value
        case events.TrialAuthorisationChanged(), _ if fixed.void:
            yield "/status/authorisation", was.now.value, was.was.value
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


def _stated(trial: Trial, field: str, was: Any, now: Any) -> Iterator[Effect]:
    """Of a field of the registration, unless it was amended or corrected since."""
    if trial.registration.get(field) == was and was != now:
        yield f"/registration/{field}", was, now


def _closed_sites(trial: Trial, wrong: Told, fixed: Told) -> Iterator[Effect]:
    """The day on which the end of the trial closed its sites."""
    for name, site in trial.sites.items():
        changed = last(site.told, (*RECRUITMENT, *AUTHORISATION))
        if changed is not None and changed.version == wrong.version and wrong.event.on != fixed.event.on:
            yield f"/sites/{name}/changed/on", wrong.event.on, fixed.event.on


def _actual(on: str) -> dict[str, Any]:
    return StatedDate(date=on, kind=DateKind.ACTUAL).to_stored()


def _stored(why: Value) -> Any:
    return why.to_stored()
