"""Halts of a region: which organisations may halt and lift, and the basis that a lift needs."""

from collections.abc import Iterable
from typing import Final

from events.schemas import region as events
from events.schemas.applications import ApplicationKind, How
from events.schemas.ethics import EthicsOutcome
from events.schemas.halts import Halt, HaltActor
from events.schemas.region_parts import RestartBasis
from registry.domain.acting import day_of, fields_of, happened, is_before, one_of, sourced
from registry.domain.decider import Context, Fault, reject_if
from registry.domain.regimes.rows import HaltingReach
from registry.domain.regimes.tables import Tables
from registry.domain.region import commands as do
from registry.domain.region import rules
from registry.domain.region.decide_application import act
from registry.domain.region.state import Attempt, Region

MODIFICATIONS: Final = frozenset(
    {ApplicationKind.MODIFICATION_PART_1, ApplicationKind.MODIFICATION_PART_2, ApplicationKind.MODIFICATION_BOTH}
)


def actors_of(region: Region, actor: HaltActor) -> tuple[str, ...]:
    """The organisations that may halt in this way here."""
    match actor:
        case HaltActor.SPONSOR:
            return rules.sponsors_of(region)
        case HaltActor.AUTHORITY | HaltActor.MINISTER:
            return region.terms.authorities
        case HaltActor.ETHICS_BODY:
            return region.terms.ethics_bodies
        case HaltActor.INSTITUTION | HaltActor.INVESTIGATOR:
            return ()


def halt(region: Region, command: do.HaltRegion, context: Context, tables: Tables) -> events.RegionHalted:
    """The halt; raises Rejection where nobody has the power to halt so here."""
    stated = command.halt
    reject_if([*_may_halt(region, stated, tables), *_recordable(region, command, context)])
    return events.RegionHalted(halt=stated, source=command.source)


def _may_halt(region: Region, stated: Halt, tables: Tables) -> Iterable[Fault]:
    regime, day = region.terms.regime, day_of(stated.decided)
    if tables.may_halt(stated.actor, stated.kind, HaltingReach.REGION, regime, day) is None:
        message = f"under {regime} no {stated.actor} halts a region by {stated.kind}"
        yield Fault("may-not-halt", message, "/halt/kind")
    yield from one_of(stated.organisation, actors_of(region, stated.actor), stated.actor, "/halt/organisation")


def _recordable(region: Region, command: do.HaltRegion, context: Context) -> Iterable[Fault]:
    stated = command.halt
    yield from happened(stated.decided, context, "/halt/decided")
    if stated.organisation != context.organisation and command.source is None:
        yield Fault("source-missing", f"this is recorded for {stated.organisation}; say where it was read", "/source")
    if stated.item in region.halts or stated.item in region.halted_before:
        yield Fault("halt-known", f"{stated.item} names a halt already; give another item", "/halt/item")


def lift(region: Region, command: do.LiftRegionHalt, context: Context, tables: Tables) -> events.RegionHaltLifted:
    """The end of one halt; raises Rejection if it is another's, or lacks the basis that its law requires."""
    standing = region.halts.get(command.halt)
    if standing is None:
        known = ", ".join(region.halts) or "none"
        reject_if([Fault("halt-unknown", f"no halt {command.halt} stands here (standing: {known})", "/halt")])
    assert standing is not None, "what does not stand is refused"
    faults = [*happened(command.on, context), *sourced(command, context), *_by_who_halted(command, context, standing)]
    reject_if([*faults, *_rests(region, command, standing, tables)])
    return events.RegionHaltLifted(**fields_of(command), by=command.organisation(context))


def _by_who_halted(command: do.LiftRegionHalt, context: Context, standing: Halt) -> Iterable[Fault]:
    if (by := command.organisation(context)) != standing.organisation:
        message = f"{standing.organisation} has halted, so {by} can't lift it"
        yield Fault("not-who-halted", message, "/by")
    if is_before(command.on, standing.decided):
        yield Fault("lifted-before", f"it was decided on {standing.decided.date}", "/on/date")


def _rests(region: Region, command: do.LiftRegionHalt, standing: Halt, tables: Tables) -> Iterable[Fault]:
    needed = tables.restart(region.terms.regime, standing.kind, standing.benefit_risk, day_of(standing.decided))
    if needed is not command.basis:
        message = f"the restart after {standing.kind} rests on {needed} under {region.terms.regime}"
        yield Fault("restart-basis", message, "/basis")
    elif needed is RestartBasis.AUTHORISED_MODIFICATION:
        yield from _modified_since(region.last(command.application), standing)
    elif needed is RestartBasis.OPINION_AND_PLAN:
        yield from _opinion_and_plan(region, command, standing)


def _modified_since(attempt: Attempt | None, standing: Halt) -> Iterable[Fault]:
    modified = attempt is not None and attempt.kind in MODIFICATIONS and attempt.authorised
    if attempt is None or not modified or is_before(attempt.submitted, standing.decided):
        message = "name the modification that was handed in after the halt and authorised in this region"
        yield Fault("restart-not-authorised", message, "/application")


def _opinion_and_plan(region: Region, command: do.LiftRegionHalt, standing: Halt) -> Iterable[Fault]:
    opinions = (one for one in region.opinions if not is_before(one.on, standing.decided))
    if not any(one.outcome is EthicsOutcome.APPROVED for one in opinions):
        yield Fault("opinion-missing", "the ethics body has not approved since the halt; record its opinion first")
    attempt = region.last(command.application)
    if attempt is None or attempt.how is not How.FILED:
        yield Fault("plan-not-filed", "name the changed plan; it is filed before the restart", "/application")


def corrective(region: Region, command: do.OrderCorrectiveMeasure, context: Context) -> events.CorrectiveMeasureOrdered:
    """A measure of the region's own authority."""
    faults = list(act(command, context, region.terms.authorities, "authority"))
    if command.measure in region.measures | region.halts.keys() | region.halted_before:
        faults.append(Fault("measure-known", f"{command.measure} names something already", "/measure"))
    reject_if(faults)
    return events.CorrectiveMeasureOrdered(**fields_of(command), by=command.organisation(context))
