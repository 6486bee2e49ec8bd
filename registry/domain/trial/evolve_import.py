"""The state of a trial that came from a partner, after an event of its import, and once it is registered here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from events import changes
from events.schemas import trial as events
from events.schemas.items import with_old_number
from events.schemas.registration import Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from registry.domain.trial.state import SiteState, SourceView, Trial
from registry.domain.trial.versions import standing

FromPartner: TypeAlias = (
    events.TrialSourceAdded
    | events.TrialImportChanged
    | events.OlderVersionKept
    | events.TrialIdentified
    | events.TrialAdopted
    | events.TrialRestored
)
"""The events that change a partner's registration."""


def imported(event: events.TrialImported) -> Trial:
    """The trial of a first import."""
    whole = whole_of(event)
    trial = _as_partners_say(whole, _with_source({}, event.source, whole), version=1, before={})
    return replace(trial, touched=((1, None),))


def after_partner(trial: Trial, event: FromPartner) -> Trial:
    """The trial after the event."""
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


def whole_of(received: events.TrialImported | events.TrialSourceAdded) -> dict[str, Any]:
    """A partner's registration as one document, the form that the changes of imports point into."""
    stored = received.to_stored()
    sites = {site["site"]: site for site in stored["sites"]}
    return {"home": stored["home"], "registration": stored["registration"], "status": stored["status"], "sites": sites}


def _with_source(sources: Mapping[str, SourceView], source: Source, whole: Mapping[str, Any]) -> dict[str, SourceView]:
    key = events.source_key(source.to_stored())
    return {**sources, key: standing(sources.get(key), source, whole)}


def _as_partners_say(
    whole: Mapping[str, Any], sources: Mapping[str, SourceView], version: int, before: Mapping[str, SiteState]
) -> Trial:
    """`before`: the sites as they were. Two that were marked as one stay so, if both still exist."""
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
        return replace(SiteState.of(site, AuthorisationStatus.ENDED, recruitment), has_left=True)
    return SiteState.of(site, authorisation, recruitment)


def _source_added(trial: Trial, event: events.TrialSourceAdded) -> Trial:
    sources = _with_source(trial.sources, event.source, whole_of(event))
    return _with_sources(trial, sources, event.effects)


def _import_changed(trial: Trial, event: events.TrialImportChanged) -> Trial:
    known = trial.sources[events.source_key(event.source.to_stored())]
    sources = _with_source(trial.sources, event.source, after_changes(known.whole, event.changes))
    return _with_sources(trial, sources, event.changes if event.effects is None else event.effects)


def _older_kept(trial: Trial, event: events.OlderVersionKept) -> Trial:
    key = events.source_key(event.source.to_stored())
    known = trial.sources[key]
    view = replace(known, seen=known.seen | {event.source.document})
    return replace(trial, sources={**trial.sources, key: view})


def _with_sources(trial: Trial, sources: Mapping[str, SourceView], effects: tuple[events.Change, ...]) -> Trial:
    if not effects:
        return replace(trial, sources=sources)
    after = _as_partners_say(after_changes(trial.whole, effects), sources, trial.version, trial.sites)
    return replace(after, touched=trial.touched, same_as=trial.same_as)


def _adopted(trial: Trial, event: events.TrialAdopted) -> Trial:
    registration = with_old_number(trial.registration, event.was.to_stored())
    ours = replace(trial, owner=event.owner, number=event.number, home=None, registration=registration)
    return replace(ours, stated=trial.whole["status"], whole={})


def _restored(trial: Trial, event: events.TrialRestored) -> Trial:
    return replace(trial, owner=event.owner, number=event.number, home=None, stated=trial.whole["status"], whole={})


def after_changes(document: Mapping[str, Any], applied: tuple[events.Change, ...]) -> dict[str, Any]:
    """The document with changes applied, as an event names them."""
    return changes.apply(document, ((change.field, change.new) for change in applied))
