"""Which event follows a command on a region, or which rules stand against it."""

from typing import TypeAlias

from events.schemas import region as events
from registry.domain.acting import fields_of, one_of, sourced
from registry.domain.decider import Command, Context, Fault, Rejection, reject_if
from registry.domain.regimes.tables import TABLES, Tables
from registry.domain.regimes.terms import resolve
from registry.domain.region import commands as do
from registry.domain.region.decide_application import (
    OnApplication,
    decide_application,
    note_application_end,
    note_joint_conclusion,
    submit,
)
from registry.domain.region.decide_correction import decide_correction
from registry.domain.region.decide_halt import corrective, halt, lift
from registry.domain.region.decide_life import OfLife, decide_life
from registry.domain.region.decide_silence import note_silence
from registry.domain.region.rules import attempt_named
from registry.domain.region.state import Region, State

_Noted: TypeAlias = (
    do.NoteProgramme
    | do.LinkRegistration
    | do.UnlinkRegistration
    | do.NoteJointConclusion
    | do.NoteApplicationEnd
    | do.NoteSilence
)
"""The commands that the registry itself gives, by its policies."""


def decide(state: State, command: Command, context: Context, tables: Tables = TABLES) -> events.RegionEvent | None:
    """The event that follows, or None where there is nothing to record.

    Raises Rejection with every fault; TypeError for a command that is no region's.
    """
    if isinstance(command, do.BeginRegion):
        return _begin(state, command, tables)
    if state is None:
        raise Rejection(Fault("region-unknown", "no region has begun under this id; join it to its programme"))
    if isinstance(command, OnApplication):
        return decide_application(state, command, context, tables)
    if isinstance(command, OfLife):
        return decide_life(state, command, context, tables)
    if isinstance(command, _Noted):
        return _note(state, command, context, tables)
    return _on_region(state, command, context, tables)


def _on_region(state: Region, command: Command, context: Context, tables: Tables) -> events.RegionEvent | None:
    match command:
        case do.AmendTerms():
            return _amend_terms(state, command)
        case do.SetDue():
            return _set_due(state, command, context)
        case do.SubmitApplication():
            return submit(state, command, context, tables)
        case do.HaltRegion():
            return halt(state, command, context, tables)
        case do.LiftRegionHalt():
            return lift(state, command, context, tables)
        case do.OrderCorrectiveMeasure():
            return corrective(state, command, context)
        case do.CorrectRegionEvent():
            return decide_correction(state, command, context)
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a region")


def _begin(state: State, command: do.BeginRegion, tables: Tables) -> events.RegionBegun | None:
    if state is not None:
        if (state.programme, state.terms.region) == (command.programme, command.terms.region):
            return None
        raise Rejection(Fault("region-known", "another region has begun under this id"))
    resolved = resolve(command.terms, command.table, tables)
    return events.RegionBegun(**fields_of(command, "table"), resolved=resolved)


def _note(region: Region, command: _Noted, context: Context, tables: Tables) -> events.RegionEvent | None:
    match command:
        case do.NoteProgramme():
            # An older version comes late: the known one is newer.
            if command.version <= region.programme_version:
                return None
            return events.ProgrammeNoted(**fields_of(command))
        case do.LinkRegistration():
            return None if command.trial in region.trials else events.RegistrationLinked(trial=command.trial)
        case do.UnlinkRegistration():
            return events.RegistrationUnlinked(trial=command.trial) if command.trial in region.trials else None
        case do.NoteJointConclusion():
            return note_joint_conclusion(region, command)
        case do.NoteApplicationEnd():
            return note_application_end(region, command)
        case do.NoteSilence():
            return note_silence(region, command, context, tables)


def _amend_terms(region: Region, command: do.AmendTerms) -> events.RegionTermsAmended:
    changes = {name: getattr(command, name) for name in ("authorities", "ethics_bodies", "coordinator")}
    now = region.terms.model_copy(update={name: value for name, value in changes.items() if value is not None})
    if now == region.terms:
        raise Rejection(Fault("no-change", "every field given has this value already"))
    return events.RegionTermsAmended(was=region.terms, now=now, resolved=region.resolved)


def _set_due(region: Region, command: do.SetDue, context: Context) -> events.DueSet:
    attempt = None if command.application is None else attempt_named(region, command.application, None)
    by = command.organisation(context)
    known = (*region.terms.authorities, *region.terms.ethics_bodies)
    # The office states a moment itself, too.
    reviewers = () if by == context.organisation else one_of(by, known, "authority or ethics body")
    reject_if([*sourced(command, context), *reviewers])
    return events.DueSet(**fields_of(command), by=by, attempt=None if attempt is None else attempt.number)
