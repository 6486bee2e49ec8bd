"""Which event follows when a partner's registration is received: the first time, again, or changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from events import changes
from events.identifiers.registries import named
from events.pointers import escaped, keys_of
from events.schemas import items
from events.schemas.fields import CONTACTS
from events.schemas.registration import Registration
from events.schemas.status import RecruitmentStatus
from events.schemas.trial import (
    OlderVersionKept,
    SiteAsImported,
    TrialIdentified,
    TrialImportChanged,
    TrialImported,
    TrialSourceAdded,
    WholeChange,
    source_key,
)
from events.sealing import OwnerKind, owners_in
from registry.domain.decider import Fault, Rejection, reject_if
from registry.domain.trial import sizes
from registry.domain.trial.commands import IdentifyTrial, ImportTrial
from registry.domain.trial.evolve_import import after_changes, whole_of
from registry.domain.trial.site_ids import identified
from registry.domain.trial.sources import merged
from registry.domain.trial.state import SourceView, State, Trial
from registry.domain.trial.versions import is_named, older, standing

FromPartner: TypeAlias = TrialImported | TrialSourceAdded | TrialImportChanged | OlderVersionKept


def decide_import(state: State, command: ImportTrial) -> FromPartner | None:
    """None if the same bytes came again from the same source.

    A field that went blank in a newer version is kept, and named.

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
    if is_named(command.source, known):
        return None
    if older(command.source, known):
        return _kept_aside(command)
    return _changed(state, known, received)


def _kept_aside(command: ImportTrial) -> OlderVersionKept:
    stored = command.to_stored()
    persons, texts = (
        tuple(dict.fromkeys(owners_in(stored, (kind,)))) or None for kind in (OwnerKind.PERSON, OwnerKind.TEXT)
    )
    return OlderVersionKept(source=command.source, persons=persons, texts=texts)


def identify(trial: Trial, command: IdentifyTrial) -> TrialIdentified:
    """Identifies a partner's record with another trial of its home, which alone can say so; raises Rejection."""
    if trial.home is None:
        raise Rejection(Fault("already-ours", "this trial is registered here"))
    if trial.home.registry != command.registry:
        raise Rejection(Fault("home-elsewhere", f"only {named(trial.home.registry)} says which trial this is"))
    if trial.same_as == command.same_as:
        raise Rejection(Fault("no-change", "that is recorded already"))
    if trial.same_as is not None and command.same_as is not None:
        raise Rejection(
            Fault("trial-same", f"it is said to be the trial {trial.same_as}; that has to be taken back first")
        )
    return TrialIdentified(registry=command.registry, was=trial.same_as, now=command.same_as)


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
    view = standing(None, received.source, whole_of(received))
    parts = {name: getattr(received, name) for name in ("home", "registration", "status", "sites", "source")}
    return TrialSourceAdded(**parts, effects=_effects(state, source_key(received.source.to_stored()), view))


def _changed(state: Trial, known: SourceView, received: TrialImported) -> TrialImportChanged:
    differing = list(_differing(known.whole, items.whole(whole_of(received), known.whole)))
    restated = {field for field, _, new in differing if not _blank(new)}
    # A list has all its members, and each member all its known fields: an absent one is gone.
    unstated = tuple(
        field
        for field, _, new in differing
        if _blank(new) and not (_lapses(field) or changes.in_list(known.whole, field) or _goes_with(field, restated))
    )
    changed = (
        *(WholeChange.between(field, old, new) for field, old, new in differing if field not in unstated),
        *_sites_left(unstated, known.whole["sites"], lists_sites=bool(received.sites)),
        *(one for field, old, _ in differing if field in unstated for one in _withdrawn(field, old)),
    )
    view = standing(known, received.source, after_changes(known.whole, changed))
    effects = _effects(state, source_key(received.source.to_stored()), view)
    return TrialImportChanged(
        source=received.source, changes=changed, kept=unstated, effects=None if effects == changed else effects
    )


def _effects(state: Trial, key: str, view: SourceView) -> tuple[WholeChange, ...]:
    """The changes by the source to the trial itself; none once it is registered here."""
    if state.home is None:
        return ()
    after = merged({**state.sources, key: view})
    return tuple(WholeChange.between(field, old, new) for field, old, new in changes.diff(state.whole, after))


Whole: TypeAlias = Mapping[str, Any]
_LAPSING_TOGETHER: Final = (
    frozenset({f"/registration/eligibility/{part}" for part in ("inclusion", "exclusion", "criteria")}),
    # The results. Where a source takes them back, the day and the texts about them are gone, too.
    frozenset(
        f"/registration/results/{part}"
        for part in ("urls", "posted", "baseline", "participant_flow", "outcome_measures", "adverse_events")
    ),
    frozenset({"/registration/unspecified_size", "/registration/planned_size"}),
    frozenset({"/registration/unspecified_size", "/registration/actual_size"}),
    frozenset({"/status/authorisation", "/status/recruitment", "/status/why"}),
    # A day that an earlier status was verified on says nothing of a later one.
    frozenset({"/status/authorisation", "/status/recruitment", "/status/verified"}),
    *(
        frozenset({f"/registration/{name}/date", f"/registration/{name}/kind"})
        for name in ("first_enrolment", "completion", "primary_completion")
    ),
)
"""Fields that make one statement together: if one is stated again, the former values of the others no longer hold."""


def _goes_with(field: str, restated: set[str]) -> bool:
    return any(field in statement and statement & restated for statement in _LAPSING_TOGETHER)


_LAPSING: Final = CONTACTS | {"left"}
"""Fields that hold no longer than a source states them: whom to ask, which is personal data, and that a site left."""


def _differing(known: Whole, received: Whole) -> Iterator[changes.Difference]:
    """As `changes.diff`. Contacts that a source no longer gives become empty: no other source may bring them back."""
    for field, old, new in changes.diff(known, received):
        now = _none_of(old) if new is None and keys_of(field)[-1] in CONTACTS else new
        if now != old:
            yield field, old, now


def _lapses(field: str) -> bool:
    return not _LAPSING.isdisjoint(keys_of(field))


def _sites_left(unstated: Iterable[str], sites: Whole, *, lists_sites: bool) -> Iterator[WholeChange]:
    """A site that is missing from a newer list of the partner's has left the trial; its known values stay."""
    closed = RecruitmentStatus.CLOSED.value
    for name, site in sites.items():
        if not lists_sites or f"/sites/{name}" not in unstated or "left" in site:
            continue
        yield WholeChange(field=f"/sites/{name}/left", new=True)
        if site["recruitment"] != closed:
            yield WholeChange(field=f"/sites/{name}/recruitment", old=site["recruitment"], new=closed)


def _withdrawn(field: str, value: Any) -> Iterator[WholeChange]:
    """The contacts in a value that is kept: the source no longer gives them."""
    inner = changes.members(value) if isinstance(value, list) else value
    for name, member in inner.items() if isinstance(inner, Mapping) and "sealed" not in inner else ():
        pointer = f"{field}/{escaped(name)}"
        if name not in CONTACTS:
            yield from _withdrawn(pointer, member)
        elif member:
            yield WholeChange.between(pointer, member, _none_of(member))


def _none_of(contacts: Any) -> list[Any] | None:
    return [] if isinstance(contacts, list) else None


def _blank(value: Any) -> bool:
    """Whether a source says nothing any more. An empty list says something: that there is none."""
    return value is None or value == {}
