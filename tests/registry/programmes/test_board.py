"""The board, cell by cell: how each step stands, who acts next and since when, and who blocks whom (W1, W6)."""

from typing import Any

import pytest

from events.schemas.access import Role
from events.schemas.applications import ApplicationKind
from events.schemas.gates import GateReason
from events.schemas.status import RegionState
from registry.domain.programme import commands as programme
from registry.domain.region import commands as do
from registry.programmes.board import Board, RegionOnBoard, board_of
from registry.programmes.seeing import Viewer
from tests.support.programme_reads import authorised, begun, seen, whole
from tests.support.programmes import Course, joined
from tests.support.regions import Life, day


def row(board: Board, code: str) -> RegionOnBoard:
    return next(one for one in board.regions if one.region == code)


def cells(board: Board, code: str, application: str = "initial") -> dict[str, Any]:
    """Of an application's last attempt: how each step stands."""
    shown = [one for one in row(board, code).applications if one.application == application][-1]
    return {one.step.value: one.state.value for one in shown.steps}


def submitted(code: str) -> Life:
    life = begun(code)
    life.submit()
    return life


def concluded(code: str, *parts: str) -> Life:
    life = submitted(code)
    life.validate()
    for part in parts:
        life.conclude(part, "acceptable")
    return life


# Table 1.1: validation, then the joint and the national assessment in any order, then one decision per state.
STANDS = [
    (submitted, (), ("awaited", "ahead", "ahead", "ahead")),
    (concluded, (), ("done", "awaited", "awaited", "ahead")),
    (concluded, ("joint",), ("done", "done", "awaited", "ahead")),
    (concluded, ("national",), ("done", "awaited", "done", "ahead")),
    (concluded, ("joint", "national"), ("done", "done", "done", "awaited")),
    (authorised, (), ("done", "done", "done", "done")),
]


@pytest.mark.parametrize(("made", "parts", "states"), STANDS)
def test_each_cell_of_an_initial_application_stands_as_in_the_table_of_its_procedure(
    made: Any, parts: tuple[str, ...], states: tuple[str, ...]
) -> None:
    board = board_of(seen(whole(None, made("BE", *parts))))

    assert tuple(cells(board, "BE").values()) == states
    assert tuple(cells(board, "BE")) == ("validation", "joint", "national", "decision")


def test_a_cell_that_is_awaited_names_who_acts_and_since_when() -> None:
    life = concluded("GR", "joint")
    board = board_of(seen(whole(None, begun("BE"), life)))
    steps = {one.step.value: one for one in row(board, "GR").applications[0].steps}

    assert steps["national"].organisations == ("authority-gr",)
    assert steps["national"].since is not None
    assert steps["national"].since.date == "2024-04-03"
    assert steps["joint"].outcome == "acceptable"
    assert [one.step.value for one in row(board, "GR").waits] == ["national"]


def test_the_lead_alone_acts_on_the_joint_step_and_a_stated_due_moment_is_shown() -> None:
    life = concluded("PL", "national")
    life.do(do.SetDue, life.authority, step="joint", application="initial", due=day("2024-05-02"))
    [wait] = row(board_of(seen(whole(None, life))), "PL").waits

    assert (wait.step, wait.organisations) == ("joint", ("authority-be",))
    assert wait.due is not None
    assert wait.due.date == "2024-05-02"


# Tables 1.3 and 1.4, and article 11: one slow state keeps every change from being handed in.
@pytest.mark.parametrize("next_", ["modification_part_1", "modification_both"])
def test_w01_a_state_that_has_not_decided_blocks_every_change_of_part_one_in_all_others(next_: str) -> None:
    board = board_of(seen(whole(None, authorised("BE"), concluded("GR", "joint"), authorised("PL"))))
    in_the_way = {(one.target, one.region, one.application) for one in board.blocks if one.next == next_}

    assert {(target, "GR", "initial") for target in ("BE", "PL")} <= in_the_way
    assert {region for _, region, _ in in_the_way} == {"GR"}
    [block] = [one for one in board.blocks if (one.next, one.target) == (next_, "BE")]
    assert block.steps == ("national",)


def test_w01_a_change_of_part_two_elsewhere_blocks_nothing_here() -> None:
    pending = authorised("PL")
    pending.submit("sm-2", on="2025-03-14", kind="modification_part_2")
    board = board_of(seen(whole(None, authorised("BE"), pending)))

    assert not [one for one in board.blocks if one.next is ApplicationKind.MODIFICATION_PART_2 and one.target == "BE"]


def test_w01_a_state_joins_later_only_once_all_have_decided_and_one_has_authorised() -> None:
    course = joined()
    course.join("FR")
    waiting = board_of(seen(whole(course, authorised("BE"), concluded("GR", "joint"), begun("FR"))))
    decided = board_of(seen(whole(course, authorised("BE"), authorised("GR"), begun("FR"))))
    none = board_of(seen(whole(course, begun("BE"), begun("FR"))))

    def added(board: Board) -> list[Any]:
        return [one.region for one in board.blocks if (one.next, one.target) == ("added", "FR")]

    assert added(waiting) == ["GR"]
    assert added(decided) == []
    assert None in added(none)


# Section 6.1: three states of one trial, decided on three days.
CHAIN = {"BE": ("2024-04-12", "2024-04-15"), "GR": ("2024-06-10", "2024-06-17"), "PL": ("2024-04-08", "2024-04-12")}


def test_w06_each_region_has_its_own_days_and_the_programme_has_none() -> None:
    lives = []
    for code, (national, decision) in CHAIN.items():
        life = concluded(code, "joint")
        life.conclude("national", "acceptable", on=national)
        life.decide(on=decision)
        lives.append(life)
    board = board_of(seen(whole(None, *lives)))
    decided = {
        one.region: milestone.actual.date
        for one in board.regions
        for milestone in one.milestones
        if milestone.milestone == "decided" and milestone.actual
    }

    assert decided == {code: decision for code, (_, decision) in CHAIN.items()}
    assert set(Board.model_fields) == {"programme", "regions", "named", "blocks", "notices", "contradictions"}


def test_the_public_reads_nothing_of_a_region_before_its_authority_has_decided() -> None:
    of = whole(linked(), authorised("BE"), concluded("GR", "joint", "national"))
    board = board_of(seen(of, Role.PUBLIC))

    assert (row(board, "BE").state, row(board, "GR").state) == (RegionState.PERMITTED, None)
    assert row(board, "GR").applications == row(board, "GR").waits == board.blocks == ()
    assert [one.actual for one in row(board, "GR").milestones if one.milestone != "joined"] == [None] * 9
    assert cells(board, "BE")["decision"] == "done"


def linked() -> Course:
    """A programme that is public, as one of its registrations is."""
    course = joined()
    course.do(programme.LinkToProgramme, number="NCT04665037")
    return course


def test_a_programme_is_public_once_one_of_its_registrations_is() -> None:
    assert not seen(whole(), Role.PUBLIC).may_read_programme
    assert seen(whole(linked()), Role.PUBLIC).may_read_programme


@pytest.mark.parametrize(
    ("role", "organisation", "may"),
    [
        (Role.SPONSOR, "kyoto-sponsor", True),
        (Role.SECOND_SPONSOR, "nara-sponsor", True),
        (Role.COORDINATOR, "office-be", True),
        (Role.AUTHORITY, "authority-gr", True),
        (Role.ETHICS_BODY, "ethics-gr", True),
        (Role.REGULATOR, "ministry", True),
        (Role.AUTHORITY, "authority-xx", False),
        (Role.SITE, "kyoto-hp", False),
        (Role.PUBLIC, "kyoto-sponsor", False),
    ],
)
def test_those_who_take_part_read_a_programme_that_is_not_public(role: Role, organisation: str, may: bool) -> None:
    of = whole(None, begun("BE"), begun("GR"))

    assert seen(of, role, organisation).may_read_programme is may


def test_another_states_national_conclusion_is_closed_until_it_decides() -> None:
    of = whole(None, begun("BE"), concluded("GR", "joint", "national"))

    def national(viewer: Viewer) -> str:
        return str(cells(board_of(viewer), "GR")["national"])

    assert national(seen(of, Role.AUTHORITY, "authority-be")) == "closed"
    assert national(seen(of, Role.AUTHORITY, "authority-gr")) == "done"
    assert national(seen(of, Role.SPONSOR, "kyoto-sponsor")) == "done"


def test_a_region_that_is_permitted_with_a_condition_that_forbids_the_start_says_so() -> None:
    life = concluded("BE", "joint", "national")
    condition = {"item": "part-2", "text": {"en": "Part II first", "ja": "第2部が先"}, "blocks_start": True}
    life.decide("authorised_with_conditions", conditions=[condition])
    here = row(board_of(seen(whole(None, life))), "BE")

    assert here.state is RegionState.PERMITTED_BLOCKED
    assert here.shut_by == (GateReason.REGION_BLOCKED,)
    assert here.applications[0].blocks_start


def test_a_country_that_was_only_named_is_apart_and_has_no_state() -> None:
    course = joined()
    course.do(programme.DeclareRegion, country="PH")
    course.do(programme.DeclareRegion, country="BE")
    board = board_of(seen(whole(course, begun("BE"))))

    assert [one.country for one in board.named] == ["PH"]
    assert "PH" not in {one.region for one in board.regions}


def test_a_region_whose_stream_has_not_begun_is_planned() -> None:
    board = board_of(seen(whole()))

    assert {one.region: one.state for one in board.regions} == dict.fromkeys(("BE", "GR", "PL"), RegionState.PLANNED)
    assert row(board, "GR").milestones[0].actual is not None


def test_a_planned_milestone_and_every_day_that_was_stated_before_stay_readable() -> None:
    life = authorised("BE")
    life.do(do.RecordRegionMilestone, milestone="started", kind="anticipated", on=day("2024-06"))
    life.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-03"))
    life.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-05"))
    [started] = [one for one in row(board_of(seen(whole(None, life))), "BE").milestones if one.milestone == "started"]

    assert started.planned is not None and started.planned.date == "2024-06"  # noqa: PT018
    assert started.actual is not None and started.actual.date == "2024-06-05"  # noqa: PT018
    assert [one.date for one in started.earlier or ()] == ["2024-06-03"]
