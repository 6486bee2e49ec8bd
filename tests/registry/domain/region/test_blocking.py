"""Who blocks whom: given all regions of a programme, what may not be handed in, and what is in the way (1.3, 1.4)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from events.schemas.applications import ApplicationKind
from registry.domain.region import commands as do
from registry.domain.region.blocking import blocks_of, forbidden
from registry.domain.region.state import Region
from registry.domain.region.waiting import awaited
from tests.support.regions import Life, authorised, begun, day

TODAY = date(2024, 7, 1)
PART_1, PART_2, BOTH = "modification_part_1", "modification_part_2", "modification_both"
PENDING = ("initial", "added", PART_1, PART_2, BOTH)


def programme(**lives: Life) -> Mapping[str, Region]:
    return {code: life.region for code, life in lives.items()}


def pending(kind: str, code: str = "GR") -> Life:
    """A region with an application of a kind that its authority still has."""
    if kind == "initial":
        life = begun(code)
        life.submit()
        return life
    life = authorised(code) if kind != "added" else begun(code)
    life.submit("pending", "2024-06-25", kind=kind)
    return life


def in_the_way(regions: Mapping[str, Region], next_: str, target: str = "PL") -> list[tuple[str | None, str | None]]:
    found = blocks_of(regions, ApplicationKind(next_), target, TODAY)
    return [(block.region, block.application) for block in found]


@pytest.mark.parametrize("kind", PENDING)
@pytest.mark.parametrize("next_", [PART_1, BOTH])
def test_a_part_1_modification_waits_for_every_application_in_every_state(next_: str, kind: str) -> None:
    regions = programme(BE=authorised("BE"), GR=pending(kind), PL=authorised("PL"))
    application = "initial" if kind == "initial" else "pending"

    for target in ("BE", "GR", "PL"):
        assert in_the_way(regions, next_, target) == [("GR", application)]


@pytest.mark.parametrize(
    ("kind", "elsewhere", "at_home"),
    [("initial", True, True), ("added", True, True), (PART_1, True, True), (BOTH, True, True), (PART_2, False, True)],
)
def test_part_2_modifications_of_different_states_run_in_parallel_and_nothing_else_does(
    kind: str, elsewhere: bool, at_home: bool
) -> None:
    regions = programme(GR=pending(kind), PL=authorised("PL"))

    assert bool(in_the_way(regions, PART_2, "PL")) is elsewhere
    assert bool(in_the_way(regions, PART_2, "GR")) is at_home


@pytest.mark.parametrize(
    ("kind", "blocked"), [("initial", True), (PART_1, True), (BOTH, True), (PART_2, False), ("added", False)]
)
def test_a_state_joins_later_once_all_have_decided_and_no_part_1_modification_runs(kind: str, blocked: bool) -> None:
    regions = programme(BE=authorised("BE"), GR=pending(kind), PL=begun("PL"))

    assert bool(in_the_way(regions, "added")) is blocked


@pytest.mark.parametrize("ends", [("refused", "refused"), ("refused", "authorised"), ("authorised", "authorised")])
def test_a_state_joins_later_only_where_at_least_one_authorised(ends: tuple[str, str]) -> None:
    lives = {}
    for code, end in zip(("BE", "GR"), ends, strict=True):
        lives[code] = begun(code)
        lives[code].submit()
        lives[code].decide(end)
    found = blocks_of(programme(**lives, PL=begun("PL")), ApplicationKind.ADDED, "PL", TODAY)

    assert [(one.region, one.cites) for one in found] == (
        [(None, "CCMO-add; 1.3 A0: at least one authorised")] if "authorised" not in ends else []
    )


def test_the_last_state_to_decide_sets_the_day() -> None:
    """Two states have decided, one has not: nothing may be handed in for any, and the list names it and its step."""
    late = begun("GR")
    late.submit()
    late.validate()
    late.conclude("joint", "acceptable")
    regions = programme(BE=authorised("BE"), GR=late, PL=authorised("PL"))

    bans = forbidden(regions, TODAY)

    assert {(one.target, one.next.value) for one in bans} >= {
        (code, kind) for code in ("BE", "PL") for kind in (PART_1, PART_2, BOTH)
    }
    assert {(one.region, one.application, one.steps) for one in bans} == {("GR", "initial", ("national",))}
    late.conclude("national", "acceptable")
    late.decide()
    assert forbidden(programme(BE=authorised("BE"), GR=late, PL=authorised("PL")), TODAY) == []


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "refused", "not valid"])
def test_an_application_that_has_ended_stands_in_nobody_s_way(end: str) -> None:
    life = begun("GR")
    life.submit()
    if end == "withdrawn":
        life.do(do.WithdrawApplication, application="initial", on=day("2024-04-01"))
    elif end == "refused":
        life.decide("refused")
    elif end == "not valid":
        validation = {"application": "initial", "outcome": "not_valid", "on": day("2024-03-18")}
        life.do(do.ValidateApplication, life.authority, **validation)
    else:
        question = {"question": "q1", "step": "validation", "formal": True, "audience": ["own_region"]}
        due = day("2024-04-20")
        life.do(do.AskQuestion, life.authority, application="initial", due=due, on=day("2024-04-01"), **question)
        life.do(do.NoteSilence, application="initial", step="validation_question", question="q1", due=due)

    assert in_the_way(programme(GR=life, PL=authorised("PL")), PART_1) == []


def test_regions_under_other_procedures_block_nobody() -> None:
    japan = begun("JP", "jp-chiken", "jp-chiken")
    japan.submit()
    regions = programme(BE=authorised("BE"), JP=japan)

    assert forbidden(regions, TODAY) == []


def test_two_old_refusals_do_not_block_and_the_states_may_be_on_different_versions() -> None:
    """One state refuses a Part I modification: the others run the new version, that one stays on the old."""
    lives = {code: authorised(code) for code in ("BE", "GR")}
    version = {"protocol": "main", "version": "v2"}
    for code, life in lives.items():
        life.submit("sm-1", "2024-06-25", versions=[version])
        life.conclude("joint", "acceptable", "sm-1", "2024-08-05")
        life.decide("refused" if code == "GR" else "authorised", "sm-1", "2024-08-08")

    assert [("main", "v2") in life.region.versions for life in lives.values()] == [True, False]
    assert {life.stands for life in lives.values()} == {"permitted"}
    assert in_the_way(programme(**lives), PART_1, "BE") == []


def steps(life: Life, **fields: Any) -> list[tuple[str, str]]:
    return [(one.step.value, one.who) for one in awaited(life.region, **fields)]


def test_what_an_application_waits_for_and_who_acts_next() -> None:
    life = begun("GR")
    life.submit()
    assert steps(life) == [("validation", "lead")]
    life.validate()
    assert steps(life) == [("joint", "lead"), ("national", "authority")], "Part II waits for no Part I"
    life.conclude("national", "acceptable", on="2024-04-01")
    assert steps(life) == [("joint", "lead")]
    question = {"question": "q1", "step": "joint", "formal": True, "audience": ["own_region"], "on": day("2024-04-02")}
    life.do(do.AskQuestion, life.authority, application="initial", **question)
    assert steps(life) == [("joint", "sponsor"), ("joint", "lead")]
    life.do(do.AnswerQuestion, application="initial", question="q1", on=day("2024-04-05"))
    life.conclude("joint", "acceptable", on="2024-04-06")
    (last,) = awaited(life.region)
    assert (last.step, last.who, last.since.date) == ("decision", "authority", "2024-04-06")
    life.decide()
    assert steps(life) == []
