"""The state of a region's applications after an event."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from events.schemas import region as events
from events.schemas.applications import Conclusion, DecisionOutcome, EndedBy, How, Part, ProtocolVersionRef
from events.schemas.moment import Moment
from events.schemas.region_parts import VersionUse
from registry.domain.region.state import Attempt, Question, Region, Shared

OfApplications: TypeAlias = (
    events.ApplicationSubmitted
    | events.ApplicationValidated
    | events.QuestionAsked
    | events.QuestionAnswered
    | events.PaperShared
    | events.ClockStopped
    | events.ClockResumed
    | events.AssessmentConcluded
    | events.JointConclusionLeft
    | events.EthicsOpinionGiven
    | events.ApplicationDecided
    | events.ConditionMet
    | events.PermissionRecorded
    | events.ApplicationWithdrawn
    | events.ApplicationEnded
    | events.DueSet
)


def after_application(region: Region, event: OfApplications) -> Region:
    """The region after the event."""
    match event:
        case events.ApplicationSubmitted():
            return _submitted(region, event)
        case events.EthicsOpinionGiven():
            return replace(region, opinions=(*region.opinions, event))
        case events.PermissionRecorded():
            return _permitted(region, event)
        case events.DueSet():
            return _due_set(region, event)
        case events.AssessmentConcluded():
            return _concluded(region, event)
        case events.ApplicationDecided():
            changed = {"outcome": event.outcome, "how": event.how, "conditions": event.conditions}
            return decided(with_attempt(region, event.application, event.attempt, **changed), event, event.on)
        case events.JointConclusionLeft():
            refused = {"opted_out": True, "outcome": DecisionOutcome.REFUSED, "how": How.GRANTED}
            return with_attempt(region, event.application, event.attempt, **refused)
        case _:
            attempt = attempt_of(region, event.application, event.attempt)
            return with_attempt(region, event.application, event.attempt, **_step(attempt, event))


_Steps: TypeAlias = (
    events.ApplicationValidated
    | events.QuestionAsked
    | events.QuestionAnswered
    | events.PaperShared
    | events.ClockStopped
    | events.ClockResumed
    | events.ConditionMet
    | events.ApplicationWithdrawn
    | events.ApplicationEnded
)


def _step(attempt: Attempt, event: _Steps) -> dict[str, Any]:
    match event:
        case events.ApplicationValidated():
            return {"validated": event.outcome}
        case events.QuestionAsked():
            return {"questions": {**attempt.questions, event.question: _question(event)}}
        case events.QuestionAnswered():
            answered = replace(attempt.questions[event.question], answered=event.on)
            return {"questions": {**attempt.questions, event.question: answered}}
        case events.PaperShared():
            shared = Shared(event.kind, event.by, event.audience, event.public_from)
            return {"papers": {**attempt.papers, event.paper: shared}}
        case events.ClockStopped():
            return {"clock_stopped": True}
        case events.ClockResumed():
            return {"clock_stopped": False}
        case events.ConditionMet():
            return {"met": attempt.met | {event.condition}}
        case events.ApplicationWithdrawn():
            return {"ended": EndedBy.WITHDRAWN}
        case events.ApplicationEnded():
            return {"ended": event.ended}


def attempt_of(region: Region, application: str, number: int) -> Attempt:
    """The attempt of a number; KeyError where there is none."""
    for attempt in region.applications[application]:
        if attempt.number == number:
            return attempt
    raise KeyError(f"{application} has no attempt {number}")


def with_attempt(region: Region, application: str, number: int, **changes: Any) -> Region:
    """The region with an attempt changed."""
    attempts = region.applications.get(application, ())
    changed = tuple(replace(one, **changes) if one.number == number else one for one in attempts)
    return replace(region, applications={**region.applications, application: changed})


def with_version(region: Region, protocol: str, version: str, use: VersionUse, on: Moment) -> Region:
    """The region with a further day on which a version was authorised or put to use."""
    uses = region.versions.get((protocol, version), {})
    dates = {**uses, use: (*uses.get(use, ()), on)}
    return replace(region, versions={**region.versions, (protocol, version): dates})


def with_authorised(region: Region, versions: Iterable[ProtocolVersionRef], on: Moment) -> Region:
    """The region with a further day on which these versions were authorised."""
    for ref in versions:
        region = with_version(region, ref.protocol, ref.version, VersionUse.AUTHORISED, on)
    return region


def decided(region: Region, event: events.OfAttempt | events.SilenceNoted, on: Moment) -> Region:
    """The region after a decision: if it authorised the application, the application's versions are authorised, too."""
    application = getattr(event, "application", None)
    assert application is not None and event.attempt is not None, "a decision is on an attempt"  # noqa: PT018
    attempt = attempt_of(region, application, event.attempt)
    if not attempt.authorised:
        return region
    region = with_authorised(region, attempt.versions, on)
    before = region.last(attempt.takes_further)
    if before is None or attempt.takes_further is None:
        return region
    blocking = {one.item for one in before.conditions if one.blocks_start}
    return with_attempt(region, attempt.takes_further, before.number, met=before.met | blocking)


def _submitted(region: Region, event: events.ApplicationSubmitted) -> Region:
    attempt = Attempt(
        number=event.attempt,
        kind=event.kind,
        submitted=event.on,
        procedure=event.procedure,
        table=event.table,
        versions=event.versions,
        staged=event.staged,
        takes_further=event.takes_further,
    )
    attempts = (*region.applications.get(event.application, ()), attempt)
    return replace(region, applications={**region.applications, event.application: attempts})


def _question(event: events.QuestionAsked) -> Question:
    return Question(
        step=event.step,
        by=event.by,
        formal=event.formal,
        audience=event.audience,
        public_from=event.public_from,
        due=event.due,
        asked_on=event.on,
    )


def _concluded(region: Region, event: events.AssessmentConcluded) -> Region:
    part = "joint" if event.part is Part.JOINT else "national"
    after = with_attempt(region, event.application, event.attempt, **{part: event.outcome})
    if not event.decides:
        return after
    refused = event.outcome is Conclusion.NOT_ACCEPTABLE
    outcome = DecisionOutcome.REFUSED if refused else DecisionOutcome.AUTHORISED
    after = with_attempt(after, event.application, event.attempt, outcome=outcome, how=How.GRANTED)
    return decided(after, event, event.on)


def _permitted(region: Region, event: events.PermissionRecorded) -> Region:
    region = with_authorised(region, event.versions, event.on)
    if event.application is None or event.attempt is None:
        return replace(region, permissions=(*region.permissions, event.how))
    attempt = attempt_of(region, event.application, event.attempt)
    region = with_authorised(region, attempt.versions, event.on)
    region = with_attempt(region, event.application, event.attempt, how=event.how)
    return replace(region, permissions=(*region.permissions, event.how)) if event.permits else region


def _due_set(region: Region, event: events.DueSet) -> Region:
    if event.application is None or event.attempt is None:
        return replace(region, dues={**region.dues, (event.step, event.halt): event.due})
    attempt = attempt_of(region, event.application, event.attempt)
    return with_attempt(region, event.application, event.attempt, dues={**attempt.dues, event.step: event.due})
