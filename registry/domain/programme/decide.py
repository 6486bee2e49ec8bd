"""Which event follows a command on a programme, or which rules stand against it."""

from collections.abc import Iterable
from typing import TypeAlias

from events.schemas import programme as events
from events.schemas.programme import Details, SponsorKind
from registry.domain.acting import fields_of, happened, one_of, sourced
from registry.domain.decider import Command, Context, Fault, Rejection, reject_if
from registry.domain.programme import commands as do
from registry.domain.programme.decide_correction import decide_correction
from registry.domain.programme.decide_halt import halt, lift
from registry.domain.programme.decide_link import link, unlink
from registry.domain.programme.decide_protocol import add_protocol, add_version
from registry.domain.programme.state import Programme, State
from registry.domain.regimes.tables import TABLES, Tables
from registry.domain.regimes.terms import terms_possible


def decide(state: State, command: Command, context: Context, tables: Tables = TABLES) -> events.ProgrammeEvent | None:
    """The event that follows, or None where there is nothing to record.

    Raises Rejection with every fault; TypeError for a command that is no programme's.
    """
    if isinstance(command, do.RegisterProgramme):
        return _register(state, command, context)
    if state is None:
        raise Rejection(Fault("programme-unknown", "no programme is registered under this id"))
    match command:
        case do.HaltProgramme():
            return halt(state, command, context, tables)
        case do.LiftProgrammeHalt():
            return lift(state, command, context, tables)
        case do.CorrectProgrammeEvent():
            return decide_correction(state, command, context)
        case do.JoinRegion():
            return _join(state, command, context, tables)
        case do.DeclareRegion():
            return _declare(state, command, context)
        case do.SetJointStep():
            return _set_joint_step(state, command)
        case do.EndProgramme():
            return _end(state, command, context)
        case _:
            return _describe(state, command)


def _describe(programme: Programme, command: Command) -> events.ProgrammeEvent:
    match command:
        case do.AmendProgramme():
            return _amend(programme, command)
        case do.AddSponsor() | do.RemoveSponsor():
            return _change_sponsors(programme, command)
        case do.AddProtocol():
            return add_protocol(programme, command)
        case do.AddProtocolVersion():
            return add_version(programme, command)
        case do.LinkToProgramme():
            return link(programme, command)
        case do.UnlinkFromProgramme():
            return unlink(programme, command)
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a programme")


def _register(state: State, command: do.RegisterProgramme, context: Context) -> events.ProgrammeRegistered:
    if state is not None:
        raise Rejection(Fault("already-registered", "this programme exists; amend it"))
    return events.ProgrammeRegistered(owner=command.owner or context.organisation, details=command.details)


def _amend(programme: Programme, command: do.AmendProgramme) -> events.ProgrammeAmended:
    changes = {name: getattr(command.details, name) for name in command.details.model_fields_set}
    if "title" in changes and changes["title"] is None:
        raise Rejection(Fault("title-missing", "a programme has a title", "/details/title"))
    now = Details.model_validate({**dict(programme.details), **changes})
    if now == programme.details:
        raise Rejection(Fault("no-change", "every field given has this value already", "/details"))
    return events.ProgrammeAmended(was=programme.details, now=now)


_OfSponsors: TypeAlias = do.AddSponsor | do.RemoveSponsor


def _change_sponsors(programme: Programme, command: _OfSponsors) -> events.SponsorAdded | events.SponsorRemoved:
    if isinstance(command, do.RemoveSponsor):
        if command.organisation not in programme.sponsors or command.organisation == programme.owner:
            message = f"{command.organisation} is none of the sponsors beside the owner"
            raise Rejection(Fault("sponsor-unknown", message, "/organisation"))
        return events.SponsorRemoved(organisation=command.organisation)
    sponsor = command.sponsor
    faults = [
        Fault("protocol-unknown", f"no protocol {one}; add it first", "/sponsor/protocols")
        for one in sponsor.protocols or ()
        if one not in programme.protocols
    ]
    if programme.sponsors.get(sponsor.organisation) == sponsor:
        faults.append(Fault("no-change", "it is a sponsor so already", "/sponsor"))
    if sponsor.organisation == programme.owner and sponsor.kind is not SponsorKind.SPONSOR:
        faults.append(Fault("owner-sponsors", "the owner is a sponsor of the programme", "/sponsor/kind"))
    reject_if(faults)
    return events.SponsorAdded(sponsor=sponsor)


def _declare(programme: Programme, command: do.DeclareRegion, context: Context) -> events.RegionDeclared | None:
    reject_if(list(sourced(command, context)))
    declared = events.RegionDeclared(
        country=command.country, asserted_by=command.organisation(context), source=command.source
    )
    # Other fields of an event, as the reason of its command, do not make it a different statement.
    known = {(one.country, one.asserted_by, one.source) for one in programme.declared}
    return None if (declared.country, declared.asserted_by, declared.source) in known else declared


def _join(programme: Programme, command: do.JoinRegion, context: Context, tables: Tables) -> events.RegionJoined:
    by, terms = command.organisation(context), command.terms
    faults = [*happened(command.on, context), *sourced(command, context)]
    faults += one_of(by, programme.sponsoring(SponsorKind.SPONSOR), "sponsor")
    faults += terms_possible(terms, command.on.date, tables)
    if terms.region in programme.regions:
        faults.append(Fault("region-known", f"{terms.region} has joined already", "/terms/region"))
    if programme.ended is not None:
        faults.append(Fault("programme-over", "the programme has ended"))
    reject_if(faults)
    return events.RegionJoined(**fields_of(command), by=by)


def _set_joint_step(programme: Programme, command: do.SetJointStep) -> events.JointStepSet | None:
    step = command.joint_step
    if programme.joint_steps.get(step.step) == step:
        return None
    reject_if(list(_step_possible(programme, command)))
    return events.JointStepSet(joint_step=step)


def _step_possible(programme: Programme, command: do.SetJointStep) -> Iterable[Fault]:
    step = command.joint_step
    for code in (step.lead, *step.members):
        if code not in programme.regions:
            known = ", ".join(programme.regions) or "none"
            yield Fault("region-unknown", f"{code} has not joined (joined: {known})", "/joint_step/members")
    if step.lead not in step.members:
        yield Fault("lead-no-member", f"{step.lead} leads the step, so it is one of its members", "/joint_step/lead")


def _end(programme: Programme, command: do.EndProgramme, context: Context) -> events.ProgrammeEnded:
    by = command.organisation(context)
    faults = [*happened(command.on, context), *sourced(command, context)]
    faults += one_of(by, programme.sponsoring(SponsorKind.SPONSOR), "sponsor")
    if programme.ended is not None:
        faults.append(Fault("already-recorded", f"it ended already ({programme.ended}); correct that event"))
    reject_if(faults)
    return events.ProgrammeEnded(**fields_of(command), by=by)
