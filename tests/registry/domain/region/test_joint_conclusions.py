"""How a joint conclusion binds, how far a withdrawal goes, and what a staged application asks for (1.1b, 1.1c, 1.2)."""

from typing import Any

import pytest

from registry.domain.region import commands as do
from tests.support.regions import SPONSOR, Life, authorised, begun, day

ACCEPTABLE, CONDITIONS, NOT = "acceptable", "acceptable_with_conditions", "not_acceptable"
GROUNDS = ("worse-treatment", "national-law", "own-considerations")


def assessed(code: str, joint: str | None = None, national: str | None = None) -> Life:
    life = begun(code)
    life.submit()
    life.validate()
    if joint is not None:
        life.conclude("joint", joint)
    if national is not None:
        life.conclude("national", national)
    return life


def decision(outcome: str, **fields: Any) -> dict[str, Any]:
    return {"application": "initial", "outcome": outcome, "on": day("2024-04-15"), **fields}


@pytest.mark.parametrize("joint", [ACCEPTABLE, CONDITIONS])
def test_a_yes_of_the_lead_is_the_conclusion_of_all(joint: str) -> None:
    member = assessed("GR", joint)

    attempt = member.region.last("initial")
    assert attempt is not None
    assert (attempt.joint, member.events[-1].lead) == (joint, "BE")  # type: ignore[union-attr]
    assert member.refused(do.DecideApplication, member.authority, **decision("authorised")) == set()


@pytest.mark.parametrize("code", ["BE", "GR", "PL"])
def test_a_no_of_the_lead_refuses_in_every_state_and_the_lead_s_own(code: str) -> None:
    life = assessed(code, NOT, ACCEPTABLE)

    assert life.refused(do.DecideApplication, life.authority, **decision("authorised")) == {"joint-refusal"}
    life.decide("refused")
    assert life.stands == "refused"


@pytest.mark.parametrize("ground", GROUNDS)
def test_nobody_opts_out_of_a_no(ground: str) -> None:
    life = assessed("GR", NOT)
    considered(life)

    assert "no-opt-out" in life.refused(do.OptOutOfConclusion, life.authority, **opting(ground))


def opting(ground: str) -> dict[str, Any]:
    return {"application": "initial", "ground": ground, "on": day("2024-04-10")}


def considered(life: Life) -> None:
    paper = {"paper": "c1", "kind": "consideration", "on": day("2024-03-20"), "audience": ["pattern_members"]}
    life.do(do.SharePaper, life.authority, application="initial", **paper)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("joint", [ACCEPTABLE, CONDITIONS])
def test_a_yes_is_left_on_one_of_three_grounds_and_that_state_refuses(joint: str, ground: str) -> None:
    life = assessed("GR", joint)
    considered(life)
    life.do(do.OptOutOfConclusion, life.authority, **opting(ground))

    assert life.stands == "refused"
    assert life.refused(do.DecideApplication, life.authority, **decision("authorised")) >= {"already-decided"}


def test_there_is_no_fourth_ground_and_the_third_needs_considerations_that_were_sent() -> None:
    life = assessed("GR", ACCEPTABLE)

    assert life.refused(do.OptOutOfConclusion, life.authority, **opting("too-expensive")) == {"ground-unknown"}
    rules = life.refused(do.OptOutOfConclusion, life.authority, **opting("own-considerations"))
    assert rules == {"considerations-missing"}
    assert life.refused(do.OptOutOfConclusion, life.authority, **opting("national-law")) == set()


def test_the_lead_does_not_leave_its_own_conclusion() -> None:
    life = assessed("BE", ACCEPTABLE)

    assert life.refused(do.OptOutOfConclusion, life.authority, **opting("national-law")) == {"lead-concludes"}


def test_nothing_is_left_that_was_not_concluded() -> None:
    life = assessed("GR")

    rules = life.refused(do.OptOutOfConclusion, life.authority, **opting("national-law"))
    assert rules == {"joint-conclusion-missing"}


def test_a_state_must_refuse_where_part_2_is_not_met() -> None:
    life = assessed("GR", ACCEPTABLE, NOT)

    assert life.refused(do.DecideApplication, life.authority, **decision("authorised")) == {"national-refusal"}
    assert life.refused(do.DecideApplication, life.authority, **decision("refused")) == set()


@pytest.mark.parametrize(("whole", "rules"), [(True, {"ethics-refusal"}), (False, set())])
def test_a_negative_opinion_refuses_where_it_is_valid_for_the_whole_state(whole: bool, rules: set[str]) -> None:
    life = assessed("GR", ACCEPTABLE, ACCEPTABLE)
    opinion = {"application": "initial", "outcome": "disapproved", "whole_region": whole, "on": day("2024-04-10")}
    life.do(do.GiveEthicsOpinion, life.ethics, **opinion)

    assert life.refused(do.DecideApplication, life.authority, **decision("authorised")) == rules


def test_only_the_lead_concludes_for_all_and_its_conclusion_is_noted_by_the_registry_in_the_others() -> None:
    life = assessed("GR")
    joint = {"application": "initial", "part": "joint", "outcome": ACCEPTABLE, "on": day("2024-04-03")}

    assert life.refused(do.ConcludeAssessment, life.authority, **joint) == {"not-the-lead"}
    life.conclude("joint", ACCEPTABLE)
    again = {"application": "initial", "lead": "BE", "by": "authority-be", "outcome": ACCEPTABLE}
    assert life.do(do.NoteJointConclusion, **again, on=day("2024-04-03")) is None, "asked again, it is known"


def test_a_member_may_decide_before_its_lead_concludes_and_that_is_marked() -> None:
    life = assessed("PL", national=ACCEPTABLE)
    event = life.decide()

    assert event.odd == ("before_joint_conclusion",)
    assert life.stands == "permitted"


@pytest.mark.parametrize(
    ("phase", "reach"),
    [("before the Part I reporting date", "all"), ("after it, before the decision", "region"), ("decided", None)],
)
def test_how_far_a_withdrawal_goes(phase: str, reach: str | None) -> None:
    life = begun("GR")
    life.submit()
    if phase != "before the Part I reporting date":
        life.conclude("joint", ACCEPTABLE)
    if phase == "decided":
        life.decide()
        rules = life.refused(do.WithdrawApplication, application="initial", on=day("2024-05-01"))
        assert rules == {"already-decided"}
        return
    event = life.do(do.WithdrawApplication, application="initial", on=day("2024-05-01"))

    assert (event.reach, life.stands) == (reach, "withdrawn")


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "refused"])
def test_after_its_end_an_application_is_handed_in_again_and_the_old_attempt_counts_for_nothing(end: str) -> None:
    life = assessed("GR", ACCEPTABLE, ACCEPTABLE)
    question = {"application": "initial", "question": "q1", "step": "joint", "formal": True, "audience": ["own_region"]}
    life.do(do.AskQuestion, life.authority, **question, due=day("2024-04-20"), on=day("2024-04-08"))
    if end == "withdrawn":
        life.do(do.WithdrawApplication, application="initial", on=day("2024-05-01"))
    elif end == "lapsed":
        due = {"step": "joint_question", "question": "q1", "due": day("2024-04-20")}
        life.do(do.NoteSilence, application="initial", **due)
    else:
        life.decide("refused")
    assert life.stands == end
    event = life.submit(on="2024-09-01", number="2023-505613-24-01")

    first, second = life.region.applications["initial"]
    assert (event.attempt, life.stands) == (2, "under_review")
    assert (first.joint, first.national, list(first.questions)) == (ACCEPTABLE, ACCEPTABLE, ["q1"])
    assert (second.joint, second.national, dict(second.questions), second.validated) == (None, None, {}, None)
    assert life.refused(do.AnswerQuestion, application="initial", question="q1", on=day("2024-09-02")) == {
        "question-unknown"
    }


def test_a_running_or_authorised_application_is_not_handed_in_again() -> None:
    life = begun()
    again = {"application": "initial", "kind": "initial", "on": day("2024-06-01")}
    life.submit()
    assert life.refused(do.SubmitApplication, **again) == {"attempt-running"}
    life.decide()
    assert life.refused(do.SubmitApplication, **again) == {"attempt-running"}
    rules = life.refused(do.SubmitApplication, **{**again, "application": "x", "takes_further": "nothing"})
    assert rules == {"application-unknown"}


BLOCK = {"item": "part-2", "text": {"en": "Not to start before Part II"}, "blocks_start": True}


def test_authorised_with_conditions_alone_never_says_whether_a_site_may_open() -> None:
    minutes = {"item": "dsmb", "text": {"en": "Minutes of the board"}, "blocks_start": False}
    open_, shut = assessed("GR", ACCEPTABLE), assessed("PL", ACCEPTABLE)
    open_.decide("authorised_with_conditions", conditions=[minutes])
    shut.decide("authorised_with_conditions", conditions=[minutes, BLOCK])

    assert (open_.stands, open_.shut_by) == ("permitted", [])
    assert (shut.stands, shut.shut_by) == ("permitted_blocked", ["region_blocked"])
    shut.do(do.MeetCondition, shut.authority, application="initial", condition="part-2", on=day("2024-06-01"))
    assert (shut.stands, shut.shut_by) == ("permitted", [])


def test_conditions_come_with_the_outcome_that_says_so_and_each_is_met_once() -> None:
    life = assessed("GR", ACCEPTABLE)
    plain, with_conditions = decision("authorised", conditions=[BLOCK]), decision("authorised_with_conditions")
    for wrong in (plain, with_conditions):
        assert life.refused(do.DecideApplication, life.authority, **wrong) == {"conditions-missing"}
    twice = decision("authorised_with_conditions", conditions=[BLOCK, BLOCK])
    assert life.refused(do.DecideApplication, life.authority, **twice) == {"condition-twice"}
    life.decide("authorised_with_conditions", conditions=[BLOCK])
    met = {"application": "initial", "on": day("2024-06-01")}
    life.do(do.MeetCondition, life.authority, condition="part-2", **met)

    assert life.refused(do.MeetCondition, life.authority, condition="part-2", **met) == {"already-recorded"}
    assert life.refused(do.MeetCondition, life.authority, condition="x", **met) == {"condition-unknown"}


def test_placeholders_are_taken_since_the_day_of_the_rule_and_block_the_start_until_part_2_is_authorised() -> None:
    early, life = begun("GR"), begun("GR", table="2026-05-01")
    staged = {"application": "initial", "kind": "initial", "staged": True}
    assert early.refused(do.SubmitApplication, **staged, on=day("2026-04-26")) == {"staged-unknown"}
    life.do(do.SubmitApplication, **staged, on=day("2026-05-02"))
    life.conclude("joint", ACCEPTABLE, on="2026-06-01")
    plain = {"application": "initial", "outcome": "authorised", "on": day("2026-06-05")}
    assert life.refused(do.DecideApplication, life.authority, **plain) == {"staged-not-blocked"}
    life.decide("authorised_with_conditions", conditions=[BLOCK], on="2026-06-05")
    assert life.stands == "permitted_blocked"

    life.submit("sm-1", "2026-07-01", kind="modification_part_2", takes_further="initial")
    life.conclude("national", ACCEPTABLE, "sm-1", "2026-08-10")
    assert life.stands == "permitted"


@pytest.mark.parametrize(("outcome", "ends"), [(ACCEPTABLE, "authorised"), (NOT, "refused")])
def test_of_a_part_2_modification_the_conclusion_is_the_decision(outcome: str, ends: str) -> None:
    life = authorised()
    version = {"protocol": "main", "version": "v2"}
    life.submit("sm-2", "2025-03-14", kind="modification_part_2", versions=[version])
    event = life.conclude("national", outcome, "sm-2", "2025-05-16")

    attempt = life.region.last("sm-2")
    assert attempt is not None
    assert (event.decides, attempt.outcome, attempt.pending) == (True, ends, False)
    assert (("main", "v2") in life.region.versions) is (ends == "authorised")
    assert life.stands == "permitted", "a modification that is refused leaves what was permitted"


def test_a_modification_without_assessment_is_recorded_as_filed_on_the_day_it_is_handed_in() -> None:
    life = authorised()
    life.submit("nsm-1", "2025-01-13", kind="notification")
    filing = {"how": "filed", "law": "Regulation (EU) 536/2014, Article 81(9)", "application": "nsm-1"}
    rules = life.refused(do.RecordPermission, SPONSOR, **filing, on=day("2025-01-13"))

    assert rules == set()
