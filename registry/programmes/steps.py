"""The steps of one attempt of an application, in the order of its procedure, and how each stands."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from events.schemas.applications import ApplicationKind, Conclusion, DecisionOutcome, How, Part, Silence, Step
from events.schemas.gates import RegionCode
from events.schemas.moment import Moment
from events.schemas.region import (
    ApplicationDecided,
    ApplicationValidated,
    AssessmentConcluded,
    EthicsOpinionGiven,
    PermissionRecorded,
    RegionEvent,
    SilenceNoted,
)
from events.schemas.values import Identifier, IdNumber, ItemId, Line, Value
from registry.domain.acting import day_of
from registry.domain.correcting import day_of_event
from registry.domain.regimes.rows import StepRow
from registry.domain.regimes.tables import TABLES, of_kind
from registry.domain.region.rules import table_day
from registry.domain.region.state import Attempt, Region
from registry.domain.region.waiting import OF_QUESTIONS, is_done
from registry.programmes.parts import Wait
from registry.programmes.seeing import Viewer

DECIDING: Final = frozenset({Step.DECISION, Step.WAITING_PERIOD})


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    AWAITED = "awaited"
    """Somebody acts now, or time has to pass."""
    AHEAD = "ahead"
    """Something before it is not done."""
    NOT_TAKEN = "not_taken"
    """The application ended before."""
    CLOSED = "closed"
    """The asker may not read it."""


class StepShown(Value):
    """A step of an application."""

    step: Step
    who: Line
    state: StepState
    on: Moment | None = None
    """When it was done."""
    outcome: Line | None = None
    tacit: bool | None = None
    """Whether silence did it."""
    organisations: tuple[Identifier, ...] | None = None
    """The actor, where the step is awaited."""
    since: Moment | None = None
    due: Moment | None = None


class ApplicationShown(Value):
    """One attempt of an application. What was stated of an earlier attempt counts for nothing in a later one."""

    application: ItemId
    attempt: int
    kind: ApplicationKind
    number: IdNumber | None = None
    procedure: Line
    submitted: Moment
    outcome: DecisionOutcome | None = None
    how: How | None = None
    ended: Line | None = None
    """`withdrawn` or `lapsed`."""
    clock_stopped: bool | None = None
    """Absent where the asker may not read it: it tells that a question was asked."""
    blocks_start: bool
    """Whether a condition of its decision forbids the start."""
    steps: tuple[StepShown, ...]


def applications_of(viewer: Viewer, code: RegionCode, waits: list[Wait]) -> Iterator[ApplicationShown]:
    """Every attempt that the asker may read, with its steps. `waits`: those of the region."""
    region = viewer.whole.regions[code]
    for application, attempts in region.state.applications.items():
        for attempt in attempts:
            if viewer.reads_attempt(attempt):
                yield _application(viewer, region.state, application, attempt, waits)


def _application(
    viewer: Viewer, region: Region, application: str, attempt: Attempt, waits: list[Wait]
) -> ApplicationShown:
    return ApplicationShown(
        application=application,
        attempt=attempt.number,
        kind=attempt.kind,
        number=_number(region, application, attempt.number),
        procedure=attempt.procedure,
        submitted=attempt.submitted,
        outcome=attempt.outcome,
        how=attempt.how,
        ended=None if attempt.ended is None else attempt.ended.value,
        clock_stopped=attempt.clock_stopped if viewer.reads_clock(region, attempt) else None,
        blocks_start=attempt.authorised and attempt.blocks_start,
        steps=tuple(_steps(viewer, region, application, attempt, waits)),
    )


def _number(region: Region, application: str, number: int) -> str | None:
    from_events = (one.event for one in region.occurrences if not one.void)
    for event in from_events:
        if (getattr(event, "application", None), getattr(event, "attempt", None)) == (application, number):
            found: str | None = getattr(event, "number", None)
            return found
    return None


def _steps(
    viewer: Viewer, region: Region, application: str, attempt: Attempt, waits: list[Wait]
) -> Iterator[StepShown]:
    procedure = TABLES.procedures.get(attempt.procedure)
    rows = of_kind(procedure.steps, attempt.kind, day_of(table_day(attempt))) if procedure else ()
    for row in rows:
        if row.step in OF_QUESTIONS:
            continue
        if row.step is Step.NATIONAL and not viewer.reads_national(region, attempt):
            yield StepShown(step=row.step, who=row.who, state=StepState.CLOSED)
        else:
            yield _step(region, application, attempt, row, waits)


def _step(region: Region, application: str, attempt: Attempt, row: StepRow, waits: list[Wait]) -> StepShown:
    if is_done(region, application, attempt, row):
        on, outcome, tacit = _done(region, application, attempt, row)
        return StepShown(
            step=row.step, who=row.who, state=StepState.DONE, on=on, outcome=outcome, tacit=True if tacit else None
        )
    for wait in waits:
        # An open question is the sponsor's turn beside this one.
        if (wait.application, wait.attempt, wait.step, wait.question) == (application, attempt.number, row.step, None):
            return StepShown(
                step=row.step,
                who=row.who,
                state=StepState.AWAITED,
                organisations=wait.organisations,
                since=wait.since,
                due=wait.due,
            )
    state = StepState.AHEAD if attempt.pending else StepState.NOT_TAKEN
    return StepShown(step=row.step, who=row.who, state=state)


def _done(region: Region, application: str, attempt: Attempt, row: StepRow) -> tuple[Moment | None, str | None, bool]:
    """When and how a step was done; the last of the events that did it counts. No day where another step did it."""
    for occurrence in reversed(region.occurrences):
        if not occurrence.void and _does(occurrence.event, application, attempt.number, row):
            event = occurrence.event
            if isinstance(event, SilenceNoted):
                return event.due, event.result, True
            return day_of_event(event), _outcome(event, attempt, row), False
    return None, attempt.outcome or attempt.how if row.step in DECIDING else None, False


def _does(event: RegionEvent, application: str, attempt: int, row: StepRow) -> bool:
    """Whether the event does the step of this attempt."""
    if isinstance(event, EthicsOpinionGiven):
        return row.who == "ethics" and event.application in (None, application)
    if (getattr(event, "application", None), getattr(event, "attempt", None)) != (application, attempt):
        return False
    match event:
        case SilenceNoted():
            return event.step is row.step and event.result is not Silence.NOTHING
        case ApplicationValidated():
            return row.step is Step.VALIDATION
        case AssessmentConcluded():
            concluded = Step.JOINT if event.part is Part.JOINT else Step.NATIONAL
            return row.step is concluded or (bool(event.decides) and row.step in DECIDING)
        case ApplicationDecided() | PermissionRecorded():
            return row.step in DECIDING
        case _:
            return False


def _outcome(event: RegionEvent, attempt: Attempt, row: StepRow) -> str | None:
    """The outcome of the step."""
    concluded: Conclusion | None = {Step.JOINT: attempt.joint, Step.NATIONAL: attempt.national}.get(row.step)
    if row.step in DECIDING:
        return attempt.outcome or attempt.how
    return concluded or getattr(event, "outcome", None)
