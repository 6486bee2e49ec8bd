"""The state of a region after an event, for the next decision.

A correction folds all events again, without those that did not happen, so that nothing of these remains.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import Final, TypeAlias

from events.schemas import region as events
from events.schemas.applications import Part
from events.schemas.halts import Halt, HaltActor, HaltKind, HaltScope
from events.schemas.moment import Moment
from events.schemas.region_parts import CorrectiveKind, Milestone
from events.schemas.values import DateKind, Payload
from registry.domain.correcting import Occurrence, day_of_event, put_right
from registry.domain.region.evolve_application import OfApplications, after_application, with_version
from registry.domain.region.evolve_silence import after_silence
from registry.domain.region.state import Passed, Region, State

MILESTONES: Final[Mapping[type[Payload], Milestone]] = MappingProxyType(
    {
        events.ApplicationSubmitted: Milestone.SUBMITTED,
        events.ApplicationValidated: Milestone.VALIDATED,
        events.QuestionAsked: Milestone.QUESTION,
        events.QuestionAnswered: Milestone.ANSWERED,
        events.ClockStopped: Milestone.CLOCK_STOPPED,
        events.ClockResumed: Milestone.CLOCK_RESUMED,
        events.JointConclusionLeft: Milestone.OPTED_OUT,
        events.EthicsOpinionGiven: Milestone.ETHICS_OPINION,
        events.ApplicationDecided: Milestone.DECIDED,
        events.FilingPublished: Milestone.PUBLISHED_REGISTER,
        events.RegionHaltLifted: Milestone.LIFTED,
        events.UrgentMeasureTaken: Milestone.URGENT_MEASURE,
        events.CorrectiveMeasureOrdered: Milestone.CORRECTIVE_MEASURE,
        events.RegionEnded: Milestone.ENDED,
        events.RegionLeft: Milestone.LEFT,
    }
)
"""The milestones that have an event of their own."""


def evolve(state: State, event: events.RegionEvent) -> State:
    """The state after the event. TypeError for an event that has no region to happen to."""
    if isinstance(event, events.RegionBegun):
        return _begun(event)
    if state is None:
        raise TypeError(f"{type(event).__name__} without a region")
    if isinstance(event, events.RegionEventCorrected):
        return _corrected(state, event)
    version = state.version + 1
    return _applied(state, Occurrence(version, event))


def _begun(event: events.RegionBegun) -> Region:
    return Region(
        version=1,
        programme=event.programme,
        terms=event.terms,
        resolved=event.resolved,
        sponsors=event.sponsors,
        second_sponsors=event.second_sponsors,
        joint_steps=event.joint_steps,
        occurrences=(Occurrence(1, event),),
    )


def _corrected(region: Region, event: events.RegionEventCorrected) -> Region:
    occurrences = tuple(put_right(one, event) if one.version == event.corrects else one for one in region.occurrences)
    begun, *others = occurrences
    assert isinstance(begun.event, events.RegionBegun), "a region begins with its beginning"
    folded = reduce(lambda after, one: after if one.void else _applied(after, one), others, _begun(begun.event))
    return replace(folded, version=region.version + 1, occurrences=occurrences)


def _applied(region: Region, occurrence: Occurrence[events.RegionEvent]) -> Region:
    after = _changed(region, occurrence.event)
    for milestone, kind, on in _passed(occurrence):
        after = _with_milestone(after, milestone, Passed(occurrence.version, kind, on))
    return replace(after, version=occurrence.version, occurrences=(*region.occurrences, occurrence))


def _passed(occurrence: Occurrence[events.RegionEvent]) -> list[tuple[Milestone, DateKind, Moment]]:
    """The milestones that the event records, with each day that it ever gave for them."""
    event, kind = occurrence.event, DateKind.ACTUAL
    match event:
        case events.MilestoneRecorded():
            milestone, kind = event.milestone, event.kind
        case events.AssessmentConcluded():
            milestone = Milestone.JOINT_CONCLUDED if event.part is Part.JOINT else Milestone.NATIONAL_CONCLUDED
        case events.VersionRecorded():
            milestone = Milestone(f"version_{event.use}")
        case events.RegionHalted():
            milestone = Milestone.HALTED
        case _ if type(event) in MILESTONES:
            milestone = MILESTONES[type(event)]
        case _:
            return []
    day = day_of_event(event)
    return [(milestone, kind, on) for on in (*occurrence.days_before, day) if on is not None]


def _with_milestone(region: Region, milestone: Milestone, passed: Passed) -> Region:
    values = (*region.milestones.get(milestone, ()), passed)
    return replace(region, milestones={**region.milestones, milestone: values})


_OfHalts: TypeAlias = events.RegionHalted | events.RegionHaltLifted | events.CorrectiveMeasureOrdered


def _changed(region: Region, event: events.RegionEvent) -> Region:
    match event:
        case events.RegionHalted() | events.RegionHaltLifted() | events.CorrectiveMeasureOrdered():
            return _halts_changed(region, event)
        case events.PermissionExpired():
            return replace(region, expired=True)
        case events.RegionEnded():
            return replace(region, ended=event.kind)
        case events.RegionLeft():
            return replace(region, leave_reason=event.why_left)
        case events.SilenceNoted():
            return after_silence(region, event)
        case events.RegionBegun() | events.MilestoneRecorded() | events.UrgentMeasureTaken():
            return region
        case events.RegionEventCorrected():
            return region
        case _:
            return _noted(region, event)


_Noted: TypeAlias = (
    events.RegionTermsAmended
    | events.ProgrammeNoted
    | events.RegistrationLinked
    | events.RegistrationUnlinked
    | events.VersionRecorded
    | events.FilingPublished
    | OfApplications
)


def _noted(region: Region, event: _Noted) -> Region:
    match event:
        case events.RegionTermsAmended():
            return replace(region, terms=event.now, resolved=event.resolved)
        case events.ProgrammeNoted():
            return replace(
                region,
                programme_version=event.version,
                sponsors=event.sponsors,
                second_sponsors=event.second_sponsors,
                joint_steps=event.joint_steps,
            )
        case events.RegistrationLinked():
            return replace(region, trials=(*region.trials, event.trial))
        case events.RegistrationUnlinked():
            return replace(region, trials=tuple(one for one in region.trials if one != event.trial))
        case events.VersionRecorded():
            return with_version(region, event.protocol, event.version, event.use, event.on)
        case events.FilingPublished():
            return replace(region, published=True)
        case _:
            return after_application(region, event)


def _halts_changed(region: Region, event: _OfHalts) -> Region:
    match event:
        case events.RegionHalted():
            return replace(region, halts={**region.halts, event.halt.item: event.halt})
        case events.RegionHaltLifted():
            standing = {item: halt for item, halt in region.halts.items() if item != event.halt}
            return replace(region, halts=standing, halted_before=region.halted_before | {event.halt})
        case events.CorrectiveMeasureOrdered():
            measured = replace(region, measures=region.measures | {event.measure})
            if event.kind is CorrectiveKind.REVOKE:
                return replace(measured, revoked=True)
            if event.kind is CorrectiveKind.SUSPEND:
                return replace(measured, halts={**region.halts, event.measure: suspension(event)})
            return measured


def suspension(event: events.CorrectiveMeasureOrdered) -> Halt:
    """The halt that a corrective measure is: it ends by the authority's own reversal."""
    return Halt(
        item=event.measure,
        actor=HaltActor.AUTHORITY,
        organisation=event.by,
        kind=HaltKind.SUSPENSION,
        scope=HaltScope.ALL,
        decided=event.on,
        why=event.why,
    )
