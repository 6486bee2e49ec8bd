"""Halts of a region: who may stop what, and what a restart needs, cell by cell of the tables (5.1 and 5.4)."""

from typing import Any

import pytest

from events.schemas.halts import HaltActor
from registry.domain.region import commands as do
from tests.support.regions import SPONSOR, Life, authorised, begun, day

SUSPENDED = {"actor": "authority", "kind": "clinical_hold", "scope": "all"}


def japanese(procedure: str) -> Life:
    life = begun("JP", procedure, procedure)
    life.submit()
    return life


@pytest.mark.parametrize(
    ("who", "kind", "region", "may"),
    [
        ("sponsor", "temporary_halt", "BE", True),
        ("sponsor", "interruption", "JP", True),
        ("sponsor", "interruption", "BE", False),
        ("authority", "clinical_hold", "US", True),
        ("authority", "partial_clinical_hold", "US", True),
        ("authority", "clinical_hold", "BE", False),
        ("authority", "temporary_halt", "BE", False),
        ("minister", "instruction", "JP", True),
        ("minister", "instruction", "BE", False),
        ("minister", "emergency_order", "JP", False),
        ("ethics_body", "ethics_suspension", "BE", True),
        ("ethics_body", "ethics_stop", "BE", False),
        ("institution", "institution_measure", "JP", False),
        ("investigator", "interruption", "JP", False),
        ("sponsor", "clinical_hold", "US", False),
    ],
)
def test_who_may_halt_a_region_and_how(who: str, kind: str, region: str, may: bool) -> None:
    regime = {"BE": "eu-ctr", "JP": "jp-chiken", "US": "us-ind"}[region]
    life = begun(region, regime, regime)
    by = {"sponsor": SPONSOR, "ethics_body": life.ethics}.get(who, life.authority)
    halted = {"item": "h1", "organisation": by, "decided": day("2025-01-10"), "scope": "all"}
    rules = life.refused(do.HaltRegion, by, halt={**halted, "actor": who, "kind": kind})

    assert ("may-not-halt" not in rules) is may
    assert (rules == set()) is may


def test_a_reference_authority_halts_nothing_beyond_its_own_territory() -> None:
    life = authorised("GR")
    halted = {"item": "h1", "organisation": "authority-be", "decided": day("2025-01-10"), "scope": "all"}
    rules = life.refused(
        do.HaltRegion, "authority-be", halt={**halted, "actor": "ethics_body", "kind": "ethics_suspension"}
    )

    assert rules == {"not-its-act"}


def test_a_monitoring_committee_and_a_registry_are_no_halters() -> None:
    assert {*HaltActor} == {"sponsor", "investigator", "institution", "ethics_body", "authority", "minister"}


def test_several_halts_stand_at_once_and_each_ends_by_its_own_lift() -> None:
    life = begun("US", "us-ind", "us-ind")
    life.halt("pause", benefit_risk=False)
    life.halt("hold", life.authority, **SUSPENDED)
    life.halt("irb", life.ethics, actor="ethics_body", kind="ethics_suspension", scope="enrolment")
    assert list(life.region.halts) == ["pause", "hold", "irb"]

    life.lift("authority_word", "hold", life.authority)
    assert list(life.region.halts) == ["pause", "irb"]
    life.lift("own_word", "pause")
    life.lift("ethics_word", "irb", life.ethics)
    assert list(life.region.halts) == []


@pytest.mark.parametrize("by", [SPONSOR, "ethics-us", "office-us", "authority-be", "registry-office"])
def test_no_halt_is_lifted_by_another(by: str) -> None:
    life = begun("US", "us-ind", "us-ind")
    life.halt("hold", life.authority, **SUSPENDED)

    rules = life.refused(do.LiftRegionHalt, by, halt="hold", basis="authority_word", on=day("2025-02-10"))

    assert "not-who-halted" in rules


def test_the_office_records_a_lift_for_who_halted_with_its_source() -> None:
    life = begun("US", "us-ind", "us-ind")
    life.halt("hold", life.authority, **SUSPENDED)
    lift = {"halt": "hold", "basis": "authority_word", "on": day("2025-02-10"), "by": life.authority}

    assert life.refused(do.LiftRegionHalt, "registry-office", **lift) == {"source-missing"}
    assert life.refused(do.LiftRegionHalt, "registry-office", **lift, source="letter of 2025-02-10") == set()


BASES = [
    "own_word",
    "notice",
    "authorised_modification",
    "authority_reversal",
    "authority_word",
    "ethics_word",
    "new_instruction",
    "new_opinion",
    "opinion_and_plan",
]


@pytest.mark.parametrize(
    ("law", "halted", "basis"),
    [
        ("EU, no benefit-risk", {"benefit_risk": False}, "notice"),
        ("EU, benefit-risk", {"benefit_risk": True}, "authorised_modification"),
        ("EU, nobody said whether", {}, "authorised_modification"),
        ("UK", {}, "authorised_modification"),
        ("US hold", {"by": "authority-us", **SUSPENDED}, "authority_word"),
        ("US partial hold", {"by": "authority-us", **SUSPENDED, "kind": "partial_clinical_hold"}, "authority_word"),
        ("US IRB suspension", {"by": "ethics-us", "actor": "ethics_body", "kind": "ethics_suspension"}, "ethics_word"),
        ("JP 治験", {"by": "authority-jp", "actor": "minister", "kind": "instruction"}, "new_instruction"),
        ("JP specified", {"by": "ethics-jp", "actor": "ethics_body", "kind": "ethics_stop"}, "opinion_and_plan"),
        ("JP specified, by the manager", {}, "opinion_and_plan"),
    ],
)  # fmt: skip
def test_what_a_restart_needs(law: str, halted: dict[str, Any], basis: str) -> None:
    code, regime = {
        "EU": ("BE", "eu-ctr"),
        "UK": ("GB", "uk-combined"),
        "US": ("US", "us-ind"),
        "JP 治験": ("JP", "jp-chiken"),
        "JP specified": ("JP", "jp-crb"),
    }[next(one for one in ("JP 治験", "JP specified", "EU", "UK", "US") if law.startswith(one))]
    life = begun(code, regime, regime)
    life.halt("h1", **halted)
    by = life.region.halts["h1"].organisation

    wrong = {one for one in BASES if "restart-basis" in life.refused(do.LiftRegionHalt, by, **lifted(one))}

    assert wrong == {*BASES} - {basis}


def lifted(basis: str, **fields: Any) -> dict[str, Any]:
    return {"halt": "h1", "basis": basis, "on": day("2025-03-10"), **fields}


def test_after_a_halt_for_benefit_and_risk_only_a_modification_of_this_state_authorised_since_counts() -> None:
    life = authorised()
    life.submit("sm-1", "2024-06-25")
    life.conclude("joint", "acceptable", "sm-1", "2024-08-05")
    life.decide("authorised", "sm-1", "2024-08-08")
    life.halt(on="2025-01-10", benefit_risk=True)
    life.submit("sm-2", "2025-02-01")
    lift = {"halt": "h1", "basis": "authorised_modification", "on": day("2025-03-10")}

    for application in (None, "initial", "sm-1", "sm-2"):
        rules = life.refused(do.LiftRegionHalt, SPONSOR, **{**lift, "application": application})
        assert rules == {"restart-not-authorised"}, application
    life.conclude("joint", "acceptable", "sm-2", "2025-03-01")
    life.decide("authorised", "sm-2", "2025-03-05")

    assert life.refused(do.LiftRegionHalt, SPONSOR, **{**lift, "application": "sm-2"}) == set()


def test_states_may_differ_in_their_restart() -> None:
    first, second = authorised("GR"), authorised("PL")
    for life in (first, second):
        life.halt(on="2025-01-10", benefit_risk=True)
        life.submit("sm-2", "2025-02-01")
        life.conclude("joint", "acceptable", "sm-2", "2025-03-01")
    first.decide("authorised", "sm-2", "2025-03-05")
    second.decide("refused", "sm-2", "2025-03-05")
    first.lift("authorised_modification", on="2025-03-10", application="sm-2")

    rules = second.refused(do.LiftRegionHalt, **lifted("authorised_modification", application="sm-2"))
    assert rules == {"restart-not-authorised"}
    assert (first.shut_by, second.shut_by) == ([], ["halted"])


def test_a_suspension_by_a_state_is_reversed_by_that_state_alone() -> None:
    life = authorised()
    life.do(
        do.OrderCorrectiveMeasure, life.authority, measure="m1", kind="suspend", immediate=True, on=day("2025-01-10")
    )
    assert (life.stands, life.shut_by) == ("suspended", ["region_not_permitted", "halted"])

    for by in (SPONSOR, life.ethics, "authority-gr"):
        reversal = {"halt": "m1", "basis": "authority_reversal", "on": day("2025-02-10")}
        assert "not-who-halted" in life.refused(do.LiftRegionHalt, by, **reversal)
    life.lift("authority_reversal", "m1", life.authority)
    assert (life.stands, life.shut_by) == ("permitted", [])


def test_a_revocation_is_final_and_a_demand_for_a_change_halts_nothing() -> None:
    life, changing = authorised(), authorised()
    measure = {"measure": "m1", "immediate": False, "opinion_due": day("2025-01-17"), "on": day("2025-01-10")}
    life.do(do.OrderCorrectiveMeasure, life.authority, kind="revoke", **measure)
    changing.do(do.OrderCorrectiveMeasure, changing.authority, kind="require_change", **measure)

    assert (life.stands, changing.stands) == ("revoked", "permitted")
    assert "halt-unknown" in life.refused(do.LiftRegionHalt, life.authority, **lifted("authority_reversal"))


def test_under_the_clinical_trials_act_the_board_is_heard_and_the_changed_plan_filed_before_the_restart() -> None:
    life = japanese("jp-crb")
    life.halt(on="2025-01-10")
    basis = lifted("opinion_and_plan", application="change")
    life.submit("change", "2025-02-01", kind="modification_both")
    assert life.refused(do.LiftRegionHalt, **basis) == {"opinion-missing", "plan-not-filed"}

    life.do(do.GiveEthicsOpinion, life.ethics, application="change", outcome="approved", on=day("2025-02-20"))
    assert life.refused(do.LiftRegionHalt, **basis) == {"plan-not-filed"}
    life.do(do.RecordPermission, how="filed", law="臨床研究法", application="change", on=day("2025-02-25"))
    assert life.refused(do.LiftRegionHalt, **basis) == set()


def test_an_item_of_a_halt_is_given_once() -> None:
    life = authorised()
    life.halt(benefit_risk=False)
    assert life.refused(do.HaltRegion, halt=again(life)) == {"halt-known"}
    life.lift("notice")
    assert life.refused(do.HaltRegion, halt=again(life)) == {"halt-known"}


def again(life: Life) -> dict[str, Any]:
    halts = [event.halt for event in life.events if hasattr(event, "halt") and not isinstance(event.halt, str)]
    return halts[0].to_stored()


def test_a_halt_of_dosing_alone_leaves_recruitment_open_and_one_of_enrolment_closes_it() -> None:
    dosing, enrolment = authorised(), authorised()
    dosing.halt(scope="dosing")
    enrolment.halt(scope="enrolment")

    assert (dosing.shut_by, enrolment.shut_by) == ([], ["halted"])
    assert (dosing.stands, enrolment.stands) == ("permitted", "permitted"), "a halt is no state of the axis"
