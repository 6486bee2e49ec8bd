"""What follows from events: each command is given once, whatever crashes and whatever is lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from events.port import LogUnavailable
from events.stopping import stop
from tests.projections.views import eventually
from tests.support.embedded import OwnPostgres
from tests.support.policies import LATE, TOYS
from tests.support.reacting import TRIALS, Crash, World, expected, late, lived
from tests.support.waiting import PATIENCE

STEPS = [
    *(("before a command", number) for number in (0, 1, 7)),
    *(("after a command", number) for number in (0, 1, 7)),
    *((step, 0) for step in ("before the mark", "in the mark's transaction", "after the mark")),
]


async def test_each_event_leads_to_each_command_once_on_the_state_just_after_it(world: World) -> None:
    await lived(world, *TRIALS[:2])
    async with world.node():
        await world.until_reacted()
        await lived(world, *TRIALS[2:])
        await world.until_reacted()

        assert await world.effects() == expected(*TRIALS)


@pytest.mark.parametrize(("step", "number"), STEPS)
async def test_a_crash_at_any_step_does_each_thing_once(world: World, step: str, number: int) -> None:
    await lived(world, *TRIALS[:2])
    crash = Crash(step, number)
    async with world.node(crash):
        await asyncio.wait_for(crash.reached.wait(), PATIENCE)
    await lived(world, *TRIALS[2:])
    async with world.node():
        await world.until_reacted()
        assert await world.waiting() == len(TRIALS)
        world.clock.move(LATE + timedelta(days=1))
        await world.until_reacted()

        assert await world.effects() == expected(*TRIALS) | late(*TRIALS)


async def test_of_two_that_lead_at_once_each_thing_is_done_once(world: World) -> None:
    async with world.node(lock=1), world.node(lock=2):
        for trial in TRIALS:
            await lived(world, trial)
            await world.until_reacted()

        assert await world.effects() == expected(*TRIALS)


async def test_another_node_takes_over_from_one_that_ends_and_gives_what_is_due(world: World) -> None:
    async with world.node() as first:
        await lived(world, TRIALS[0])
        await world.until_reacted()
        async with world.node():
            await stop([first.task])
            await lived(world, TRIALS[1])
            await world.until_reacted()
            world.clock.move(LATE + timedelta(days=1))
            await world.until_reacted()

            assert await world.effects() == expected(*TRIALS[:2]) | late(*TRIALS[:2])


@pytest.mark.parametrize("lost", ["schema policies cascade", "table policies.waiting", "table policies.mark"])
async def test_lost_tables_come_back_from_the_log_and_nothing_is_doubled(world: World, lost: str) -> None:
    await lived(world, *TRIALS)
    async with world.node():
        await world.until_reacted()
    await world.sql(f"drop {lost}")
    async with world.node():
        await world.until_reacted()
        assert await world.waiting() == len(TRIALS)
        assert await world.effects() == expected(*TRIALS)
        world.clock.move(LATE + timedelta(days=1))
        await world.until_reacted()
    await world.sql(f"drop {lost}")
    async with world.node():
        await world.until_reacted()

        assert await world.effects() == expected(*TRIALS) | late(*TRIALS)
        assert await world.waiting() == 0


async def test_a_table_that_is_dropped_under_a_node_comes_back(world: World) -> None:
    async with world.node():
        await lived(world, *TRIALS[:2])
        await world.until_reacted()
        await world.sql("drop table policies.waiting")
        await lived(world, *TRIALS[2:])
        await eventually(lambda: _waits(world, len(TRIALS)))
        await world.until_reacted()

        assert await world.effects() == expected(*TRIALS)


async def _waits(world: World, number: int) -> bool:
    try:
        return await world.waiting() == number
    except Exception:
        return False


async def test_while_the_database_of_the_marks_is_away_it_waits_and_says_so(world: World) -> None:
    async with OwnPostgres.running() as own:
        world.database = own.url
        async with world.node() as node:
            await lived(world, TRIALS[0])
            await world.until_reacted()
            await own.crash()
            await lived(world, TRIALS[1])
            await eventually(lambda: _true(node.reacting.trouble.startswith("what follows from events is not done: ")))
            await own.start()
            await world.until_reacted()

            assert node.reacting.trouble == ""
        assert await world.effects() == expected(*TRIALS[:2])


async def test_while_the_log_is_away_it_waits_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world.node() as node:
        await lived(world, TRIALS[0])
        await world.until_reacted()
        away = True
        end = type(world.log).end

        async def unavailable(log: Any, *place: Any) -> int:
            if away:
                raise LogUnavailable("planned")
            return await end(log, *place)

        monkeypatch.setattr(type(world.log), "end", unavailable)
        await lived(world, TRIALS[1])
        await eventually(lambda: _true(node.reacting.trouble.startswith("what follows from events is not done: ")))
        away = False
        await world.until_reacted()

        assert await world.effects() == expected(*TRIALS[:2])


async def test_a_new_policy_reacts_to_all_that_happened_and_the_others_do_nothing_twice(world: World) -> None:
    world.policies = TOYS[1:]
    await lived(world, *TRIALS[:2])
    async with world.node():
        await world.until_reacted()
    world.policies = TOYS
    async with world.node():
        await eventually(lambda: _did(world, expected(*TRIALS[:2])))


async def test_what_an_older_program_passed_by_while_it_led_is_reacted_to_by_a_newer_one(world: World) -> None:
    for trial, policies in zip(TRIALS, (TOYS, TOYS[1:], TOYS), strict=False):
        await lived(world, trial)
        world.policies = policies
        async with world.node():
            await world.until_reacted()
    async with world.node():
        await eventually(lambda: _did(world, expected(*TRIALS[:3])))


async def _did(world: World, effects: dict[str, list[Any]]) -> bool:
    await world.until_reacted()
    return await world.effects() == effects


async def _true(what: bool) -> bool:
    return what
