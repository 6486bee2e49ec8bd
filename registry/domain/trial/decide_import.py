"""Which event follows when a partner's registration is received: the first time, again, or changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from events import changes
from events.schemas import items
from events.schemas.registration import Registration
from events.schemas.status import RecruitmentStatus
from events.schemas.trial import (
    SiteAsImported,
    TrialImportChanged,
    TrialImported,
    TrialSourceAdded,
    WholeChange,
    source_key,
)
from registry.domain.decider import Fault, Rejection, reject_if
from registry.domain.trial import sizes
from registry.domain.trial.commands import ImportTrial
from registry.domain.trial.evolve import after_changes, whole_of
from registry.domain.trial.site_ids import identified
from registry.domain.trial.sources import merged
from registry.domain.trial.state import SourceView, State, Trial


def decide_import(state: State, command: ImportTrial) -> TrialImported | TrialSourceAdded | TrialImportChanged | None:
    """None where the same bytes came again from the same source. A field that went blank there is kept, and named.

    Raises Rejection where the trial is our own and came from no partner, or where it is larger than any may be.
    """
    key = source_key(command.source.to_stored())
    received = _received(command, identified(state, key, command.sites))
    reject_if(list(sizes.partners_fit(received)))
    if state is None:
        return received
    if not state.sources:
        raise Rejection(Fault("registered-here", "this trial was registered here; it has no partner to change it"))
    known = state.sources.get(key)
    if known is None:
        return _added(state, received)
    if known.digest == command.source.document:
        return None
    return _changed(state, known, received)


def _received(command: ImportTrial, sites: tuple[SiteAsImported, ...]) -> TrialImported:
    registration = command.registration
    if not all(map(items.all_given, (registration, *sites))):
        stored = {"registration": registration.to_stored(), "sites": {site.site: site.to_stored() for site in sites}}
        whole = items.whole(stored)
        registration = Registration.from_stored(whole["registration"])
        sites = tuple(SiteAsImported.from_stored(site) for site in whole["sites"].values())
    return TrialImported(
        home=command.home, registration=registration, status=command.status, sites=sites, source=command.source
    )


def _added(state: Trial, received: TrialImported) -> TrialSourceAdded:
    view = SourceView(received.source.registry, received.source.document, whole_of(received))
    said = {name: getattr(received, name) for name in ("home", "registration", "status", "sites", "source")}
    return TrialSourceAdded(**said, effects=_effects(state, source_key(received.source.to_stored()), view))


def _changed(state: Trial, known: SourceView, received: TrialImported) -> TrialImportChanged:
    differing = list(changes.diff(known.whole, items.whole(whole_of(received), known.whole)))
    said = {field for field, _, new in differing if not _blank(new)}
    # A list says which members it has, and each of them all that is known of it: what is not there is gone.
    kept = tuple(
        field
        for field, _, new in differing
        if _blank(new) and not changes.in_list(known.whole, field) and not _goes_with(field, said)
    )
    told = (
        *(WholeChange.between(field, old, new) for field, old, new in differing if field not in kept),
        *_vanished(kept, known.whole["sites"], lists_sites=bool(received.sites)),
    )
    view = replace(known, whole=after_changes(known.whole, told))
    effects = _effects(state, source_key(received.source.to_stored()), view)
    return TrialImportChanged(
        source=received.source, changes=told, kept=kept, effects=None if effects == told else effects
    )


def _effects(state: Trial, key: str, view: SourceView) -> tuple[WholeChange, ...]:
    """What the trial itself becomes other by the source; nothing once it is registered here."""
    if state.home is None:
        return ()
    after = merged({**state.sources, key: view})
    return tuple(WholeChange.between(field, old, new) for field, old, new in changes.diff(state.whole, after))


_ONE_STATEMENT: Final = (
    frozenset({f"/registration/eligibility/{part}" for part in ("inclusion", "exclusion", "criteria")}),
    # Where results are: none any more, where they were taken back; and then the day and what was said of them is gone.
    frozenset(
        f"/registration/results/{part}"
        for part in ("urls", "posted", "baseline", "participant_flow", "outcome_measures", "adverse_events")
    ),
    frozenset({"/registration/unspecified_size", "/registration/planned_size"}),
    frozenset({"/registration/unspecified_size", "/registration/actual_size"}),
    frozenset({"/status/authorisation", "/status/recruitment", "/status/why"}),
    *(
        frozenset({f"/registration/{name}/date", f"/registration/{name}/kind"})
        for name in ("first_enrolment", "completion", "primary_completion")
    ),
)
"""Fields that say one thing together: where one is said anew, what the others said no longer holds."""


def _goes_with(field: str, said: set[str]) -> bool:
    return any(field in statement and statement & said for statement in _ONE_STATEMENT)


def _vanished(kept: Iterable[str], sites: Mapping[str, Any], *, lists_sites: bool) -> Iterator[WholeChange]:
    """A site that the partner lists no more stays, but nobody says any longer that it recruits."""
    unknown = RecruitmentStatus.UNKNOWN.value
    for name, site in sites.items():
        if lists_sites and f"/sites/{name}" in kept and site["recruitment"] != unknown:
            yield WholeChange(field=f"/sites/{name}/recruitment", old=site["recruitment"], new=unknown)


def _blank(value: Any) -> bool:
    """Whether a source says nothing any more. An empty list says something: that there is none."""
    return value is None or value == {}
