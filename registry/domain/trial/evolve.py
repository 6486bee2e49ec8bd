"""The state of a trial after an event, for the next decision."""

from dataclasses import replace
from typing import TypeAlias

from events.canonical import to_json
from events.catalogue import name_of
from events.schemas import trial as events
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate, Value
from events.sealing import OwnerKind, owners_in
from registry.domain.trial.correcting import after_correction
from registry.domain.trial.ending import ended
from registry.domain.trial.evolve_coordination import beside_after
from registry.domain.trial.evolve_import import FromPartner, after_changes, after_partner, imported
from registry.domain.trial.gates import after as gates_after
from registry.domain.trial.occurrences import REPORTS, Dated, Occurrence, OfSite
from registry.domain.trial.state import SiteState, State, Trial


def evolve(state: State, event: events.TrialEvent) -> State:
    """The state after the event. TypeError for an event that has no trial to happen to."""
    if isinstance(event, events.TrialRegistered):
        return _registered(event)
    if isinstance(event, events.TrialImported):
        return imported(event)
    if state is None:
        raise TypeError(f"{type(event).__name__} without a trial")
    if isinstance(event, events.TakeBackAsked | events.TakeBackDeclined):
        return replace(_take_back(state, event), version=state.version + 1)
    version = state.version + 1
    if isinstance(event, events.OfGate):
        return replace(state, gates=gates_after(state.gates, event, version), version=version)
    if isinstance(event, events.OfStartUp):
        site = beside_after(state.sites[event.site], event, version)
        return replace(_with_site(state, event.site, site), version=version)
    changed = _site_changed(state, event) if isinstance(event, events.SiteEvent) else _changed(state, event)
    return replace(_with_texts(changed, event, version), version=version, touched=_touched(changed, event, version))


def _with_texts(trial: Trial, event: events.TrialEvent, version: int) -> Trial:
    """Notes the texts in an event of a site, for a later request to take them back."""
    name = getattr(event, "site", None)
    about = event.event if isinstance(event, events.EventCorrected) else name_of(event)
    if name is None or about not in REPORTS:
        return trial
    texts = tuple(dict.fromkeys(owners_in(event.to_stored(), (OwnerKind.TEXT.value,))))
    site = trial.sites[name]
    return _with_site(trial, name, replace(site, texts={**site.texts, version: texts})) if texts else trial


def _take_back(trial: Trial, event: events.TakeBackAsked | events.TakeBackDeclined) -> Trial:
    site = trial.sites[event.site]
    take_backs = (
        site.take_backs | {event.of} if isinstance(event, events.TakeBackAsked) else site.take_backs - {event.of}
    )
    return _with_site(trial, event.site, replace(site, take_backs=take_backs))


def _touched(trial: Trial, event: events.TrialEvent, version: int) -> tuple[tuple[int, frozenset[str] | None], ...]:
    fields = _fields_of(event)
    return trial.touched if fields is not None and not fields else (*trial.touched, (version, fields))


def _fields_of(event: events.TrialEvent) -> frozenset[str] | None:
    """The fields of the registration that an event changes; None stands for all."""
    match event:
        case events.TrialAmended() | events.TrialCorrected():
            return frozenset(_field(change.field) for change in event.changes)
        case events.EventCorrected():
            pointers = [one.field for one in event.effects if one.field.startswith("/registration/")]
            return frozenset(_field(pointer.removeprefix("/registration")) for pointer in pointers)
        case events.ResultsPosted():
            return frozenset({"results"})
        case events.FirstParticipantRecorded():
            return frozenset({"first_enrolment"})
        case events.TrialCompleted():
            return frozenset({"completion", "actual_size"})
        case events.TrialAdopted():
            return frozenset({"identifiers"})
        case events.TrialSourceAdded() | events.TrialImportChanged():
            return None
        case _:
            return frozenset()


def _field(pointer: str) -> str:
    return pointer.split("/", 2)[1]


_Changed: TypeAlias = (
    FromPartner
    | events.TrialPublished
    | events.TrialAmended
    | events.TrialCorrected
    | events.TrialOwnerChanged
    | events.EventCorrected
    | events.TrialAuthorisationChanged
    | events.TrialRecruitmentChanged
    | events.FirstParticipantRecorded
    | events.ResultsPosted
    | events.EndOfTrial
)


def _changed(trial: Trial, event: _Changed) -> Trial:
    match event:
        case events.TrialPublished():
            return _published(trial, event)
        case events.TrialAmended() | events.TrialCorrected():
            return replace(trial, registration=after_changes(trial.registration, event.changes))
        case events.TrialOwnerChanged():
            return replace(trial, owner=event.now)
        case events.EventCorrected():
            return after_correction(trial, event)
        case events.ResultsPosted():
            return _put(trial, results=event.results)
        case events.FirstParticipantRecorded():
            return _put(_with_occurrence(trial, event), first_enrolment=StatedDate(date=event.on, kind=DateKind.ACTUAL))
        case events.TrialAuthorisationChanged():
            return replace(_with_occurrence(trial, event), authorisation=event.now)
        case events.TrialRecruitmentChanged():
            return replace(_with_occurrence(trial, event), recruitment=event.now)
        case events.TrialCompleted() | events.TrialDiscontinued() | events.TrialWithdrawn():
            return ended(trial, event)
        case _:
            return after_partner(trial, event)


def _site_changed(trial: Trial, event: events.SiteEvent) -> Trial:
    if isinstance(event, events.SiteAdded):
        details = event.site.to_stored()
        site = SiteState.of(details, event.authorisation, event.recruitment)
        trial = replace(trial, sites_bytes=trial.sites_bytes + len(to_json(details)))
        return _with_site(trial, event.site.site, site)
    if isinstance(event, events.SiteAmended):
        return _site_amended(trial, event)
    if isinstance(event, events.SiteIdentified):
        return _with_site(trial, event.site, replace(trial.sites[event.site], same_as=event.now))
    if isinstance(event, events.SiteOpened) and trial.recruitment is RecruitmentStatus.NOT_YET:
        # The first site that recruits makes the trial recruit (TRDS item 18); nobody has to report it twice.
        trial = replace(_with_occurrence(trial, event), recruitment=RecruitmentStatus.RECRUITING)
    site = _site_after(trial.sites[event.site], event)
    return _with_site(
        trial, event.site, replace(site, occurrences=(*site.occurrences, Occurrence(trial.version + 1, event)))
    )


def _site_after(site: SiteState, event: OfSite) -> SiteState:
    match event:
        case events.SiteOpened():
            return replace(site, recruitment=RecruitmentStatus.RECRUITING)
        case events.SitePaused():
            return replace(site, recruitment=RecruitmentStatus.PAUSED)
        case events.SiteClosed():
            return replace(site, recruitment=RecruitmentStatus.CLOSED)
        case events.SiteLeft():
            return replace(
                site, has_left=True, recruitment=RecruitmentStatus.CLOSED, authorisation=AuthorisationStatus.ENDED
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
        touched=((1, None),),
    )


def _site_amended(trial: Trial, event: events.SiteAmended) -> Trial:
    site = trial.sites[event.site]
    details = after_changes(site.details, event.changes)
    grown = len(to_json(details)) - len(to_json(site.details))
    amended = replace(site, details=details, organisation=details.get("organisation"), zone=details.get("zone"))
    return _with_site(replace(trial, sites_bytes=trial.sites_bytes + grown), event.site, amended)


def _published(trial: Trial, event: events.TrialPublished) -> Trial:
    filed, published = AuthorisationStatus.FILED, AuthorisationStatus.PUBLISHED
    sites = {
        name: replace(site, authorisation=published) if site.authorisation is filed else site
        for name, site in trial.sites.items()
    }
    return replace(trial, number=event.number, authorisation=published, sites=sites)


def _with_occurrence(trial: Trial, event: Dated) -> Trial:
    return replace(trial, occurrences=(*trial.occurrences, Occurrence(trial.version + 1, event)))


def _with_site(trial: Trial, name: str, site: SiteState) -> Trial:
    return replace(trial, sites={**trial.sites, name: site})


def _put(trial: Trial, **fields: Value) -> Trial:
    stored = {name: value.to_stored() for name, value in fields.items()}
    return replace(trial, registration={**trial.registration, **stored})
