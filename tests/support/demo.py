"""The demo's trials as they are planned, and as the domain alone makes them live."""

from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from registry.demo import sources
from registry.demo.plan import Plan, plans
from registry.domain.decider import Context
from registry.domain.permissions import check
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.state import Trial

TODAY = date(2026, 11, 22)
NOON = datetime.combine(TODAY, time(3), UTC)


@cache
def planned() -> tuple[Plan, ...]:
    """All plans, as of TODAY."""
    return tuple(plans(sources.read(), TODAY))


@cache
def lived() -> dict[str, tuple[Trial, tuple[Any, ...]]]:
    """Each trial as it stands after its plan, decided by the domain, and its events."""
    return {plan.stream: _lives(plan) for plan in planned()}


def _lives(plan: Plan) -> tuple[Trial, tuple[Any, ...]]:
    state, happened = TRIAL.initial, []
    for step in plan.steps:
        if state is not None:
            check(step.actor, step.command, state)
        event = TRIAL.decide(state, step.command, Context(NOON, step.actor.organisation, "JTR2026000001P"))
        assert event is not None
        state = TRIAL.evolve(state, event)
        happened.append(event)
    assert state is not None
    return state, tuple(happened)
