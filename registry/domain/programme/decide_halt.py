"""Halts of a programme: its sponsors' alone. An authority halts on its own territory, in its region."""

from collections.abc import Iterable

from events.schemas import programme as events
from events.schemas.programme import SponsorKind
from registry.domain.acting import day_of, fields_of, happened, is_before, one_of, sourced
from registry.domain.decider import Context, Fault, reject_if
from registry.domain.programme import commands as do
from registry.domain.programme.state import Halted, Programme
from registry.domain.regimes.rows import HaltingReach
from registry.domain.regimes.tables import Tables


def sponsors_of(programme: Programme) -> tuple[str, ...]:
    """Every sponsor of the programme."""
    return tuple(organisation for kind in SponsorKind for organisation in programme.sponsoring(kind))


def halt(programme: Programme, command: do.HaltProgramme, context: Context, tables: Tables) -> events.ProgrammeHalted:
    """The halt; raises Rejection where the actor has no power to halt so much."""
    stated = command.halt
    faults = [*happened(stated.decided, context, "/halt/decided"), *_reach_known(programme, command)]
    if tables.may_halt(stated.actor, stated.kind, HaltingReach.PROGRAMME, None, day_of(stated.decided)) is None:
        message = (
            f"no {stated.actor} halts a programme by {stated.kind}; an authority or ethics body halts in its region"
        )
        faults.append(Fault("may-not-halt", message, "/halt/actor"))
    faults += one_of(stated.organisation, sponsors_of(programme), "sponsor", "/halt/organisation")
    if stated.organisation != context.organisation and command.source is None:
        message = f"this is recorded for {stated.organisation}; say where it was read"
        faults.append(Fault("source-missing", message, "/source"))
    if stated.item in programme.halts or stated.item in programme.halted_before:
        faults.append(Fault("halt-known", f"{stated.item} names a halt already; give another item", "/halt/item"))
    reject_if(faults)
    return events.ProgrammeHalted(halt=stated, reach=command.reach, source=command.source)


def _reach_known(programme: Programme, command: do.HaltProgramme) -> Iterable[Fault]:
    reach = command.reach
    protocol, registration = (reach.protocol, reach.registration) if reach else (None, None)
    if protocol is not None and protocol not in programme.protocols:
        yield Fault("protocol-unknown", f"no protocol {protocol}", "/reach/protocol")
    if registration is not None and registration not in programme.links:
        yield Fault("registration-unknown", f"no registration {registration} is linked", "/reach/registration")
    if command.halt.arms and registration is None:
        message = "arms are those of one registration; name it as the reach"
        yield Fault("arms-of-nothing", message, "/reach/registration")
    yield from _own_protocols(programme, command.halt.organisation, protocol, registration)


def _own_protocols(
    programme: Programme, organisation: str, protocol: str | None, registration: str | None
) -> Iterable[Fault]:
    """A sponsor of some protocols halts those, and warns the others."""
    sponsor = programme.sponsors.get(organisation)
    if sponsor is None or sponsor.protocols is None:
        return
    linked = programme.links.get(registration or "")
    reached = protocol or (linked and linked.protocol)
    if reached not in sponsor.protocols:
        own = ", ".join(sponsor.protocols)
        yield Fault("not-its-protocol", f"{organisation} sponsors {own}, and halts that", "/reach/protocol")


def lift(
    programme: Programme, command: do.LiftProgrammeHalt, context: Context, tables: Tables
) -> events.ProgrammeHaltLifted:
    """The end of one halt; raises Rejection where it is another's."""
    standing = programme.halts.get(command.halt)
    if standing is None:
        known = ", ".join(programme.halts) or "none"
        reject_if([Fault("halt-unknown", f"no halt {command.halt} stands (standing: {known})", "/halt")])
    assert standing is not None, "what does not stand is refused"
    faults = [*happened(command.on, context), *sourced(command, context)]
    reject_if([*faults, *_liftable(command, context, standing, tables)])
    return events.ProgrammeHaltLifted(**fields_of(command), by=command.organisation(context))


def _liftable(command: do.LiftProgrammeHalt, context: Context, standing: Halted, tables: Tables) -> Iterable[Fault]:
    standing_halt, by = standing.halt, command.organisation(context)
    if by != standing_halt.organisation:
        yield Fault("not-who-halted", f"{standing_halt.organisation} has halted, so {by} can't lift it", "/by")
    if is_before(command.on, standing_halt.decided):
        yield Fault("lifted-before", f"it was decided on {standing_halt.decided.date}", "/on/date")
    needed = tables.restart(None, standing_halt.kind, standing_halt.benefit_risk, day_of(standing_halt.decided))
    if needed is not command.basis:
        yield Fault("restart-basis", f"the lift of a {standing_halt.kind} of the programme rests on {needed}", "/basis")
