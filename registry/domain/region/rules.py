"""Rules for commands on a region: faults by name, and oddities that do not forbid the command."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from events.schemas.acts import Oddity
from events.schemas.applications import Conclusion, DecisionOutcome, Step
from events.schemas.ethics import EthicsOutcome
from events.schemas.moment import Moment
from events.schemas.region_parts import Milestone
from events.schemas.values import DateKind
from registry.domain.acting import day_of, is_before
from registry.domain.decider import Fault, Rejection
from registry.domain.regimes.rows import BindingRow, FilingRow, Procedure, SilenceRow
from registry.domain.regimes.tables import Tables, holding, of_kind, silence_of
from registry.domain.region.state import Attempt, Region


def sponsors_of(region: Region) -> tuple[str, ...]:
    """The organisations that may act for the sponsor here."""
    coordinator = () if region.terms.coordinator is None else (region.terms.coordinator,)
    return tuple(dict.fromkeys((*region.sponsors, *region.second_sponsors, *coordinator)))


def attempt_named(region: Region, application: str, number: int | None) -> Attempt:
    """The attempt that a command is on: the last, or the one of the number. Raises Rejection where there is none."""
    attempts = region.applications.get(application, ())
    if not attempts:
        known = ", ".join(region.applications) or "none"
        message = f"no application {application} was handed in here (known: {known}); record its submission first"
        raise Rejection(Fault("application-unknown", message, "/application"))
    for attempt in attempts:
        if attempt.number == (number or attempts[-1].number):
            return attempt
    raise Rejection(Fault("attempt-unknown", f"{application} has {len(attempts)} attempts", "/attempt"))


def procedure_of(attempt: Attempt, tables: Tables) -> Procedure:
    """The procedure that the attempt began with; raises Rejection where this program has no such table."""
    if (procedure := tables.procedures.get(attempt.procedure)) is None:
        raise Rejection(Fault("procedure-unknown", f"there is no table of the procedure {attempt.procedure}"))
    return procedure


def table_day(attempt: Attempt) -> Moment:
    """The day whose tables hold for the attempt, to its end."""
    return Moment(date=attempt.table)


def silence_in_region(region: Region, step: Step, tables: Tables) -> SilenceRow | None:
    """The row on silence in a step that belongs to no application; None if the region's table has none."""
    procedure = tables.procedures.get(region.terms.procedure)
    day = day_of(Moment(date=region.resolved.table))
    return None if procedure is None else silence_of(procedure, step, None, day)


def odd_of(region: Region, application: str, attempt: Attempt, on: Moment) -> Iterator[Oddity]:
    """The oddities of any act on an attempt."""
    if attempt is not region.last(application):
        yield Oddity.EARLIER_ATTEMPT
    if is_before(on, attempt.submitted):
        yield Oddity.BEFORE_SUBMISSION


def open_to_decision(application: str, attempt: Attempt) -> Iterator[Fault]:
    """There is one decision on an attempt, and none after it has ended."""
    if attempt.how is not None:
        message = f"{application} is {attempt.outcome or attempt.how} already; correct that, or record another attempt"
        yield Fault("already-decided", message, "/application")
    elif attempt.ended is not None:
        message = f"{application} was {attempt.ended}; record another attempt"
        yield Fault("application-ended", message, "/application")


def decision_possible(region: Region, application: str, attempt: Attempt, tables: Tables) -> Iterator[Fault]:
    """Conditions that bind the authority: none may hold if it authorises."""
    procedure, day = procedure_of(attempt, tables), day_of(table_day(attempt))
    for row in holding(procedure.binding, day):
        if (why := _binds(row, region, application, attempt)) is not None:
            yield Fault(row.rule, f"{application} can't be authorised here: {why} ({row.cites})", "/outcome")


def _binds(row: BindingRow, region: Region, application: str, attempt: Attempt) -> str | None:
    if attempt.joint in row.joint:
        return f"the joint conclusion is {attempt.joint}"
    if attempt.national in row.national:
        return f"the national conclusion is {attempt.national}"
    if row.opted_out and attempt.opted_out:
        return "the region left the joint conclusion"
    opinions = [one for one in region.opinions if (one.application, one.attempt) == (application, attempt.number)]
    if opinions and opinions[-1].outcome in row.ethics and opinions[-1].whole_region:
        return f"the ethics body's opinion is {opinions[-1].outcome}"
    return None


def staged_is_blocked(attempt: Attempt, outcome: DecisionOutcome, blocking: bool) -> Iterator[Fault]:
    """A staged application is authorised on the condition that the trial does not start yet."""
    if attempt.staged and outcome is not DecisionOutcome.REFUSED and not blocking:
        message = "the national part holds placeholders alone; give a condition that forbids the start (blocks_start)"
        yield Fault("staged-not-blocked", message, "/conditions")


def odd_decision(attempt: Attempt, tables: Tables) -> Iterator[Oddity]:
    """A decision before the step that it waits for: real authorities also decide early."""
    procedure, day = procedure_of(attempt, tables), day_of(table_day(attempt))
    steps = {row.step for row in of_kind(procedure.steps, attempt.kind, day)}
    if attempt.kind in procedure.joint and attempt.joint is None:
        yield Oddity.BEFORE_JOINT_CONCLUSION
    elif Step.NATIONAL in steps and attempt.national is None and attempt.joint is None:
        yield Oddity.BEFORE_CONCLUSION


def opt_out_possible(region: Region, attempt: Attempt, ground: str, tables: Tables) -> Iterator[Fault]:
    """A yes can be left on the grounds of the table; a no binds everybody."""
    procedure, day = procedure_of(attempt, tables), day_of(table_day(attempt))
    if attempt.joint is None:
        yield Fault("joint-conclusion-missing", "there is no joint conclusion to leave; record it first")
    if attempt.joint is Conclusion.NOT_ACCEPTABLE:
        yield Fault(
            "no-opt-out", "the joint conclusion is not_acceptable: it binds every member, and none can leave it"
        )
    if region.terms.region in {step.lead for step in region.joint_steps}:
        yield Fault("lead-concludes", "the region leads the joint step, so the conclusion is its own")
    rows = {row.ground: row for row in holding(procedure.opt_out, day)}
    if ground not in rows:
        known = ", ".join(rows) or "none"
        yield Fault("ground-unknown", f"{ground} is no ground of {attempt.procedure} (grounds: {known})", "/ground")
    elif rows[ground].needs_paper and not _considerations(region, attempt):
        message = "this ground rests on considerations that the region had sent; record them first"
        yield Fault("considerations-missing", message, "/ground")


def _considerations(region: Region, attempt: Attempt) -> bool:
    return any(paper.by in region.terms.authorities for paper in attempt.papers.values())


def filing_rows(attempt: Attempt, tables: Tables) -> list[FilingRow]:
    """The rows by which filing is enough for the attempt."""
    procedure, day = procedure_of(attempt, tables), day_of(table_day(attempt))
    return list(of_kind(procedure.filing, attempt.kind, day))


def filing_possible(attempt: Attempt, tables: Tables) -> Iterator[Fault]:
    """Filing permits only where the procedure says so."""
    if not filing_rows(attempt, tables):
        message = f"under {attempt.procedure} filing is not enough for {attempt.kind}; record the decision instead"
        yield Fault("filing-not-enough", message, "/how")


def odd_filing(region: Region, application: str, attempt: Attempt, tables: Tables) -> Iterator[Oddity]:
    """Filed before the ethics body was heard, where that comes first."""
    if any(row.after_opinion for row in filing_rows(attempt, tables)):
        opinions = (one for one in region.opinions if one.application in (None, application))
        if not any(one.outcome is EthicsOutcome.APPROVED for one in opinions):
            yield Oddity.BEFORE_ETHICS_OPINION


STARTS: Final = (Milestone.STARTED, Milestone.FIRST_PARTICIPANT)
"""Milestones after which a permission was used."""


def has_started(region: Region) -> bool:
    """Whether the start, or a first participant, was reported."""
    reached = chain.from_iterable(region.milestones.get(one, ()) for one in STARTS)
    return any(passed.kind is DateKind.ACTUAL for passed in reached)
