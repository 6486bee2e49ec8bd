"""Enters the invented trials through the domain, as their sponsors, sites and authorities would; or goes on with it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from registry.demo.plan import Plan
from registry.domain.decider import Rejection
from registry.node import Node

AT_ONCE: Final = 128
"""Trials entered at a time; the commands of one follow each other."""


def belongs(node: Node, plans: Iterable[Plan]) -> bool:
    """Whether the registry is the demo's: nothing is in its log yet, or demo trials are."""
    return not node.heads.begun or any(_recorded(node, plan) for plan in plans)


def missing(node: Node, plans: Iterable[Plan]) -> list[Plan]:
    """What of the plans is not recorded yet: all at first, some where seeding was cut off, none afterwards."""
    return [Plan(plan.stream, left) for plan in plans if (left := plan.steps[_recorded(node, plan) :])]


def _recorded(node: Node, plan: Plan) -> int:
    """How many of the plan's commands are in the log: each of them is one event of its trial."""
    return node.heads.head(plan.stream).version


async def seed(node: Node, plans: Iterable[Plan], done: Callable[[], None]) -> None:
    """Records the plans and calls `done` after each; raises ExceptionGroup with what `Node.submit` raises.

    If we crash here, `missing` tells what is left, whatever was recorded of each trial.
    """
    waiting = deque(plans)

    async def work() -> None:
        while waiting:
            await _live(node, waiting.popleft())
            done()

    async with asyncio.TaskGroup() as workers:
        for _ in range(AT_ONCE):
            workers.create_task(work())


async def _live(node: Node, plan: Plan) -> None:
    # Somebody may have changed a trial between a start that was cut off and this one: it goes on as they left it.
    with suppress(Rejection):
        for step in plan.steps:
            await node.submit(step.actor, step.key, plan.stream, step.command)
