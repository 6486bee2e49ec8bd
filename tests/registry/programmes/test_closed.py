"""What is one region's alone before its decision shows nowhere to the people of another region."""

from typing import Any

import pytest

from events.schemas.access import Role
from registry.domain.region import commands as do
from registry.programmes.board import board_of
from registry.programmes.events import may_read_of_region
from registry.programmes.region_shown import region_shown
from registry.programmes.shown import programme_shown
from registry.programmes.turns import turns_of
from tests.support.programme_reads import begun, seen, whole
from tests.support.regions import Life, authorised, day

OTHERS = [(Role.AUTHORITY, "authority-gr"), (Role.COORDINATOR, "office-gr"), (Role.ETHICS_BODY, "ethics-gr")]
ASKED = {"question": "q1", "step": "national", "formal": True, "audience": ["own_region", "region_sponsor"]}


def under_way(code: str) -> Life:
    life = begun(code)
    life.submit()
    life.validate()
    return life


def shown(belgium: Life, role: Role, organisation: str) -> tuple[Any, ...]:
    """All that somebody reads of Belgium, and of what Belgium keeps others waiting for."""
    viewer = seen(whole(None, belgium, under_way("GR"), authorised("PL")), role, organisation)
    read = viewer.whole.regions["BE"]
    events = [one.event for one in read.state.occurrences if may_read_of_region(viewer, read, one.event)]
    return board_of(viewer), region_shown(viewer, "BE"), turns_of(viewer), events


def concludes(life: Life) -> None:
    life.conclude("national", "acceptable", on="2024-04-12")


def asks(life: Life) -> None:
    life.do(do.AskQuestion, life.authority, application="initial", on=day("2024-03-20"), due=day("2099-04-01"), **ASKED)


def asks_and_stops_the_clock(life: Life) -> None:
    asks(life)
    life.do(do.StopClock, life.authority, application="initial", why_stopped="question", on=day("2024-03-20"))


def sets_due(life: Life) -> None:
    life.do(do.SetDue, life.authority, application="initial", step="national", due=day("2099-04-01"))


@pytest.mark.parametrize("act", [concludes, asks, asks_and_stops_the_clock, sets_due])
@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize(("role", "organisation"), OTHERS)
def test_the_national_assessment_of_a_region_shows_nowhere_elsewhere(
    role: Role, organisation: str, joint: bool, act: Any
) -> None:
    before, after = under_way("BE"), under_way("BE")
    for life in (before, after):
        if joint:
            life.conclude("joint", "acceptable")
    act(after)

    assert shown(before, role, organisation) == shown(after, role, organisation)
    assert shown(before, Role.AUTHORITY, "authority-be") != shown(after, Role.AUTHORITY, "authority-be")


def test_who_reads_a_question_reads_that_the_clock_stands() -> None:
    belgium = under_way("BE")
    question = {**ASKED, "step": "joint", "audience": ["pattern_members", "region_sponsor"]}
    belgium.do(do.AskQuestion, belgium.authority, application="initial", on=day("2024-03-20"), **question)
    belgium.do(do.StopClock, belgium.authority, application="initial", why_stopped="question", on=day("2024-03-20"))
    stands = {}
    for role, organisation in (*OTHERS, (Role.SPONSOR, "kyoto-sponsor")):
        _, region, _, _ = shown(belgium, role, organisation)
        stands[organisation] = region.applications[0].clock_stopped

    assert stands == {"authority-gr": True, "office-gr": None, "ethics-gr": None, "kyoto-sponsor": True}


def test_the_public_reads_of_a_joint_step_once_its_lead_has_decided() -> None:
    waiting = programme_shown(seen(whole(None, under_way("BE")), Role.PUBLIC))
    decided = programme_shown(seen(whole(None, authorised("BE")), Role.PUBLIC))
    member = programme_shown(seen(whole(None, under_way("BE")), Role.AUTHORITY, "authority-be"))

    assert [len(one.joint_steps) for one in (waiting, decided, member)] == [0, 1, 1]
