"""Consequences of a due moment that has passed, by the row on silence in that step in the application's own table."""

from typing import Final

from events.schemas.applications import ApplicationKind, Conclusion, Step
from events.schemas.moment import Moment
from events.schemas.region import SilenceNoted
from registry.domain.acting import day_of, has_passed
from registry.domain.decider import Context, Fault, Rejection
from registry.domain.regimes.rows import Procedure, SilenceRow
from registry.domain.regimes.tables import Tables, silence_of
from registry.domain.region import commands as do
from registry.domain.region import rules
from registry.domain.region.state import Attempt, Region

QUESTIONS: Final = frozenset({Step.VALIDATION_QUESTION, Step.JOINT_QUESTION, Step.NATIONAL_QUESTION})
OF_REGION: Final = frozenset({Step.START, Step.RESTART, Step.HOLD_RESPONSE})
"""Steps of the region as a whole, and not of an application."""
WITH_CLOCK: Final = frozenset({Step.VALIDATION, Step.JOINT, Step.NATIONAL, Step.DECISION})
"""Steps of an authority, for which no time runs while the clock stands still."""


def note_silence(region: Region, command: do.NoteSilence, context: Context, tables: Tables) -> SilenceNoted | None:
    """The meaning of the silence; None if the step was done, another moment is due now, or the table has no row.

    Raises Rejection if the moment has not passed.
    """
    attempt = None
    if command.step not in OF_REGION:
        attempt = rules.attempt_named(region, command.application or "", command.attempt)
    if command.due != _due(region, attempt, command) or _is_done(region, attempt, command):
        return None
    if not has_passed(command.due, context.now):
        raise Rejection(Fault("not-due", f"{command.due.at or command.due.date} has not passed", "/due"))
    row = _row(region, attempt, command, tables)
    if row is None:
        return None
    return SilenceNoted(
        step=command.step,
        due=command.due,
        application=None if attempt is None else command.application,
        attempt=None if attempt is None else attempt.number,
        question=command.question,
        halt=command.halt,
        joint=None if attempt is None else attempt.joint,
        national=None if attempt is None else attempt.national,
        result=row.result,
        reach=row.reach,
        cites=row.cites,
    )


def _due(region: Region, attempt: Attempt | None, command: do.NoteSilence) -> Moment | None:
    """The moment that is due now, as it was stated; None where none is."""
    if attempt is None:
        return region.dues.get((command.step, command.halt))
    if command.step not in QUESTIONS:
        return attempt.dues.get(command.step)
    question = attempt.questions.get(command.question or "")
    # Silence on an informal question means nothing: the law does not know of it.
    if question is None or not question.formal or question_step(question.step) is not command.step:
        return None
    return question.due


def question_step(step: Step) -> Step:
    return {Step.VALIDATION: Step.VALIDATION_QUESTION, Step.JOINT: Step.JOINT_QUESTION}.get(
        step, Step.NATIONAL_QUESTION
    )


def _is_done(region: Region, attempt: Attempt | None, command: do.NoteSilence) -> bool:
    if attempt is None:
        return _is_done_in_region(region, command)
    if not attempt.pending or command.step in attempt.silent:
        return True
    if command.step in WITH_CLOCK and attempt.clock_stopped:
        return True
    if command.step in QUESTIONS:
        question = attempt.questions.get(command.question or "")
        return question is None or not question.open
    done = {
        Step.VALIDATION: attempt.validated is not None,
        Step.JOINT: attempt.joint is not None,
        Step.NATIONAL: attempt.national is not None,
    }
    return done.get(command.step, False)


def _is_done_in_region(region: Region, command: do.NoteSilence) -> bool:
    if (command.step, command.halt) in region.silent:
        return True
    if command.step is Step.START:
        return rules.has_started(region)
    if command.halt not in region.halts:
        return True
    # A modification that asks for a later restart keeps the trial from counting as ended.
    asks_for_restart = any(one.kind is not ApplicationKind.INITIAL for one in region.pending.values())
    return command.step is Step.RESTART and asks_for_restart


def _row(region: Region, attempt: Attempt | None, command: do.NoteSilence, tables: Tables) -> SilenceRow | None:
    if attempt is None:
        return rules.silence_in_region(region, command.step, tables)
    return _row_of(rules.procedure_of(attempt, tables), attempt, command.step)


def _row_of(procedure: Procedure, attempt: Attempt, step: Step) -> SilenceRow | None:
    joint: Conclusion | None = attempt.joint
    day = day_of(rules.table_day(attempt))
    return silence_of(procedure, step, attempt.kind, day, joint=joint, national=attempt.national)
