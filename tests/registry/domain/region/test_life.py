"""A region's life: how it begins, its milestones, corrections, permissions, and its end."""

from pathlib import Path
from typing import Any

import pytest

from events.schemas.gates import GateReason
from events.schemas.region_parts import Milestone
from registry.domain.decider import Command, Rejection
from registry.domain.region import commands as do
from registry.domain.region.decide_life import TOLD_BY
from registry.domain.region.standing import gate_of
from tests.support.regions import OFFICE, PROGRAMME, SPONSOR, Life, authorised, begun, day, terms

BEGIN = {"programme": PROGRAMME, "table": "2024-01-01", "sponsors": [SPONSOR]}


@pytest.mark.parametrize(
    ("terms", "rules"),
    [
        (terms(), set()),
        (terms(country="GR"), {"country-differs"}),
        (terms(regime="us-law"), {"regime-unknown", "procedure-unknown"}),
        (terms(procedure="jp-crb"), {"procedure-unknown"}),
        (terms(regime="national", procedure="reliance"), {"ethics-missing"}),
        (terms(regime="national", procedure="reliance", ethics="per_institution"), set()),
    ],
)
def test_a_region_begins_under_a_law_that_the_tables_know(terms: dict[str, Any], rules: set[str]) -> None:
    assert Life().refused(do.BeginRegion, OFFICE, terms=terms, **BEGIN) == rules


def test_a_region_begins_once_and_nothing_is_done_before() -> None:
    life = begun()
    assert life.do(do.BeginRegion, OFFICE, terms=terms(), **BEGIN) is None
    assert life.refused(do.BeginRegion, OFFICE, terms=terms("GR"), **BEGIN) == {"region-known"}
    assert Life().refused(do.SubmitApplication, application="a", kind="initial", on=day("2024")) == {"region-unknown"}


@pytest.mark.parametrize(
    ("regime", "ethics", "publication"),
    [
        ("eu-ctr", "within_decision", "not_asked"),
        ("uk-combined", "within_decision", "not_asked"),
        ("jp-crb", "one_body_and_heads", "awaited"),
        ("jp-chiken", "per_institution", "awaited"),
        ("us-ind", "per_institution", "not_asked"),
    ],
)
def test_the_gate_says_whose_ethics_act_counts_and_whether_the_filing_must_be_published(
    regime: str, ethics: str, publication: str
) -> None:
    life = begun("JP", regime, regime)
    gate = gate_of(life.region)

    assert (gate.ethics, gate.publication, gate.state) == (ethics, publication, None)
    assert (gate.programme, gate.region, gate.country, gate.version) == (PROGRAMME, "JP", "JP", 1)


def test_what_was_filed_in_japan_opens_the_gate_once_it_is_published() -> None:
    life = begun("JP", "jp-crb", "jp-crb")
    life.submit()
    life.do(do.GiveEthicsOpinion, life.ethics, application="initial", outcome="approved", on=day("2024-04-01"))
    filed = life.do(do.RecordPermission, how="filed", law="臨床研究法", application="initial", on=day("2024-04-10"))
    assert (filed.odd, life.stands, life.shut_by) == (None, "permitted", ["filing_not_published"])
    life.do(do.PublishFiling, register_name="jRCT", number="jRCTs031240001", on=day("2024-04-15"))

    assert life.shut_by == []


def test_a_plan_that_was_filed_before_the_board_was_heard_is_taken_and_marked() -> None:
    life = begun("JP", "jp-crb", "jp-crb")
    life.submit()
    filed = life.do(do.RecordPermission, how="filed", law="臨床研究法", application="initial", on=day("2024-04-10"))

    assert filed.odd == ("before_ethics_opinion",)


@pytest.mark.parametrize("milestone", Milestone)
def test_each_milestone_can_be_planned_and_what_has_a_command_of_its_own_is_told_by_that(milestone: Milestone) -> None:
    life = begun()
    reached: dict[str, Any] = {"milestone": milestone, "on": day("2024-06-01")}
    if milestone is Milestone.LEAD_ANSWERED:
        reached["willing"] = False
    planned = {**reached, "kind": "anticipated", "on": {"date": "2031"}}

    assert life.refused(do.RecordRegionMilestone, **planned) == set()
    rules = life.refused(do.RecordRegionMilestone, **reached, kind="actual")
    assert rules == ({"milestone-told-elsewhere"} if milestone in TOLD_BY else set())


def test_a_milestone_has_every_value_that_was_said_with_who_said_it() -> None:
    life = begun()
    for on, by in (("2021-10-31", SPONSOR), ("2022-10-31", life.authority)):
        life.do(do.RecordRegionMilestone, by, milestone="started", kind="actual", on=day(on))

    passed = life.region.milestones[Milestone.STARTED]
    assert [one.on.date for one in passed] == ["2021-10-31", "2022-10-31"]
    assert [event.by for event in life.events[1:]] == [SPONSOR, life.authority]  # type: ignore[union-attr]


def test_only_a_lead_that_was_asked_answers_whether_it_is_willing() -> None:
    life = begun()
    reached = {"kind": "actual", "on": day("2024-03-07")}

    assert life.refused(do.RecordRegionMilestone, milestone="lead_answered", **reached) == {"willing-missing"}
    assert life.refused(do.RecordRegionMilestone, milestone="started", willing=True, **reached) == {"willing-missing"}


@pytest.mark.parametrize(
    ("on", "rules"),
    [
        ({"date": "1899"}, {"date-too-early"}),
        ({"date": "2026-11-30"}, {"date-in-future"}),
        ({"date": "2026-11-29", "at": "2026-11-29T03:00:01Z"}, {"date-in-future"}),
        ({"date": "2026-11-29", "at": "2026-11-29T03:00:00Z"}, set()),
        ({"date": "2026"}, set()),
    ],
)
def test_what_is_reported_has_happened(on: dict[str, str], rules: set[str]) -> None:
    submission = {"application": "initial", "kind": "initial", "on": on}

    assert begun().refused(do.SubmitApplication, **submission) == rules


def test_a_corrected_day_stands_beside_what_was_said_before_and_what_did_not_happen_counts_no_more() -> None:
    life = authorised()
    decided = life.region.version
    fixed = {"reason": "misread", "corrects": decided, "on": day("2024-04-16")}
    life.do(do.CorrectRegionEvent, life.authority, **fixed)

    assert [one.on.date for one in life.region.milestones[Milestone.DECIDED]] == ["2024-04-15", "2024-04-16"]
    assert life.stands == "permitted"
    event = life.do(do.CorrectRegionEvent, life.authority, reason="of another trial", corrects=decided, void=True)
    assert (event.event, life.stands, life.region.version) == ("region.application-decided.v1", "under_review", 8)
    assert Milestone.DECIDED not in life.region.milestones


def test_an_event_is_corrected_by_who_said_it_and_once_for_all_where_it_did_not_happen() -> None:
    life = authorised()
    void = {"reason": "x", "corrects": life.region.version, "void": True}

    assert life.refused(do.CorrectRegionEvent, SPONSOR, **void) == {"not-its-act"}
    assert life.refused(do.CorrectRegionEvent, OFFICE, **void) == {"not-its-act"}
    by_office = {**void, "by": life.authority, "source": "letter of 2026-11-01"}
    assert life.refused(do.CorrectRegionEvent, OFFICE, **by_office) == set()
    life.do(do.CorrectRegionEvent, life.authority, **void)
    assert life.refused(do.CorrectRegionEvent, life.authority, **void) == {"already-void"}


@pytest.mark.parametrize(
    ("correction", "rules"),
    [
        ({"corrects": 99, "void": True}, {"event-unknown"}),
        ({"corrects": 6}, {"correction-empty"}),
        ({"corrects": 6, "void": True, "on": day("2024-04-16")}, {"correction-empty"}),
        ({"corrects": 6, "on": day("2024-04-15")}, {"no-change"}),
        ({"corrects": 6, "on": day("2031")}, {"date-in-future"}),
    ],
)
def test_a_correction_says_one_thing_that_can_be(correction: dict[str, Any], rules: set[str]) -> None:
    life = authorised()
    assert life.refused(do.CorrectRegionEvent, life.authority, reason="x", **correction) == rules


def test_what_others_stand_on_is_not_made_void_before_them() -> None:
    life = authorised()

    assert life.refused(do.CorrectRegionEvent, reason="x", corrects=2, void=True) == {"event-followed"}


def test_a_start_that_is_told_after_the_expiry_opens_the_question_and_undoes_nothing_in_silence() -> None:
    life = authorised()
    life.do(do.ExpirePermission, cause="no start was told within two years", on=day("2026-04-15"))
    life.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-01"))
    assert life.stands == "expired"
    assert life.region.expiry_in_question

    life.do(do.CorrectRegionEvent, reason="it had started", corrects=7, void=True)
    assert (life.stands, life.region.expiry_in_question) == ("permitted", False)


def test_nothing_expires_that_was_not_permitted_or_has_started() -> None:
    planned, started = begun(), authorised()
    started.do(do.RecordRegionMilestone, milestone="first_participant", kind="actual", on=day("2024-06-01"))
    expire = {"cause": "never used", "on": day("2026-04-15")}

    assert planned.refused(do.ExpirePermission, **expire) == {"not-permitted"}
    assert started.refused(do.ExpirePermission, **expire) == {"already-started"}


@pytest.mark.parametrize(
    ("reason", "before", "after"),
    [
        ("withdrawn", "withdrawn", "withdrawn"),
        ("refused", "refused", "refused"),
        ("expired", "expired", "expired"),
        ("dropped", "withdrawn", "ended"),
    ],
)
def test_a_region_that_left_says_why(reason: str, before: str, after: str) -> None:
    planned, permitted = begun(), authorised()
    for life in (planned, permitted):
        life.do(do.LeaveProgramme, why_left=reason, on=day("2025-01-10"))

    assert (planned.stands, permitted.stands) == (before, after)
    assert permitted.refused(do.LeaveProgramme, why_left=reason, on=day("2025-01-10")) == {"already-recorded"}


def test_a_version_has_two_days_and_one_in_use_that_nobody_authorised_is_marked() -> None:
    life = begun()
    version = {"protocol": "main", "version": "v2"}
    early = life.do(do.RecordVersion, **version, use="in_use", on=day("2024-09-01"))
    life.do(do.RecordVersion, **version, use="authorised", on=day("2024-08-08"))
    again = life.do(do.RecordVersion, **version, use="in_use", on=day("2024-09-02"))

    assert (early.odd, again.odd) == (("before_permission",), None)
    uses = life.region.versions["main", "v2"]
    assert {use: [one.date for one in days] for use, days in uses.items()} == {
        "in_use": ["2024-09-01", "2024-09-02"],
        "authorised": ["2024-08-08"],
    }


def test_the_region_knows_the_trials_of_its_programme_and_takes_no_older_word_of_it() -> None:
    life = begun()
    life.do(do.LinkRegistration, OFFICE, trial="t1")
    assert life.do(do.LinkRegistration, OFFICE, trial="t1") is None
    life.do(do.LinkRegistration, OFFICE, trial="t2")
    life.do(do.UnlinkRegistration, OFFICE, trial="t1")
    assert life.do(do.UnlinkRegistration, OFFICE, trial="t1") is None
    assert life.region.trials == ("t2",)

    life.do(do.NoteProgramme, OFFICE, version=5, sponsors=["osaka-sponsor"])
    assert life.do(do.NoteProgramme, OFFICE, version=4, sponsors=[SPONSOR]) is None
    assert life.region.sponsors == ("osaka-sponsor",)


def test_a_command_of_another_aggregate_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError, match="is no command on a region"):
        begun().do(UnknownCommand)
    with pytest.raises(Rejection, match="another is no authority or ethics body here"):
        begun().do(do.SetDue, "somebody", step="decision", due=day("2027-01-01"), by="another", source="x")


class UnknownCommand(Command):
    """A command that no region knows."""


def test_each_milestone_has_one_definition_in_the_documents() -> None:
    lines = (Path(__file__).parents[4] / "docs/milestones-of-regions.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]

    assert [name.strip("`") for name, *_ in rows] == [str(milestone) for milestone in Milestone]
    assert len({definition for *_, definition in rows}) == len(rows)


def test_the_gate_of_a_region_tells_nothing_of_an_application_before_its_decision() -> None:
    life = begun()
    gates = [gate_of(life.region)]
    life.submit()
    gates.append(gate_of(life.region))
    life.validate()
    gates.append(gate_of(life.region))
    life.conclude("national", "acceptable")
    gates.append(gate_of(life.region))
    life.do(do.WithdrawApplication, application="initial", on=day("2024-06-01"))
    gates.append(gate_of(life.region))

    assert [life.stands, *gates[0].shut_by()] == ["withdrawn", GateReason.REGION_NOT_PERMITTED]
    assert [gate.model_copy(update={"version": 1}) for gate in gates] == [gates[0]] * 5
