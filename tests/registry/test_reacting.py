"""What follows from events: each command is given once whatever crashes, and what is refused is recorded."""

from datetime import timedelta

import pytest

from registry.engine import hearing
from tests.projections.trials import amended, memory_log, registered, trial_id
from tests.support.policies import LATE, series
from tests.support.reacting import World

TRIALS = [f"trial/{trial_id(number)}" for number in range(6)]


@pytest.fixture(autouse=True)
def _not_quiet_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "QUIET", 0.2)


@pytest.fixture
def world(database_url: str) -> World:
    return World(database_url, memory_log())


async def lived(world: World, *trials: str, amendments: int = 2) -> None:
    """Each trial is registered, and amended so many times."""
    for trial in trials:
        await world.writer.append(trial, registered())
        for size in range(amendments):
            await world.writer.append(trial, amended(("/planned_size", None, size)))


async def test_each_event_leads_to_each_command_once_on_the_state_just_after_it(world: World) -> None:
    await lived(world, *TRIALS[:2])
    async with world.node():
        await world.until_reacted()
        await lived(world, *TRIALS[2:])
        await world.until_reacted()
    effects = await world.effects()

    for trial in TRIALS:
        assert [effects[series(trial, which)] for which in ("a", "b")] == [[1, 2, 3], [1, 2, 3]]


async def test_a_command_that_is_due_later_is_given_then_and_once(world: World) -> None:
    async with world.node():
        await lived(world, TRIALS[0], amendments=0)
        await world.until_reacted()
        assert series(TRIALS[0], "late") not in await world.effects()
        assert await world.waiting() == 1
        world.clock.move(LATE + timedelta(minutes=1))
        await world.until_reacted()

        assert (await world.effects())[series(TRIALS[0], "late")] == [1]
        assert await world.waiting() == 0
