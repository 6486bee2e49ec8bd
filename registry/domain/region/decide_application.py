"""Which event follows a command on an application, or which rules stand against it."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any, Final, TypeAlias

from events.schemas import region as events
from events.schemas.acts import Oddity
from events.schemas.applications import Conclusion, DecisionOutcome, How, Part
from registry.domain.acting import ActCommand, day_of, fields_of, happened, one_of, sourced
from registry.domain.decider import Context, Fault, reject_if
from registry.domain.regimes.tables import Tables, holding, of_kind, withdrawal_of
from registry.domain.region import commands as do
from registry.domain.region import rules
from registry.domain.region.state import Attempt, Region

OnApplication: TypeAlias = (
    do.ValidateApplication
    | do.AskQuestion
    | do.AnswerQuestion
    | do.SharePaper
    | do.StopClock
    | do.ResumeClock
    | do.ConcludeAssessment
    | do.OptOutOfConclusion
    | do.DecideApplication
    | do.MeetCondition
    | do.WithdrawApplication
)


def act(command: ActCommand, context: Context, who: Collection[str], what: str) -> Iterable[Fault]:
    """Rules for every act: it has happened, its actor may do it, and it has a source where another records it."""
    by = command.organisation(context)
    return chain(happened(command.on, context), sourced(command, context), one_of(by, who, what))


def odd(*oddities: Iterable[Oddity]) -> tuple[Oddity, ...] | None:
    """All oddities of an act; None if there are none."""
    return tuple(dict.fromkeys(chain(*oddities))) or None


def submit(
    region: Region, command: do.SubmitApplication, context: Context, tables: Tables
) -> events.ApplicationSubmitted:
    """An application, or another attempt where the one before has come to an end."""
    name = command.procedure or region.terms.procedure
    day = day_of(command.on)
    before = region.last(command.application)
    possible = _handed_in(region, command, name, tables)
    reject_if([*act(command, context, rules.sponsors_of(region), "sponsor"), *possible])
    others = [one for one in region.pending if one != command.application]
    return events.ApplicationSubmitted(
        **fields_of(command, "procedure"),
        by=command.organisation(context),
        attempt=1 if before is None else before.number + 1,
        procedure=name,
        table=day.isoformat(),
        odd=odd((Oddity.OTHER_PENDING,) if others else ()),
    )


def _handed_in(region: Region, command: do.SubmitApplication, name: str, tables: Tables) -> Iterable[Fault]:
    procedure, before = tables.procedures.get(name), region.last(command.application)
    if procedure is None or (procedure.regimes and region.terms.regime not in procedure.regimes):
        yield Fault("procedure-unknown", f"{name} is no procedure of {region.terms.regime}", "/procedure")
        return
    if command.kind not in procedure.kinds:
        kinds = ", ".join(procedure.kinds)
        yield Fault("kind-unknown", f"{name} has no {command.kind} (kinds: {kinds})", "/kind")
    if before is not None and (before.pending or before.authorised):
        message = f"attempt {before.number} of {command.application} has not come to an end without an authorisation"
        yield Fault("attempt-running", message, "/application")
    if before is not None and before.kind is not command.kind:
        yield Fault("kind-differs", f"{command.application} is of the kind {before.kind}", "/kind")
    if command.staged and not list(holding(procedure.staged, day_of(command.on))):
        yield Fault("staged-unknown", f"{name} took no staged application on {command.on.date}", "/staged")
    if command.takes_further is not None and command.takes_further not in region.applications:
        message = f"no application {command.takes_further} was handed in here"
        yield Fault("application-unknown", message, "/takes_further")


def decide_application(
    region: Region, command: OnApplication, context: Context, tables: Tables
) -> events.RegionEvent | None:
    """The event that follows; raises Rejection with every fault."""
    attempt = rules.attempt_named(region, command.application, command.attempt)
    who, what = _who(region, command)
    reject_if([*act(command, context, who, what), *_possible(region, attempt, command, tables)])
    oddities = odd(
        rules.odd_of(region, command.application, attempt, command.on), _odd(region, attempt, command, tables)
    )
    beside: dict[str, Any] = {"by": command.organisation(context), "attempt": attempt.number, "odd": oddities}
    fields = fields_of(command, "attempt")
    match command:
        case do.ConcludeAssessment():
            decides = command.part is Part.NATIONAL and _decides(attempt, tables)
            return events.AssessmentConcluded(**fields, **beside, decides=True if decides else None)
        case do.DecideApplication():
            return events.ApplicationDecided(**fields, **beside, how=How.GRANTED)
        case do.WithdrawApplication():
            procedure, day = rules.procedure_of(attempt, tables), day_of(rules.table_day(attempt))
            row = withdrawal_of(procedure, attempt.kind, day, attempt.joint)
            assert row is not None, "what the table says nothing of is refused before"
            return events.ApplicationWithdrawn(**fields, **beside, reach=row.reach)
        case _:
            return _PLAIN[type(command)](**fields, **beside)  # type: ignore[no-any-return]


_PLAIN: Final[Mapping[type[ActCommand], Any]] = {
    do.ValidateApplication: events.ApplicationValidated,
    do.AskQuestion: events.QuestionAsked,
    do.AnswerQuestion: events.QuestionAnswered,
    do.SharePaper: events.PaperShared,
    do.StopClock: events.ClockStopped,
    do.ResumeClock: events.ClockResumed,
    do.OptOutOfConclusion: events.JointConclusionLeft,
    do.MeetCondition: events.ConditionMet,
}


def _who(region: Region, command: OnApplication) -> tuple[tuple[str, ...], str]:
    """The organisations whose act it is, and their name in a refusal."""
    if isinstance(command, do.AnswerQuestion | do.WithdrawApplication):
        return rules.sponsors_of(region), "sponsor"
    if isinstance(command, do.AskQuestion):
        return (*region.terms.authorities, *region.terms.ethics_bodies), "authority or ethics body"
    return region.terms.authorities, "authority"


def _possible(region: Region, attempt: Attempt, command: OnApplication, tables: Tables) -> Iterable[Fault]:
    match command:
        case do.ValidateApplication() if attempt.validated is not None and not attempt.tacitly_valid:
            yield Fault("already-recorded", f"it is {attempt.validated} already; correct that event", "/outcome")
        case do.AskQuestion() if command.question in attempt.questions:
            yield Fault("question-known", f"{command.question} was asked already; give another item", "/question")
        case do.AnswerQuestion():
            yield from _answerable(attempt, command.question)
        case do.SharePaper() if command.paper in attempt.papers:
            yield Fault("paper-known", f"{command.paper} was shared already; give another item", "/paper")
        case do.StopClock() if attempt.clock_stopped:
            yield Fault("no-change", "the clock stands still already")
        case _:
            yield from _end_possible(region, attempt, command, tables)


def _end_possible(region: Region, attempt: Attempt, command: OnApplication, tables: Tables) -> Iterable[Fault]:
    match command:
        case do.ConcludeAssessment():
            yield from _conclusion_possible(region, attempt, command, tables)
        case do.OptOutOfConclusion():
            yield from rules.open_to_decision(command.application, attempt)
            yield from rules.opt_out_possible(region, attempt, command.ground, tables)
        case do.DecideApplication():
            yield from _decision_possible(region, attempt, command, tables)
        case do.MeetCondition():
            yield from _condition_open(attempt, command.condition)
        case do.WithdrawApplication():
            yield from _withdrawable(attempt, command, tables)
        case _:
            pass


def _answerable(attempt: Attempt, question: str) -> Iterable[Fault]:
    found = attempt.questions.get(question)
    if found is None:
        yield Fault("question-unknown", f"no question {question} was asked in attempt {attempt.number}", "/question")
    elif found.answered is not None:
        yield Fault("already-recorded", f"{question} was answered on {found.answered.date}", "/question")
    elif found.lapsed:
        yield Fault("application-ended", f"nobody answered {question} in time, and the application lapsed", "/question")


def _conclusion_possible(
    region: Region, attempt: Attempt, command: do.ConcludeAssessment, tables: Tables
) -> Iterable[Fault]:
    procedure = rules.procedure_of(attempt, tables)
    known = attempt.joint if command.part is Part.JOINT else attempt.national
    if known is not None:
        yield Fault("already-recorded", f"the {command.part} conclusion is {known}; correct that event", "/outcome")
    if command.part is Part.JOINT and attempt.kind not in procedure.joint:
        yield Fault("no-joint-step", f"{attempt.procedure} has no joint step for {attempt.kind}", "/part")
    leads = [one.lead for one in region.joint_steps if region.terms.region in one.members]
    if command.part is Part.JOINT and leads and region.terms.region not in leads:
        yield Fault("not-the-lead", f"{', '.join(leads)} leads the joint step, and concludes for all", "/part")


def _decision_possible(
    region: Region, attempt: Attempt, command: do.DecideApplication, tables: Tables
) -> Iterable[Fault]:
    yield from rules.open_to_decision(command.application, attempt)
    if bool(command.conditions) != (command.outcome is DecisionOutcome.AUTHORISED_WITH_CONDITIONS):
        message = "give conditions with the outcome authorised_with_conditions, and with no other"
        yield Fault("conditions-missing", message, "/conditions")
    if len({one.item for one in command.conditions}) < len(command.conditions):
        yield Fault("condition-twice", "two conditions have the same item", "/conditions")
    if command.outcome is not DecisionOutcome.REFUSED:
        yield from rules.decision_possible(region, command.application, attempt, tables)
    blocking = any(one.blocks_start for one in command.conditions)
    yield from rules.staged_is_blocked(attempt, command.outcome, blocking)


def _condition_open(attempt: Attempt, condition: str) -> Iterable[Fault]:
    if condition not in {one.item for one in attempt.conditions}:
        yield Fault("condition-unknown", f"the decision has no condition {condition}", "/condition")
    elif condition in attempt.met:
        yield Fault("already-recorded", f"{condition} is met already", "/condition")


def _withdrawable(attempt: Attempt, command: do.WithdrawApplication, tables: Tables) -> Iterable[Fault]:
    if attempt.how is not None:
        message = (
            f"{command.application} is decided here, so it can't be withdrawn; the permission expires where the trial "
            "never starts, and the trial ends where it has started"
        )
        yield Fault("already-decided", message, "/application")
    else:
        yield from rules.open_to_decision(command.application, attempt)
    procedure, day = rules.procedure_of(attempt, tables), day_of(rules.table_day(attempt))
    if withdrawal_of(procedure, attempt.kind, day, attempt.joint) is None:
        yield Fault("withdrawal-unknown", f"the table of {attempt.procedure} says nothing of a withdrawal")


def _decides(attempt: Attempt, tables: Tables) -> bool:
    procedure, day = rules.procedure_of(attempt, tables), day_of(rules.table_day(attempt))
    return attempt.how is None and bool(list(of_kind(procedure.decides, attempt.kind, day)))


def _odd(region: Region, attempt: Attempt, command: OnApplication, tables: Tables) -> Iterable[Oddity]:
    match command:
        case do.ConcludeAssessment():
            if attempt.validated is None:
                yield Oddity.BEFORE_VALIDATION
            if command.part is Part.JOINT and not region.joint_steps:
                yield Oddity.NO_JOINT_STEP
        case do.DecideApplication():
            yield from rules.odd_decision(attempt, tables)
        case do.ResumeClock() if not attempt.clock_stopped:
            yield Oddity.CLOCK_NOT_STOPPED
        case _:
            pass


def note_joint_conclusion(region: Region, command: do.NoteJointConclusion) -> events.AssessmentConcluded | None:
    """The lead's conclusion in a region that it binds; None where it is known already, or is the region's own."""
    attempt = rules.attempt_named(region, command.application, None)
    if command.lead == region.terms.region or attempt.joint == command.outcome:
        return None
    leads = {one.lead for one in region.joint_steps if region.terms.region in one.members}
    unknown = () if command.lead in leads else (Oddity.NO_JOINT_STEP,)
    return events.AssessmentConcluded(
        application=command.application,
        attempt=attempt.number,
        part=Part.JOINT,
        outcome=Conclusion(command.outcome),
        lead=command.lead,
        on=command.on,
        by=command.by,
        odd=odd(rules.odd_of(region, command.application, attempt, command.on), unknown),
    )


def note_application_end(region: Region, command: do.NoteApplicationEnd) -> events.ApplicationEnded | None:
    """The end of an application with that of another member; None where it has ended here already.

    Raises Rejection if it is decided here: a decision is not removed, and somebody has to look.
    """
    attempt = rules.attempt_named(region, command.application, None)
    if attempt.ended is not None or command.region == region.terms.region:
        return None
    reject_if(list(rules.open_to_decision(command.application, attempt)))
    oddities = odd(rules.odd_of(region, command.application, attempt, command.on))
    return events.ApplicationEnded(**fields_of(command), by=command.by, attempt=attempt.number, odd=oddities)
