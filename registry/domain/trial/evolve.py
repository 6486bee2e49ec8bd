"""What is true of a trial after an event, for the next decision."""

from dataclasses import replace
from functools import reduce
from typing import Any, TypeAlias

from events import changes
from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate, Value
from registry.domain.trial.state import PartnerView, SiteState, State, Trial


def evolve(state: State, event: events.TrialEvent) -> State:
    """The state after the event. TypeError for an event that has no trial to happen to."""
    if isinstance(event, events.TrialRegistered):
        return _registered(event)
    if isinstance(event, events.TrialImported):
        return _imported(event)
    if state is None:
        raise TypeError(f"{type(event).__name__} without a trial")
    changed = _site_changed(state, event) if isinstance(event, events.SiteEvent) else _changed(state, event)
    return replace(changed, version=state.version + 1)


_Changed: TypeAlias = (
    events.TrialImportChanged
    | events.TrialAdopted
    | events.TrialPublished
    | events.TrialAmended
    | events.TrialCorrected
    | events.TrialAuthorisationChanged
    | events.TrialRecruitmentChanged
    | events.FirstParticipantRecorded
    | events.ResultsPosted
    | events.EndOfTrial
)


def _changed(trial: Trial, event: _Changed) -> Trial:
    match event:
        case events.TrialImportChanged():
            return _import_changed(trial, event)
        case events.TrialAdopted():
            return _adopted(trial, event)
        case events.TrialPublished():
            return _published(trial, event)
        case events.TrialAmended() | events.TrialCorrected():
            return replace(trial, registration=_applied(trial.registration, event.changes))
        case events.ResultsPosted():
            return _put(trial, results=event.results)
        case events.FirstParticipantRecorded():
            return _put(trial, first_enrolment=StatedDate(date=event.on, kind=DateKind.ACTUAL))
        case events.TrialAuthorisationChanged():
            return replace(trial, authorisation=event.now)
        case events.TrialRecruitmentChanged():
            return replace(trial, recruitment=event.now)
        case events.TrialCompleted() | events.TrialDiscontinued() | events.TrialWithdrawn():
            return _ended(trial, event)


def _site_changed(trial: Trial, event: events.SiteEvent) -> Trial:
    if isinstance(event, events.SiteAdded):
        site = SiteState(event.site.organisation, event.authorisation, event.recruitment)
        return _with_site(trial, event.site.site, site)
    if isinstance(event, events.SiteOpened) and trial.recruitment is RecruitmentStatus.NOT_YET:
        # The first site that recruits makes the trial recruit (TRDS item 18); nobody has to say it twice.
        trial = replace(trial, recruitment=RecruitmentStatus.RECRUITING)
    return _with_site(trial, event.site, _site_after(trial.sites[event.site], event))


_SiteChanged: TypeAlias = (
    events.SiteAuthorisationChanged
    | events.SiteOpened
    | events.SitePaused
    | events.SiteClosed
    | events.SiteLeft
    | events.SiteVerified
    | events.EnrolmentReported
)


def _site_after(site: SiteState, event: _SiteChanged) -> SiteState:
    match event:
        case events.SiteOpened():
            return replace(site, recruitment=RecruitmentStatus.RECRUITING)
        case events.SitePaused():
            return replace(site, recruitment=RecruitmentStatus.PAUSED)
        case events.SiteClosed():
            return replace(site, recruitment=RecruitmentStatus.CLOSED)
        case events.SiteLeft():
            return replace(
                site, left=True, recruitment=RecruitmentStatus.CLOSED, authorisation=AuthorisationStatus.ENDED
            )
        case events.SiteAuthorisationChanged():
            return replace(site, authorisation=event.now)
        case events.EnrolmentReported():
            return replace(site, enrolled=event.enrolled)
        case events.SiteVerified():
            return site


def _registered(event: events.TrialRegistered) -> Trial:
    return Trial(
        version=1,
        owner=event.owner,
        home=None,
        number=None,
        authorisation=AuthorisationStatus.DRAFT,
        recruitment=RecruitmentStatus.NOT_YET,
        registration=event.registration.to_stored(),
        sites={},
    )


def whole_of(imported: events.TrialImported) -> dict[str, Any]:
    """A partner's registration as one document, the form that `TrialImportChanged.changes` point into."""
    stored = imported.to_stored()
    sites = {site["site"]: site for site in stored["sites"]}
    return {"home": stored["home"], "registration": stored["registration"], "status": stored["status"], "sites": sites}


def _imported(event: events.TrialImported) -> Trial:
    return _as_partner_says(PartnerView(event.source.document, whole_of(event)), version=1)


def _as_partner_says(partner: PartnerView, version: int) -> Trial:
    status = events.Status.model_validate(partner.whole["status"])
    return Trial(
        version=version,
        owner=None,
        home=events.Home.model_validate(partner.whole["home"]),
        number=None,
        authorisation=status.authorisation,
        recruitment=status.recruitment,
        registration=partner.whole["registration"],
        sites={
            name: SiteState(site.get("organisation"), status.authorisation, RecruitmentStatus(site["recruitment"]))
            for name, site in partner.whole["sites"].items()
        },
        partner=partner,
    )


def _import_changed(trial: Trial, event: events.TrialImportChanged) -> Trial:
    before = trial.partner.whole if trial.partner else {}
    partner = PartnerView(event.source.document, _applied(before, event.changes))
    return _as_partner_says(partner, trial.version) if event.applied else replace(trial, partner=partner)


def _adopted(trial: Trial, event: events.TrialAdopted) -> Trial:
    registration = events.with_old_number(trial.registration, event.was.to_stored())
    return replace(trial, owner=event.owner, number=event.number, home=None, registration=registration)


def _published(trial: Trial, event: events.TrialPublished) -> Trial:
    filed, published = AuthorisationStatus.FILED, AuthorisationStatus.PUBLISHED
    sites = {
        name: replace(site, authorisation=published) if site.authorisation is filed else site
        for name, site in trial.sites.items()
    }
    return replace(trial, number=event.number, authorisation=published, sites=sites)


def _ended(trial: Trial, event: events.EndOfTrial) -> Trial:
    closed = RecruitmentStatus.CLOSED
    trial = replace(
        trial, sites={name: replace(site, recruitment=closed) for name, site in trial.sites.items()}, recruitment=closed
    )
    match event:
        case events.TrialCompleted():
            trial = _put(trial, completion=StatedDate(date=event.on, kind=DateKind.ACTUAL))
            if event.enrolled is not None:
                trial = _put(trial, actual_size=event.enrolled)
            return replace(trial, authorisation=AuthorisationStatus.ENDED, recruitment=RecruitmentStatus.COMPLETED)
        case events.TrialDiscontinued():
            return replace(trial, authorisation=AuthorisationStatus.DISCONTINUED)
        case events.TrialWithdrawn():
            return replace(trial, authorisation=AuthorisationStatus.WITHDRAWN)


def _with_site(trial: Trial, name: str, site: SiteState) -> Trial:
    return replace(trial, sites={**trial.sites, name: site})


def _put(trial: Trial, **fields: Value | int) -> Trial:
    stored = {name: value.to_stored() if isinstance(value, Value) else value for name, value in fields.items()}
    return replace(trial, registration={**trial.registration, **stored})


def _applied(document: Any, applied: tuple[events.Change, ...]) -> dict[str, Any]:
    return reduce(lambda so_far, change: changes.put(so_far, change.field, change.new), applied, dict(document))
