"""The event that follows a command on the life of a region: milestones, opinions, permissions and its end."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias

from events.schemas import region as events
from events.schemas.acts import Oddity
from events.schemas.applications import How
from events.schemas.region_parts import Milestone, VersionUse
from events.schemas.values import DateKind
from registry.domain.acting import ActCommand, fields_of, happened, sourced
from registry.domain.decider import Context, Fault, reject_if
from registry.domain.regimes.tables import Tables
from registry.domain.region import commands as do
from registry.domain.region import rules
from registry.domain.region.decide_application import act, odd
from registry.domain.region.standing import is_permitted
from registry.domain.region.state import Region

OfLife: TypeAlias = (
    do.RecordRegionMilestone
    | do.GiveEthicsOpinion
    | do.RecordPermission
    | do.PublishFiling
    | do.RecordVersion
    | do.TakeUrgentMeasure
    | do.ExpirePermission
    | do.EndRegion
    | do.LeaveProgramme
)

TOLD_BY: Final[Mapping[Milestone, str]] = {
    Milestone.SUBMITTED: "region.submit-application",
    Milestone.VALIDATED: "region.validate-application",
    Milestone.QUESTION: "region.ask-question",
    Milestone.ANSWERED: "region.answer-question",
    Milestone.CLOCK_STOPPED: "region.stop-clock",
    Milestone.CLOCK_RESUMED: "region.resume-clock",
    Milestone.JOINT_CONCLUDED: "region.conclude-assessment",
    Milestone.NATIONAL_CONCLUDED: "region.conclude-assessment",
    Milestone.OPTED_OUT: "region.opt-out",
    Milestone.ETHICS_OPINION: "region.give-ethics-opinion",
    Milestone.DECIDED: "region.decide-application",
    Milestone.PUBLISHED_REGISTER: "region.publish-filing",
    Milestone.VERSION_AUTHORISED: "region.record-version",
    Milestone.VERSION_IN_USE: "region.record-version",
    Milestone.HALTED: "region.halt",
    Milestone.LIFTED: "region.lift-halt",
    Milestone.URGENT_MEASURE: "region.take-urgent-measure",
    Milestone.CORRECTIVE_MEASURE: "region.order-corrective-measure",
    Milestone.ENDED: "region.end",
    Milestone.LEFT: "region.leave",
}
"""Milestones that a command of their own tells to be reached. They may be planned all the same."""

_EVENT: Final[Mapping[type[ActCommand], Any]] = {
    do.GiveEthicsOpinion: events.EthicsOpinionGiven,
    do.RecordPermission: events.PermissionRecorded,
    do.PublishFiling: events.FilingPublished,
    do.RecordVersion: events.VersionRecorded,
    do.TakeUrgentMeasure: events.UrgentMeasureTaken,
    do.ExpirePermission: events.PermissionExpired,
    do.EndRegion: events.RegionEnded,
    do.LeaveProgramme: events.RegionLeft,
}


def decide_life(region: Region, command: OfLife, context: Context, tables: Tables) -> events.RegionEvent:
    """The event that follows; raises Rejection with every fault."""
    if isinstance(command, do.RecordRegionMilestone):
        return _milestone(command, context)
    who, what = _who(region, command)
    reject_if([*act(command, context, who, what), *_possible(region, command, tables)])
    beside: dict[str, Any] = {"by": command.organisation(context), "odd": odd(_odd(region, command, tables))}
    if isinstance(command, do.GiveEthicsOpinion | do.RecordPermission) and command.application is not None:
        beside["attempt"] = rules.attempt_named(region, command.application, command.attempt).number
    if isinstance(command, do.RecordPermission):
        beside["permits"] = True if _permits(region, command, tables) else None
    return _EVENT[type(command)](**fields_of(command, "attempt"), **beside)  # type: ignore[no-any-return]


def _milestone(command: do.RecordRegionMilestone, context: Context) -> events.MilestoneRecorded:
    """A milestone is anybody's to plan, and to report where no command of its own tells it."""
    faults = list(sourced(command, context))
    if command.kind is DateKind.ACTUAL:
        faults += happened(command.on, context)
        if (told_by := TOLD_BY.get(command.milestone)) is not None:
            faults.append(Fault("milestone-told-elsewhere", f"that is told by {told_by}", "/milestone"))
    if (command.willing is None) != (command.milestone is not Milestone.LEAD_ANSWERED):
        message = "say whether the region is willing to lead, with lead_answered and with no other milestone"
        faults.append(Fault("willing-missing", message, "/willing"))
    reject_if(faults)
    return events.MilestoneRecorded(**fields_of(command), by=command.organisation(context))


def _who(region: Region, command: OfLife) -> tuple[Collection[str], str]:
    sponsors, authorities = rules.sponsors_of(region), region.terms.authorities
    match command:
        case do.GiveEthicsOpinion():
            return region.terms.ethics_bodies, "ethics body"
        case do.RecordPermission() | do.PublishFiling() | do.RecordVersion() | do.ExpirePermission():
            return (*sponsors, *authorities), "sponsor or authority"
        case _:
            return sponsors, "sponsor"


def _possible(region: Region, command: OfLife, tables: Tables) -> Iterable[Fault]:
    match command:
        case do.RecordPermission():
            yield from _permission_possible(region, command, tables)
        case do.ExpirePermission():
            yield from _expiry_possible(region)
        case do.EndRegion() if region.ended is not None:
            yield Fault("already-recorded", f"it ended already ({region.ended}); correct that event")
        case do.LeaveProgramme() if region.leave_reason is not None:
            yield Fault("already-recorded", f"it left already ({region.leave_reason}); correct that event")
        case _:
            pass


def _permission_possible(region: Region, command: do.RecordPermission, tables: Tables) -> Iterable[Fault]:
    if command.application is None:
        if command.how is How.FILED:
            yield Fault("application-missing", "name the application that was filed", "/application")
        return
    attempt = rules.attempt_named(region, command.application, command.attempt)
    yield from rules.open_to_decision(command.application, attempt)
    if command.how is How.FILED:
        yield from rules.filing_possible(attempt, tables)


def _permits(region: Region, command: do.RecordPermission, tables: Tables) -> bool:
    if command.application is None or command.how is How.TRANSFERRED:
        return True
    attempt = rules.attempt_named(region, command.application, command.attempt)
    return any(row.permits for row in rules.filing_rows(attempt, tables))


def _expiry_possible(region: Region) -> Iterable[Fault]:
    if not is_permitted(region):
        yield Fault("not-permitted", "nothing was permitted here that could expire")
    if rules.has_started(region):
        yield Fault("already-started", "the start was told; correct that first where it is wrong")
    if region.expired:
        yield Fault("already-recorded", "it expired already")


def _odd(region: Region, command: OfLife, tables: Tables) -> Iterable[Oddity]:
    match command:
        case do.GiveEthicsOpinion() if command.application is not None:
            attempt = rules.attempt_named(region, command.application, command.attempt)
            yield from rules.odd_of(region, command.application, attempt, command.on)
        case do.RecordPermission() if command.application is not None and command.how is How.FILED:
            attempt = rules.attempt_named(region, command.application, command.attempt)
            yield from rules.odd_of(region, command.application, attempt, command.on)
            yield from rules.odd_filing(region, command.application, attempt, tables)
        case do.RecordVersion() if command.use is VersionUse.IN_USE:
            uses = region.versions.get((command.protocol, command.version), {})
            if VersionUse.AUTHORISED not in uses:
                yield Oddity.BEFORE_PERMISSION
        case _:
            pass
