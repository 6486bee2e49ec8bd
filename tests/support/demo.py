"""The demo's trials as they are planned, and as the domain alone decides them."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from events import moving
from registry import wiring
from registry.demo import past, sources
from registry.demo.past import Seed
from registry.demo.plan import Plan, in_order, plans
from registry.domain.decider import Context
from registry.domain.permitting import check
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.state import Trial
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Policy
from registry.settings import Settings

TODAY = date(2026, 11, 22)
SEED = Seed(TODAY, UUID("6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c13"))


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
    for dated in in_order([plan]):
        step = dated.step
        if state is not None:
            check(step.actor, step.command, state)
        event = TRIAL.decide(state, step.command, Context(dated.at, step.actor.organisation, "JTR2026000001P"))
        assert event is not None
        state = TRIAL.evolve(state, event)
        happened.append(event)
    assert state is not None
    return state, tuple(happened)


async def lines(
    settings: Settings, some: Sequence[Plan], seed: Seed = SEED, policies: Sequence[Policy] = POLICIES
) -> list[bytes]:
    """The past that these plans give a registry, as lines of a log's file."""
    async with wiring.log_and_vault(settings, restoring=True) as (_, vault):
        steps, topics, vault_id = in_order(some), wiring.topics(settings), (await vault.belonging()).vault
        return await past.lived(
            settings, topics, vault, seed, steps, vault_id=vault_id, log_by=wiring.log_of_past, policies=policies
        )


async def enter(settings: Settings, some: Sequence[Plan]) -> None:
    """Gives an empty registry this past."""
    past_lines = await lines(settings, some)
    async with wiring.log_and_vault(settings, restoring=True) as (log, _):
        async for _ in moving.restore(log, wiring.topics(settings), past_lines):
            pass
