"""The plan of the demo: every trial's commands, the same for a world and a day, and when each was recorded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from registry.demo.lives import steps
from registry.demo.outline import outlines
from registry.demo.telling import Step
from registry.demo.world import World

APART: Final = timedelta(minutes=1)
"""The least time between two commands of a trial; hours of one day are drawn, and come in any order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A stream and the steps to be recorded in it."""

    stream: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step of a trial, and the moment at which the registry recorded it: when it occurred, or soon after."""

    at: datetime
    stream: str
    step: Step


def plans(world: World, today: date) -> Iterator[Plan]:
    """All trials; `today` is the calendar date in Japan, and everything happened before it."""
    for outline in outlines(world, today):
        yield Plan(outline.stream, steps(outline, world))


def in_order(plans: Iterable[Plan]) -> list[DatedStep]:
    """All steps of all trials as the registry recorded them, oldest first."""
    steps = [one for plan in plans for one in _recorded(plan)]
    # A trial's own steps keep their order: the sort is stable.
    return sorted(steps, key=lambda one: (one.at, one.stream))


def _recorded(plan: Plan) -> Iterator[DatedStep]:
    latest: datetime | None = None
    for step in plan.steps:
        occurred = step.command.occurred_at
        if occurred is None:
            raise ValueError("a step of the demo says when it occurred")
        latest = occurred if latest is None else max(occurred, latest + APART)
        yield DatedStep(latest, plan.stream, step)
