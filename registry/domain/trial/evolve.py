"""What is true of a trial after an event, for the next decision."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from events import changes
from events.canonical import to_json
from events.catalogue import name_of
from events.schemas import trial as events
from events.schemas.items import with_old_number
from events.schemas.registration import Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, StatedDate, Value
from events.sealing import OwnerKind, owners_in
from registry.domain.trial.correcting import after_correction
from registry.domain.trial.ending import ended
from registry.domain.trial.state import SiteState, SourceView, State, Trial
from registry.domain.trial.told import REPORTS, Dated, OfSite, Told
from registry.domain.trial.versions import standing


def evolve(state: State, event: events.TrialEvent) -> State:
    """The state after the event. TypeError for an event that has no trial to happen to."""
    if isinstance(event, events.TrialRegistered):
        return _registered(event)
    if isinstance(event, events.TrialImported):
        return _imported(event)
    if state is None:
        raise TypeError(f"{type(event).__name__} without a trial")
    if isinstance(event, events.TakeBackAsked | events.TakeBackDeclined):
        return replace(_take_back(state, event), version=state.version + 1)
    changed = _site_changed(state, event) if isinstance(event, events.SiteEvent) else _changed(state, event)
    version = state.version + 1
    return replace(_with_texts(changed, event, version), version=version, touched=_touched(changed, event, version))


def _with_texts(trial: Trial, event: events.TrialEvent, version: int) -> Trial:
    """Notes the texts that an event of a site says, for who asks to take them back."""
    name = getattr(event, "site", None)
    about = event.event if isinstance(event, events.EventCorrected) else name_of(event)
    if name is None or about not in REPORTS:
        return trial
    texts = tuple(dict.fromkeys(owners_in(event.to_stored(), (OwnerKind.TEXT.value,))))
    site = trial.sites[name]
    return _with_site(trial, name, replace(site, said={**site.said, version: texts})) if texts else trial


def _take_back(trial: Trial, event: events.TakeBackAsked | events.TakeBackDeclined) -> Trial:
    site = trial.sites[event.site]
    asked = site.asked | {event.of} if isinstance(event, events.TakeBackAsked) else site.asked - {event.of}
    return _with_site(trial, event.site, replace(site, asked=asked))


def _touched(trial: Trial, event: events.TrialEvent, version: int) -> tuple[tuple[int, frozenset[str] | None], ...]:
    fields = _fields_of(event)
    return trial.touched if fields is not None and not fields else (*trial.touched, (version, fields))


def _fields_of(event: events.TrialEvent) -> frozenset[str] | None:
    """The fields of the registration that an event changes; None stands for all."""
    match event:
        case events.TrialAmended() | events.TrialCorrected():
            return frozenset(_field(change.field) for change in event.changes)
        case events.EventCorrected():
            told = [one.field for one in event.effects if one.field.startswith("/registration/")]
            return frozenset(_field(pointer.removeprefix("/registration")) for pointer in told)
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


_FromPartner: TypeAlias = (
    events.TrialSourceAdded
    | events.TrialImportChanged
    | events.OlderVersionKept
    | events.TrialIdentified
    | events.TrialAdopted
    | events.TrialRestored
)
_Changed: TypeAlias = (
    _FromPartner
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
            return _put(_told(trial, event), first_enrolment=StatedDate(date=event.on, kind=DateKind.ACTUAL))
        case events.TrialAuthorisationChanged():
            return replace(_told(trial, event), authorisation=event.now)
        case events.TrialRecruitmentChanged():
            return replace(_told(trial, event), recruitment=event.now)
        case events.TrialCompleted() | events.TrialDiscontinued() | events.TrialWithdrawn():
            return ended(trial, event)
        case _:
            return _from_partner(trial, event)


def _from_partner(trial: Trial, event: _FromPartner) -> Trial:
    match event:
        case events.TrialSourceAdded():
            return _source_added(trial, event)
        case events.TrialImportChanged():
            return _import_changed(trial, event)
        case events.OlderVersionKept():
            return _older_kept(trial, event)
        case events.TrialIdentified():
            return replace(trial, same_as=event.now)
        case events.TrialAdopted():
            return _adopted(trial, event)
        case events.TrialRestored():
            return _restored(trial, event)


def _site_changed(trial: Trial, event: events.SiteEvent) -> Trial:
    if isinstance(event, events.SiteAdded):
        details = event.site.to_stored()
        site = _site_state(details, event.authorisation, event.recruitment)
        trial = replace(trial, sites_bytes=trial.sites_bytes + len(to_json(details)))
        return _with_site(trial, event.site.site, site)
    if isinstance(event, events.SiteAmended):
        return _site_amended(trial, event)
    if isinstance(event, events.SiteIdentified):
        return _with_site(trial, event.site, replace(trial.sites[event.site], same_as=event.now))
    if isinstance(event, events.SiteOpened) and trial.recruitment is RecruitmentStatus.NOT_YET:
        # The first site that recruits makes the trial recruit (TRDS item 18); nobody has to say it twice.
        trial = replace(_told(trial, event), recruitment=RecruitmentStatus.RECRUITING)
    site = _site_after(trial.sites[event.site], event)
    return _with_site(trial, event.site, replace(site, told=(*site.told, Told(trial.version + 1, event))))


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
        touched=((1, None),),
    )


def whole_of(imported: events.TrialImported | events.TrialSourceAdded) -> dict[str, Any]:
    """A partner's registration as one document, the form that the changes of imports point into."""
    stored = imported.to_stored()
    sites = {site["site"]: site for site in stored["sites"]}
    return {"home": stored["home"], "registration": stored["registration"], "status": stored["status"], "sites": sites}


def _imported(event: events.TrialImported) -> Trial:
    whole = whole_of(event)
    said = _as_partners_say(whole, _heard({}, event.source, whole), version=1, before={})
    return replace(said, touched=((1, None),))


def _heard(sources: Mapping[str, SourceView], source: Source, whole: Mapping[str, Any]) -> dict[str, SourceView]:
    key = events.source_key(source.to_stored())
    return {**sources, key: standing(sources.get(key), source, whole)}


def _as_partners_say(
    whole: Mapping[str, Any], sources: Mapping[str, SourceView], version: int, before: Mapping[str, SiteState]
) -> Trial:
    """`before`: the sites as they were. Two that were said to be one stay so, where both are still there."""
    status = events.Status.from_stored(whole["status"])
    same = {name: site.same_as for name, site in before.items() if site.same_as in whole["sites"]}
    return Trial(
        version=version,
        owner=None,
        home=events.Home.from_stored(whole["home"]),
        number=None,
        authorisation=status.authorisation,
        recruitment=status.recruitment,
        registration=whole["registration"],
        sites={
            name: replace(_as_listed(site, status.authorisation), same_as=same.get(name))
            for name, site in whole["sites"].items()
        },
        sources=sources,
        whole=whole,
    )


def _as_listed(site: Mapping[str, Any], authorisation: AuthorisationStatus) -> SiteState:
    recruitment = RecruitmentStatus(site["recruitment"])
    if "left" in site:
        return replace(_site_state(site, AuthorisationStatus.ENDED, recruitment), left=True)
    return _site_state(site, authorisation, recruitment)


def _site_state(
    site: Mapping[str, Any], authorisation: AuthorisationStatus, recruitment: RecruitmentStatus
) -> SiteState:
    return SiteState(site.get("organisation"), authorisation, recruitment, zone=site.get("zone"), details=site)


def _site_amended(trial: Trial, event: events.SiteAmended) -> Trial:
    site = trial.sites[event.site]
    details = after_changes(site.details, event.changes)
    grown = len(to_json(details)) - len(to_json(site.details))
    amended = replace(site, details=details, organisation=details.get("organisation"), zone=details.get("zone"))
    return _with_site(replace(trial, sites_bytes=trial.sites_bytes + grown), event.site, amended)


def _source_added(trial: Trial, event: events.TrialSourceAdded) -> Trial:
    sources = _heard(trial.sources, event.source, whole_of(event))
    return _with_sources(trial, sources, event.effects)


def _import_changed(trial: Trial, event: events.TrialImportChanged) -> Trial:
    known = trial.sources[events.source_key(event.source.to_stored())]
    sources = _heard(trial.sources, event.source, after_changes(known.whole, event.changes))
    return _with_sources(trial, sources, event.changes if event.effects is None else event.effects)


def _older_kept(trial: Trial, event: events.OlderVersionKept) -> Trial:
    key = events.source_key(event.source.to_stored())
    known = trial.sources[key]
    kept = replace(known, seen=known.seen | {event.source.document})
    return replace(trial, sources={**trial.sources, key: kept})


def _with_sources(trial: Trial, sources: Mapping[str, SourceView], effects: tuple[events.Change, ...]) -> Trial:
    if not effects:
        return replace(trial, sources=sources)
    said = _as_partners_say(after_changes(trial.whole, effects), sources, trial.version, trial.sites)
    return replace(said, touched=trial.touched, same_as=trial.same_as)


def _adopted(trial: Trial, event: events.TrialAdopted) -> Trial:
    registration = with_old_number(trial.registration, event.was.to_stored())
    ours = replace(trial, owner=event.owner, number=event.number, home=None, registration=registration)
    return replace(ours, stated=trial.whole["status"], whole={})


def _restored(trial: Trial, event: events.TrialRestored) -> Trial:
    return replace(trial, owner=event.owner, number=event.number, home=None, stated=trial.whole["status"], whole={})


def _published(trial: Trial, event: events.TrialPublished) -> Trial:
    filed, published = AuthorisationStatus.FILED, AuthorisationStatus.PUBLISHED
    sites = {
        name: replace(site, authorisation=published) if site.authorisation is filed else site
        for name, site in trial.sites.items()
    }
    return replace(trial, number=event.number, authorisation=published, sites=sites)


def _told(trial: Trial, event: Dated) -> Trial:
    return replace(trial, told=(*trial.told, Told(trial.version + 1, event)))


def _with_site(trial: Trial, name: str, site: SiteState) -> Trial:
    return replace(trial, sites={**trial.sites, name: site})


def _put(trial: Trial, **fields: Value | int) -> Trial:
    stored = {name: value.to_stored() if isinstance(value, Value) else value for name, value in fields.items()}
    return replace(trial, registration={**trial.registration, **stored})


def after_changes(document: Mapping[str, Any], applied: tuple[events.Change, ...]) -> dict[str, Any]:
    return changes.apply(document, ((change.field, change.new) for change in applied))
