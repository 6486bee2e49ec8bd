"""The state of a programme after an event, for the next decision.

A correction folds all events again, without those that did not happen.
"""

from dataclasses import replace
from functools import reduce
from typing import TypeAlias

from events.schemas import programme as events
from registry.domain.correcting import Occurrence, put_right
from registry.domain.programme.state import Halted, Programme, State


def evolve(state: State, event: events.ProgrammeEvent) -> State:
    """The state after the event. TypeError for an event that has no programme to happen to."""
    if isinstance(event, events.ProgrammeRegistered):
        return _registered(event)
    if state is None:
        raise TypeError(f"{type(event).__name__} without a programme")
    if isinstance(event, events.ProgrammeEventCorrected):
        return _corrected(state, event)
    return _applied(state, Occurrence(state.version + 1, event))


def _registered(event: events.ProgrammeRegistered) -> Programme:
    return Programme(version=1, owner=event.owner, details=event.details, occurrences=(Occurrence(1, event),))


def _corrected(programme: Programme, event: events.ProgrammeEventCorrected) -> Programme:
    occurrences = tuple(
        put_right(one, event) if one.version == event.corrects else one for one in programme.occurrences
    )
    registered, *others = occurrences
    assert isinstance(registered.event, events.ProgrammeRegistered), "a programme begins with its registration"
    folded = reduce(
        lambda after, one: after if one.void else _applied(after, one), others, _registered(registered.event)
    )
    return replace(folded, version=programme.version + 1, occurrences=occurrences)


def _applied(programme: Programme, occurrence: Occurrence[events.ProgrammeEvent]) -> Programme:
    after = _changed(programme, occurrence.event)
    return replace(after, version=occurrence.version, occurrences=(*programme.occurrences, occurrence))


def _changed(programme: Programme, event: events.ProgrammeEvent) -> Programme:
    match event:
        case events.RegionDeclared():
            return replace(programme, declared=(*programme.declared, event))
        case events.RegionJoined():
            return replace(programme, regions={**programme.regions, event.terms.region: event.terms})
        case events.JointStepSet():
            step = event.joint_step
            return replace(programme, joint_steps={**programme.joint_steps, step.step: step})
        case events.ProgrammeHalted():
            halted = Halted(event.halt, event.reach)
            return replace(programme, halts={**programme.halts, event.halt.item: halted})
        case events.ProgrammeHaltLifted():
            standing = {item: one for item, one in programme.halts.items() if item != event.halt}
            return replace(programme, halts=standing, halted_before=programme.halted_before | {event.halt})
        case events.ProgrammeEnded():
            return replace(programme, ended=event.kind)
        case events.ProgrammeRegistered() | events.ProgrammeEventCorrected():
            return programme
        case _:
            return _described(programme, event)


_OfDescription: TypeAlias = (
    events.ProgrammeAmended
    | events.SponsorAdded
    | events.SponsorRemoved
    | events.ProtocolAdded
    | events.ProtocolVersionAdded
    | events.RegistrationLinked
    | events.RegistrationUnlinked
)


def _described(programme: Programme, event: _OfDescription) -> Programme:
    match event:
        case events.ProgrammeAmended():
            return replace(programme, details=event.now)
        case events.SponsorAdded():
            return replace(programme, sponsors={**programme.sponsors, event.sponsor.organisation: event.sponsor})
        case events.SponsorRemoved():
            others = {name: one for name, one in programme.sponsors.items() if name != event.organisation}
            return replace(programme, sponsors=others)
        case events.ProtocolAdded():
            return replace(programme, protocols={**programme.protocols, event.protocol.protocol: event.protocol})
        case events.ProtocolVersionAdded():
            key = (event.version.protocol, event.version.version)
            return replace(programme, versions={**programme.versions, key: event.version})
        case events.RegistrationLinked():
            return replace(programme, links={**programme.links, event.registration: event})
        case events.RegistrationUnlinked():
            links = {item: one for item, one in programme.links.items() if item != event.registration}
            return replace(programme, links=links)
