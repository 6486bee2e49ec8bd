"""Which event follows where a gate of the trial changes, a milestone of a site is stated, or a site is halted."""

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from events.schemas.halts import Halt, HaltActor
from events.schemas.site_halts import SiteHalted, SiteHaltLifted
from events.schemas.site_milestones import (
    MilestoneDays,
    MilestoneStated,
    SiteMilestoneCorrected,
    SiteMilestoneRecorded,
)
from events.schemas.trial import OfGate, OfStartUp
from events.schemas.trial_gates import TrialGateRemoved, TrialGateSet
from registry.domain.decider import Context, Fault, Rejection, reject_if
from registry.domain.trial import coordinating as do
from registry.domain.trial import days, rules
from registry.domain.trial.gates import key_of
from registry.domain.trial.state import SiteState, Trial

OnSiteBeside: TypeAlias = do.RecordMilestone | do.CorrectMilestone | do.HaltSite | do.LiftSiteHalt
"""Commands on a site that say nothing of its recruitment."""


def decide_gate(trial: Trial, command: do.SetGate | do.RemoveGate, context: Context) -> OfGate | None:
    """The event that follows; None where the trial knows a later state of the gate, or has no such gate to take away.

    Gates stand before a partner's trial, too: its sites are under the same halts.
    """
    of = command.gate if isinstance(command, do.SetGate) else command
    known = trial.gates.get(key_of(of.programme, of.region))
    if known is not None and of.version <= known.source:
        return None
    on = command.on or context.today.isoformat()
    if isinstance(command, do.SetGate):
        return TrialGateSet(gate=command.gate, on=on)
    return TrialGateRemoved(programme=of.programme, region=of.region, version=of.version, on=on)


def decide_beside(trial: Trial, command: OnSiteBeside, context: Context) -> OfStartUp:
    """The event that follows; raises Rejection with every fault."""
    reject_if(list(rules.site_there(trial, command.site)))
    site = trial.sites[command.site]
    today = context.today_in(site.zone)
    match command:
        case do.RecordMilestone():
            return _record(site, command, today)
        case do.CorrectMilestone():
            return _correct(site, command, today)
        case do.HaltSite():
            return _halt(trial, site, command, context)
        case do.LiftSiteHalt():
            return _lift(trial, site, command, context)


def _record(site: SiteState, command: do.RecordMilestone, today: date) -> SiteMilestoneRecorded:
    fields = {name: getattr(command, name) for name in MilestoneStated.model_fields}
    stated = SiteMilestoneRecorded.model_validate({"site": command.site, **fields})
    known = any(stated == one.model_copy(update={"reason": None}) for one in site.milestones.values())
    reject_if(
        [
            *([] if command.actual is None else days.not_in_future(command.actual, today, "/actual")),
            *([Fault("no-change", "this is recorded already", "/milestone")] if known else []),
        ]
    )
    return stated


def _correct(site: SiteState, command: do.CorrectMilestone, today: date) -> SiteMilestoneCorrected:
    wrong = site.milestones.get(command.corrects)
    if wrong is None:
        message = f"event {command.corrects} states no milestone of this site that stands; name the one that does"
        raise Rejection(Fault("event-unknown", message, "/corrects"))
    was = MilestoneDays(planned=wrong.planned, actual=wrong.actual)
    updated = {name: getattr(command, name) for name in MilestoneDays.model_fields if name in command.model_fields_set}
    now = MilestoneDays() if command.void else was.model_copy(update=updated)
    reject_if([*_corrected(was, now, void=command.void), *_come(now, today)])
    return SiteMilestoneCorrected(
        site=command.site, corrects=command.corrects, was=was, now=now, void=True if command.void else None
    )


def _corrected(was: MilestoneDays, now: MilestoneDays, *, void: bool) -> Iterator[Fault]:
    if was == now:
        yield Fault("no-change", "the milestone has these days already")
    elif now == MilestoneDays() and not void:
        yield Fault("day-missing", "a milestone has a day planned or an actual one; where it has none, say void")


def _come(now: MilestoneDays, today: date) -> Iterator[Fault]:
    if now.actual is not None:
        yield from days.not_in_future(now.actual, today, "/actual")


def _halt(trial: Trial, site: SiteState, command: do.HaltSite, context: Context) -> SiteHalted:
    halt = command.halt
    taken = any(one.halt.item == halt.item for one in site.halts)
    reject_if(
        [
            *([Fault("halt-taken", f"the site has a halt {halt.item} already", "/halt/item")] if taken else []),
            *_power(trial, site, halt.actor, halt.organisation, context),
            *_public(halt),
            *days.not_in_future(halt.decided.date, context.today_in(site.zone), "/halt/decided/date"),
        ]
    )
    return SiteHalted(site=command.site, halt=halt)


def _public(halt: Halt) -> Iterator[Fault]:
    """Those who would join must see at once that they can't, and why."""
    if halt.public_from is not None:
        yield Fault("public-at-once", "a halt of a site is public at once; leave public_from out", "/halt/public_from")


def _lift(trial: Trial, site: SiteState, command: do.LiftSiteHalt, context: Context) -> SiteHaltLifted:
    standing = next((one.halt for one in site.halts if one.halt.item == command.item and one.lifted is None), None)
    if standing is None:
        raise Rejection(Fault("halt-unknown", f"no halt {command.item} of this site stands", "/item"))
    if (command.actor, command.organisation) != (standing.actor, standing.organisation):
        message = f"{standing.organisation} halted the site as {standing.actor}, and has to lift it itself"
        raise Rejection(Fault("lifted-by-another", message, "/organisation"))
    reject_if(
        [
            *_power(trial, site, command.actor, command.organisation, context),
            *days.not_in_future(command.lifted.date, context.today_in(site.zone), "/lifted/date"),
        ]
    )
    return SiteHaltLifted(
        site=command.site,
        item=command.item,
        actor=command.actor,
        organisation=command.organisation,
        lifted=command.lifted,
    )


def _power(trial: Trial, site: SiteState, actor: HaltActor, organisation: str, context: Context) -> Iterator[Fault]:
    """An actor halts or lifts by its own power; the office, which has none, records it for those that have.

    Coordination reference, 5.1: authorities and the Minister halt on their territory, which is a region's.
    """
    if actor in (HaltActor.AUTHORITY, HaltActor.MINISTER):
        yield Fault("halt-of-region", f"halts by the {actor} are of a region; record it there", "/actor")
    elif context.organisation == organisation and actor not in _powers(trial, site, organisation):
        yield Fault("no-power", f"{organisation} has no power to halt this site as {actor}", "/actor")


def _powers(trial: Trial, site: SiteState, organisation: str) -> frozenset[HaltActor]:
    """The actors as which an organisation may halt the site."""
    bodies = {one.body for one in site.milestones.values()}
    return frozenset(
        [
            *([HaltActor.SPONSOR] if organisation == trial.owner else ()),
            *([HaltActor.INVESTIGATOR, HaltActor.INSTITUTION] if organisation == site.organisation else ()),
            *([HaltActor.ETHICS_BODY] if organisation in bodies else ()),
        ]
    )
