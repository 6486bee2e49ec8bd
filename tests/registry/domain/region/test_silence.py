"""What silence means, cell by cell of the tables: in the words of the procedures."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.region_parts import VersionUse
from registry.domain.decider import Rejection
from registry.domain.region import commands as do
from tests.support.regions import Life, authorised, begun, day

DUE = "2024-04-20"
LONG_AFTER = datetime(2026, 11, 29, 3, tzinfo=UTC)


def due(life: Life, step: str, on: str = DUE, **fields: Any) -> None:
    """The authority states when a step is due."""
    life.do(do.SetDue, life.authority, step=step, due=day(on), **fields)


def silent(life: Life, step: str, on: str = DUE, **fields: Any) -> str | None:
    """What comes of silence in a step; None where nothing is noted."""
    event = life.do(do.NoteSilence, "registry", step=step, due=day(on), **fields)
    return None if event is None else str(event.result)


ACCEPTABLE, CONDITIONS, NOT, MISSING = "acceptable", "acceptable_with_conditions", "not_acceptable", "missing"


@pytest.mark.parametrize(
    ("part_1", "part_2", "result", "state"),
    [
        (ACCEPTABLE, ACCEPTABLE, "authorised", "permitted"),
        (ACCEPTABLE, CONDITIONS, "authorised", "permitted"),
        (CONDITIONS, ACCEPTABLE, "authorised", "permitted"),
        (CONDITIONS, CONDITIONS, "authorised", "permitted"),
        (ACCEPTABLE, NOT, "authorised", "permitted"),
        (ACCEPTABLE, MISSING, "authorised", "permitted"),
        (CONDITIONS, NOT, "authorised", "permitted"),
        (CONDITIONS, MISSING, "authorised", "permitted"),
        (NOT, ACCEPTABLE, "not_authorised", "refused"),
        (NOT, CONDITIONS, "not_authorised", "refused"),
        (NOT, NOT, "not_authorised", "refused"),
        (NOT, MISSING, "not_authorised", "refused"),
        (MISSING, ACCEPTABLE, "nothing", "under_review"),
        (MISSING, CONDITIONS, "nothing", "under_review"),
        (MISSING, NOT, "nothing", "under_review"),
        (MISSING, MISSING, "nothing", "under_review"),
    ],
)
def test_a_state_that_is_silent_at_the_decision(part_1: str, part_2: str, result: str, state: str) -> None:
    life = begun("GR")
    life.submit()
    life.validate()
    if part_1 != MISSING:
        life.conclude("joint", part_1)
    if part_2 != MISSING:
        life.conclude("national", part_2)
    due(life, "decision", application="initial")

    assert silent(life, "decision", application="initial") == result
    assert life.stands == state


@pytest.mark.parametrize(
    ("kind", "step", "result", "reach", "ends"),
    [
        ("initial", "validation", "lapsed", "all", True),
        ("initial", "joint", "lapsed", "all", True),
        ("initial", "national", "lapsed", "region", True),
        ("added", "joint", "lapsed", "region", True),
        ("modification_part_1", "validation", "lapsed", "all", True),
        ("modification_part_1", "joint", "lapsed", "all", True),
        ("modification_part_2", "validation", "lapsed", "region", True),
        ("modification_part_2", "national", "lapsed", "region", True),
        ("modification_both", "national", "lapsed", "region", True),
    ],
)
def test_a_sponsor_that_leaves_a_question_unanswered(kind: str, step: str, result: str, reach: str, ends: bool) -> None:
    life = begun()
    life.submit("a", kind=kind)
    ask(life, "a", step)

    event = life.do(do.NoteSilence, step=f"{step}_question", application="a", question="q1", due=day(DUE))

    assert (event.result, event.reach) == (result, reach)
    assert (life.region.pending == {}) is ends


def ask(life: Life, application: str = "initial", step: str = "joint", *, formal: bool = True, due: Any = None) -> None:
    life.do(
        do.AskQuestion,
        life.authority,
        application=application,
        question="q1",
        step=step,
        formal=formal,
        due=due or day(DUE),
        on=day("2024-04-01"),
        audience=["own_region"],
    )


@pytest.mark.parametrize(
    "kind", ["initial", "added", "modification_part_1", "modification_part_2", "modification_both"]
)
def test_an_authority_that_is_silent_at_validation_makes_it_valid(kind: str) -> None:
    life = begun()
    life.submit("a", kind=kind)
    due(life, "validation", application="a")

    assert silent(life, "validation", application="a") == "valid"
    attempt = life.region.last("a")
    assert attempt is not None
    assert (attempt.validated, attempt.tacitly_valid, attempt.pending) == ("valid", True, True)


def test_part_1_has_no_tacit_conclusion() -> None:
    life = begun()
    life.submit()
    due(life, "joint", application="initial")

    assert silent(life, "joint", application="initial") == "nothing"
    assert life.stands == "under_review"


def test_thirty_days_without_a_hold_permit_in_the_united_states_and_are_no_decision() -> None:
    life = begun("US", "us-ind", "us-ind")
    life.submit()
    due(life, "waiting_period", application="initial")

    assert silent(life, "waiting_period", application="initial") == "permitted"
    attempt = life.region.last("initial")
    assert attempt is not None
    assert (life.stands, attempt.outcome, attempt.how) == ("permitted", None, "waiting_period")


def test_the_first_notification_of_a_substance_in_japan_permits_by_waiting_and_is_no_decision() -> None:
    life = begun("JP", "jp-chiken", "jp-chiken")
    life.submit()
    due(life, "waiting_period", application="initial")

    assert silent(life, "waiting_period", application="initial") == "permitted"
    assert life.region.last("initial").outcome is None  # type: ignore[union-attr]
    assert life.shut_by == ["filing_not_published"], "before the start it is published in jRCT"


@pytest.mark.parametrize(("code", "procedure"), [("JP", "jp-chiken"), ("US", "us-ind")])
def test_the_versions_that_were_handed_in_are_authorised_once_the_waiting_period_is_over(
    code: str, procedure: str
) -> None:
    life = begun(code, procedure, procedure)
    life.submit(versions=[{"protocol": "main", "version": "v1"}])
    due(life, "waiting_period", application="initial")
    silent(life, "waiting_period", application="initial")

    uses = life.region.versions["main", "v1"]
    assert [one.date for one in uses[VersionUse.AUTHORISED]] == [DUE]


def test_thirty_days_after_a_complete_response_the_trial_is_still_held() -> None:
    life = begun("US", "us-ind", "us-ind")
    life.halt("hold", life.authority, actor="authority", kind="clinical_hold", scope="all")
    life.do(do.SetDue, life.authority, step="hold_response", halt="hold", due=day("2025-02-09"))

    assert silent(life, "hold_response", on="2025-02-09", halt="hold") == "nothing"
    assert set(life.region.halts) == {"hold"}


@pytest.mark.parametrize(("regime", "procedure"), [("uk-combined", "uk-combined"), ("national", "parallel-national")])
def test_silence_means_nothing_where_no_law_says_so(regime: str, procedure: str) -> None:
    life = begun("GB", regime, procedure, ethics="within_decision")
    life.submit()
    due(life, "decision", application="initial")

    assert silent(life, "decision", application="initial") == "nothing"
    assert life.stands == "under_review"


def test_two_years_without_a_start_the_authorisation_expires_and_a_start_keeps_it() -> None:
    life, started = authorised(), authorised()
    for one in (life, started):
        one.do(do.SetDue, one.authority, step="start", due=day("2026-04-15"))
    started.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-01"))

    assert silent(life, "start", on="2026-04-15") == "expired"
    assert silent(started, "start", on="2026-04-15") is None
    assert (life.stands, started.stands) == ("expired", "permitted")


def test_two_years_of_a_halt_end_the_trial_unless_a_modification_asked_for_a_later_restart() -> None:
    life, restarting = authorised(), authorised()
    for one in (life, restarting):
        one.halt("h1", on="2024-05-01", benefit_risk=False)
        one.do(do.SetDue, one.authority, step="restart", halt="h1", due=day("2026-05-01"))
    restarting.submit("sm-1", on="2026-04-20")

    assert silent(life, "restart", on="2026-05-01", halt="h1") == "ended"
    assert silent(restarting, "restart", on="2026-05-01", halt="h1") is None
    assert (life.stands, restarting.stands) == ("ended", "permitted")


def test_nothing_is_noted_where_the_step_was_done() -> None:
    life = begun()
    life.submit()
    due(life, "validation", application="initial")
    life.validate()

    assert silent(life, "validation", application="initial") is None


def test_nothing_is_noted_for_a_moment_that_another_has_replaced() -> None:
    life = begun()
    life.submit()
    due(life, "validation", application="initial")
    due(life, "validation", "2024-05-20", application="initial")

    assert silent(life, "validation", application="initial") is None
    assert silent(life, "validation", "2024-05-20", application="initial") == "valid"


def test_nothing_is_noted_for_an_authority_while_the_clock_stands_still() -> None:
    life = begun()
    life.submit()
    due(life, "validation", application="initial")
    life.do(do.StopClock, life.authority, application="initial", why_stopped="question", on=day("2024-04-01"))

    assert silent(life, "validation", application="initial") is None


def test_silence_is_not_noted_before_the_moment_has_passed() -> None:
    life = begun()
    life.submit()
    moment = {"date": "2024-04-20", "at": "2024-04-20T12:00:00Z"}
    life.do(do.SetDue, life.authority, step="validation", application="initial", due=moment)
    life.now = datetime(2024, 4, 20, 12, tzinfo=UTC)
    with pytest.raises(Rejection, match="not-due"):
        life.do(do.NoteSilence, step="validation", application="initial", due=moment)
    life.now = datetime(2024, 4, 20, 12, 0, 1, tzinfo=UTC)

    assert life.do(do.NoteSilence, step="validation", application="initial", due=moment).result == "valid"


def test_a_question_is_due_when_its_authority_says_and_may_be_asked_in_the_last_second_of_its_phase() -> None:
    life = begun()
    life.submit()
    life.do(do.SetDue, life.authority, step="joint", application="initial", due=day("2024-04-20", "23:59:59"))
    due_sooner = day("2024-04-21", "09:00:00")
    life.do(
        do.AskQuestion,
        life.authority,
        application="initial",
        question="late",
        step="joint",
        formal=True,
        due=due_sooner,
        on=day("2024-04-20", "23:59:59"),
        audience=["pattern_members"],
    )

    question = life.region.last("initial").questions["late"]  # type: ignore[union-attr]
    assert question.due is not None
    assert question.due.at == "2024-04-21T09:00:00Z", "no longest time is counted over the one that was given"


def test_silence_on_an_informal_question_means_nothing() -> None:
    life = begun()
    life.submit()
    ask(life, formal=False)

    assert silent(life, "joint_question", application="initial", question="q1") is None
    assert life.stands == "under_review"


def test_a_running_application_keeps_the_table_it_began_with() -> None:
    life = begun()
    life.submit()
    due(life, "decision", application="initial")
    attempt = life.region.last("initial")

    assert attempt is not None
    assert (attempt.procedure, attempt.table) == ("eu-ctr", "2024-03-05")
    event = life.do(do.NoteSilence, step="decision", application="initial", due=day(DUE))
    assert event.cites == "CCMO-dec; 1.1b row 4: stays under evaluation"
