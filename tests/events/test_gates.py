"""What a gate lets through, and why it does not: every state of a region, every scope of a halt."""

from typing import Any

import pytest
from pydantic import ValidationError

from events.schemas.gates import Gate
from events.schemas.halts import Halt, HaltScope, StandingHalt
from events.schemas.status import AuthorisationStatus, RecruitmentStatus, RegionState

PROGRAMME = "6f1c0e0a-6d6f-5d0e-9b8e-2f1c7c1d4a11"
HALT = {
    "item": "hold-1",
    "actor": "authority",
    "organisation": "fda",
    "kind": "clinical_hold",
    "scope": "all",
    "decided": {"date": "2026-11-02"},
}


def gate(**fields: Any) -> Gate:
    return Gate.model_validate({"programme": PROGRAMME, "region": "JP", "country": "JP", "version": 3, **fields})


def reasons(**fields: Any) -> list[str]:
    return [str(reason) for reason in gate(**fields).shut_by()]


@pytest.mark.parametrize("state", RegionState)
def test_only_a_region_that_is_permitted_without_a_block_lets_anybody_join(state: RegionState) -> None:
    expected = {"permitted": [], "permitted_blocked": ["region_blocked"]}.get(state, ["region_not_permitted"])

    assert reasons(state=state) == expected


@pytest.mark.parametrize("scope", HaltScope)
def test_a_halt_shuts_the_gate_where_it_touches_recruitment(scope: HaltScope) -> None:
    expected = [] if scope is HaltScope.DOSING else ["halted"]

    assert reasons(state="permitted", halts=[{**HALT, "scope": scope}]) == expected


def test_a_halt_of_some_arms_leaves_the_others_open() -> None:
    assert reasons(state="permitted", halts=[{**HALT, "arms": ["high-dose"]}]) == []


def test_a_filing_that_must_be_published_shuts_the_gate_until_it_is() -> None:
    assert reasons(state="permitted", publication="awaited") == ["filing_not_published"]
    assert reasons(state="permitted", publication="published") == reasons(state="permitted") == []


def test_the_gate_of_a_programme_is_shut_by_its_end_and_its_halts_alone() -> None:
    of_programme = {"region": None, "country": None}

    assert reasons(**of_programme) == []
    assert reasons(**of_programme, ended=True, halts=[HALT]) == ["programme_ended", "halted"]


def test_every_reason_is_told_at_once() -> None:
    shut = reasons(state="under_review", publication="awaited", halts=[HALT])

    assert shut == ["region_not_permitted", "filing_not_published", "halted"]


def test_a_halt_is_passed_on_without_the_texts_that_are_sealed_for_its_stream() -> None:
    why = {"text": "t1", "sealed": "1.AAAA"}
    halt = Halt.model_validate({**HALT, "why": why, "care": {**why, "text": "t2"}, "on_treatment": 4})

    assert halt.standing() == StandingHalt.model_validate(HALT)
    assert halt.standing().to_stored() == HALT


def test_the_state_of_a_region_stands_for_neither_axis_of_a_trial() -> None:
    assert not {*RegionState} & {*RecruitmentStatus}, "a region says nothing of recruitment"
    for status in ("recruiting", "published", "filed", "paused"):
        with pytest.raises(ValidationError, match="state"):
            gate(state=status)
    assert {"permitted", "permitted_blocked", "planned", "declared"}.isdisjoint(AuthorisationStatus)
