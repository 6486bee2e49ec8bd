"""The steps that applications in a region wait for, and the next actor. Pure functions over states."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from events.schemas.applications import Step
from events.schemas.moment import Moment
from events.schemas.region import RegionEvent
from registry.domain.acting import day_of
from registry.domain.correcting import day_of_event
from registry.domain.regimes.rows import Procedure, StepRow
from registry.domain.regimes.tables import TABLES, Tables, of_kind
from registry.domain.region.rules import table_day
from registry.domain.region.state import Attempt, Region

OF_QUESTIONS: Final = frozenset({Step.VALIDATION_QUESTION, Step.JOINT_QUESTION, Step.NATIONAL_QUESTION})


@dataclass(frozen=True, slots=True)
class Awaited:
    """A step that is not done, and that nothing before it holds up."""

    application: str
    attempt: int
    step: Step
    who: str
    """The next actor: `sponsor`, `authority`, `lead`, `members`, `ethics`, `nobody` (time has to pass)."""
    since: Moment
    """When the application came to that: the day of the last act on it."""
    due: Moment | None
    question: str | None = None
    after: tuple[Step, ...] = ()
    """The steps that had to be done before it could be awaited."""


def awaited(region: Region, tables: Tables = TABLES) -> list[Awaited]:
    """The step that each pending application waits for."""
    found: list[Awaited] = []
    for application, attempt in region.pending.items():
        if (procedure := tables.procedures.get(attempt.procedure)) is not None:
            found += _questions(application, attempt)
            found += _steps(region, application, attempt, procedure)
    return found


def _questions(application: str, attempt: Attempt) -> Iterator[Awaited]:
    for name, question in attempt.questions.items():
        if question.open:
            yield Awaited(application, attempt.number, question.step, "sponsor", question.asked_on, question.due, name)


def _steps(region: Region, application: str, attempt: Attempt, procedure: Procedure) -> Iterator[Awaited]:
    rows = list(of_kind(procedure.steps, attempt.kind, day_of(table_day(attempt))))
    done = {row.step for row in rows if is_done(region, application, attempt, row)}
    for row in rows:
        if row.step not in done | OF_QUESTIONS and done.issuperset(row.waits_for):
            since, due = last_act(region, application, attempt), attempt.dues.get(row.step)
            yield Awaited(application, attempt.number, row.step, row.who, since, due, after=tuple(row.waits_for))


def is_done(region: Region, application: str, attempt: Attempt, row: StepRow) -> bool:
    """Whether a step of the attempt is done: stated, tacit, or decided otherwise."""
    if row.who == "ethics":
        return any(one.application in (None, application) for one in region.opinions)
    done = {
        Step.VALIDATION: attempt.validated is not None,
        Step.JOINT: attempt.joint is not None,
        Step.NATIONAL: attempt.national is not None,
    }
    return done.get(row.step, attempt.how is not None)


def _all(_: RegionEvent) -> bool:
    return True


def last_act(
    region: Region, application: str, attempt: Attempt, readable: Callable[[RegionEvent], bool] = _all
) -> Moment:
    """The day of the last recorded act on the attempt that is readable; else the day of its submission."""
    for occurrence in reversed(region.occurrences):
        event = occurrence.event
        about = (getattr(event, "application", None), getattr(event, "attempt", None))
        day = day_of_event(event)
        if not occurrence.void and about == (application, attempt.number) and day is not None and readable(event):
            return day
    return attempt.submitted
