"""The plan of the demo: every trial's commands, the same for a world and a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from registry.demo.lives import steps
from registry.demo.outline import outlines
from registry.demo.telling import Step
from registry.demo.world import World


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial's stream and what is to be recorded in it."""

    stream: str
    steps: tuple[Step, ...]


def plans(world: World, today: date) -> Iterator[Plan]:
    """All trials; `today` is the calendar date in Japan, and everything happened before it."""
    for outline in outlines(world, today):
        yield Plan(outline.stream, steps(outline, world))
