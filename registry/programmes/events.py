"""Which events of a programme, and of its regions, somebody who takes part may read, each as far as it is theirs."""

from typing import Final

from events.schemas import programme as of_programme
from events.schemas import region as of_region
from events.schemas.applications import Part, Step
from events.schemas.region_parts import Milestone
from events.schemas.values import Value
from registry.domain.region.state import Attempt, Region
from registry.domain.region.waiting import OF_QUESTIONS
from registry.programmes.seeing import Viewer
from registry.programmes.whole import RegionRead

OF_REGION_ALONE: Final = frozenset(
    {
        Milestone.QUESTION,
        Milestone.ANSWERED,
        Milestone.QUESTION_LAPSED,
        Milestone.CLOCK_STOPPED,
        Milestone.CLOCK_RESUMED,
        Milestone.NATIONAL_CONCLUDED,
        Milestone.ETHICS_OPINION,
    }
)
"""Milestones whose plans are the region's alone, as what tells that they were reached is."""


def may_read_of_programme(viewer: Viewer, payload: Value) -> bool:
    """Whether they may read this event of the programme: a linked draft is its own sponsors'."""
    match payload:
        case of_programme.RegistrationLinked() | of_programme.RegistrationUnlinked():
            return payload.trial is None or payload.trial in viewer.whole.trials or viewer.sponsors
        case of_programme.ProgrammeHalted():
            return viewer.reads_halt(payload.halt)
        case _:
            return True


def may_read_of_region(viewer: Viewer, read: RegionRead, payload: Value) -> bool:
    """Whether they may read this event of the region."""
    region = read.state
    match payload:
        case of_region.QuestionAsked() | of_region.PaperShared():
            return viewer.reads_closed(payload, payload.by, region)
        case of_region.QuestionAnswered():
            return _reads_question(viewer, region, payload.application, payload.attempt, payload.question)
        case of_region.SilenceNoted() if payload.question is not None:
            return _reads_question(viewer, region, payload.application, payload.attempt, payload.question)
        case of_region.EthicsOpinionGiven():
            return viewer.reads_opinion(region, payload.application)
        case of_region.MilestoneRecorded() if payload.milestone in OF_REGION_ALONE:
            return viewer.reads_closed_of(region)
        case of_region.RegionHalted():
            return viewer.reads_halt(payload.halt)
        case of_region.RegionEventCorrected():
            corrected = next((one.event for one in region.occurrences if one.version == payload.corrects), None)
            return corrected is not None and may_read_of_region(viewer, read, corrected)
        case _:
            return _may_read_of_assessment(viewer, region, payload)


def _may_read_of_assessment(viewer: Viewer, region: Region, payload: Value) -> bool:
    """Whether they may read an event that reveals an authority's progress, or that it asked a question."""
    match payload:
        case of_region.AssessmentConcluded() if payload.part is Part.NATIONAL:
            return _reads_national(viewer, region, payload.application, payload.attempt)
        case of_region.SilenceNoted() if payload.step is Step.NATIONAL:
            return _reads_national(viewer, region, payload.application, payload.attempt)
        case of_region.ClockStopped() | of_region.ClockResumed():
            return _reads_clock(viewer, region, payload.application, payload.attempt)
        case of_region.DueSet() if payload.step in OF_QUESTIONS | {Step.NATIONAL}:
            return viewer.reads_closed_of(region)
        case _:
            return True


def _reads_national(viewer: Viewer, region: Region, application: str | None, number: int | None) -> bool:
    attempt = _attempt(region, application, number)
    return attempt is not None and viewer.reads_national(region, attempt)


def _reads_clock(viewer: Viewer, region: Region, application: str, number: int) -> bool:
    attempt = _attempt(region, application, number)
    return attempt is not None and viewer.reads_clock(region, attempt)


def _reads_question(
    viewer: Viewer, region: Region, application: str | None, attempt: int | None, question: str
) -> bool:
    found = _attempt(region, application, attempt)
    asking = found.questions.get(question) if found else None
    return asking is not None and viewer.reads_closed(asking, asking.by, region)


def _attempt(region: Region, application: str | None, number: int | None) -> Attempt | None:
    attempts = region.applications.get(application or "", ())
    return next((one for one in attempts if one.number == number), None)
