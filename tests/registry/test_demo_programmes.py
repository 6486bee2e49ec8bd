"""The demo's programmes: decided by the rules, clearly invented, and the same for the same day."""

from datetime import timedelta
from functools import cache
from typing import Any

from events.schemas.status import RegionState
from events.streams import Stream
from registry.demo import sources
from registry.demo.plan import Plan, in_order
from registry.demo.programmes import programme_plans
from registry.domain.catalogue import DECIDERS
from registry.domain.decider import Context
from registry.domain.permitting import check
from registry.domain.region.standing import state_of
from tests.support.demo import TODAY, lived


@cache
def plans() -> tuple[Plan, ...]:
    return tuple(programme_plans(sources.read(), TODAY))


def states() -> dict[str, Any]:
    """Each stream's state after its plan, with every command permitted to who gives it."""
    found: dict[str, Any] = {}
    for one in in_order(plans()):
        decider = DECIDERS[Stream(one.stream).category]
        state = found.get(one.stream, decider.initial)
        if state is not None:
            check(one.step.actor, one.step.command, state)
        event = decider.decide(state, one.step.command, Context(one.at, one.step.actor.organisation))
        assert event is not None
        found[one.stream] = decider.evolve(state, event)
    return found


def test_three_programmes_show_a_halt_a_country_only_named_and_a_start_that_a_condition_forbids() -> None:
    known = states()
    programmes = [state for stream, state in known.items() if stream.startswith("programme/")]
    standing = {state_of(state) for stream, state in known.items() if stream.startswith("region/")}

    assert len(programmes) == 3
    assert sum(bool(one.halts) for one in programmes) == 1
    assert [[named.country for named in one.declared] for one in programmes if one.declared] == [["PH"]]
    assert standing == {RegionState.PERMITTED, RegionState.PERMITTED_BLOCKED, RegionState.UNDER_REVIEW}


def test_every_programme_says_that_it_is_invented_and_has_a_public_trial() -> None:
    programmes = [state for stream, state in states().items() if stream.startswith("programme/")]
    trials = {stream.partition("/")[2]: trial for stream, (trial, _) in lived().items()}

    for one in programmes:
        assert "架空" in one.details.title.ja
        assert "Invented" in one.details.title.en
        [trial] = one.trials
        assert trials[trial].authorisation == "published"


def test_the_same_day_brings_the_same_programmes_with_a_key_for_each_command() -> None:
    again = tuple(programme_plans(sources.read(), TODAY))
    keys = [step.key for plan in again for step in plan.steps]

    assert again == plans()
    assert len({*keys}) == len(keys)
    assert all(one.at.date() < TODAY for one in in_order(again))
    later = tuple(programme_plans(sources.read(), TODAY + timedelta(days=40)))
    assert [plan.stream for plan in later] == [plan.stream for plan in again]
