"""Random schedules: nobody joins without every gate, no halt ends by another's lift, all settles as predicted."""

from collections.abc import Iterator
from typing import Any

import pytest

from registry.policies import programme_gates
from registry.policies.policy import Happened, Policy, Reaction
from tests.schedules import world
from tests.schedules.schedule import run_all

SCHEDULES, PARTS = 10_000, 20
"""`make schedules` runs ten times as many."""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_schedule_settles_as_a_plain_model_predicts(part: int) -> None:
    each = SCHEDULES // PARTS
    tally = run_all(range(part * each, (part + 1) * each))

    # Half of the mean of a part or less: a change of the seeds must not decide, schedules in which little happens must.
    assert tally["crashes"] > each
    assert tally["sites that can be joined"] > each // 20
    assert tally["halts that were lifted"] > each // 2


def test_a_policy_that_forgets_a_lift_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(event: Happened, state: Any) -> Iterator[Reaction]:
        if type(event.payload).__name__ != "ProgrammeHaltLifted":
            yield from programme_gates.react(event, state)

    others = tuple(one for one in world.POLICIES if one.name != "programme-gates")
    monkeypatch.setattr(world, "POLICIES", (*others, Policy("programme-gates", "programme", forgetful)))

    with pytest.raises(AssertionError):
        run_all(range(200))
