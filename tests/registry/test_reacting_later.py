"""What follows from events later: given once it is due, in the order in which it is due, also after a long stop."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from events.schemas.trial import TrialRegistered
from events.streams import Stream
from registry.domain.numbers.decider import ReserveNumbers, SetNumbersAside
from registry.policies.policy import Happened, Policy, Reaction
from tests.projections.views import eventually
from tests.support.policies import LATE, series, waits
from tests.support.reacting import TRIALS, World, consequence, lived


async def test_what_is_due_is_given_once_after_a_long_stop_in_the_order_in_which_it_was_due(world: World) -> None:
    delays = {trial: timedelta(days=30 - number) for number, trial in enumerate(TRIALS)}
    everywhere = Stream.of("numbers", "everywhere")

    def dues(event: Happened, _: Any) -> Iterator[Reaction]:
        if isinstance(event.payload, TrialRegistered):
            count = TRIALS.index(event.stream) + 1
            yield Reaction(everywhere, ReserveNumbers(count=count), at=event.recorded + delays[event.stream])

    world.policies = (Policy("dues", "trial", dues),)
    async with world.node():
        await lived(world, *TRIALS, amendments=0)
        await world.until_reacted()
        assert await world.effects() == {}
    world.clock.move(timedelta(days=400))
    async with world.node():
        await world.until_reacted()
        assert await world.effects() == {everywhere: [4, 3, 2, 1]}
        world.clock.move(timedelta(days=400))
        await world.until_reacted()

        assert await world.effects() == {everywhere: [4, 3, 2, 1]}


async def test_what_is_waited_for_is_the_next_moment_that_something_is_due(world: World) -> None:
    async with world.node():
        await lived(world, TRIALS[0], amendments=0)
        await world.until_reacted()
        [first] = [event for event in await world.everything() if event.record.subject == TRIALS[0]]
        await eventually(lambda: _true(first.recorded + LATE in world.clock.waited_for))
        await world.until_reacted()

        assert set(world.clock.waited_for) == {first.recorded + LATE}


async def _true(what: bool) -> bool:
    return what


async def test_a_command_that_has_nothing_to_say_when_it_is_due_records_nothing(world: World) -> None:
    """The number is set aside meanwhile: what was to be done is done."""
    aside = Stream.of("numbers", "aside")

    def sets_aside(event: Happened, _: Any) -> Iterator[Reaction]:
        if isinstance(event.payload, TrialRegistered):
            at = None if event.stream == TRIALS[1] else event.recorded + LATE
            yield Reaction(aside, SetNumbersAside(number=3, through=9), at=at)

    world.policies = (Policy("aside", "trial", sets_aside),)
    async with world.node():
        await lived(world, TRIALS[0], amendments=0)
        await world.until_reacted()
        await lived(world, TRIALS[1], amendments=0)
        await world.until_reacted()
        world.clock.move(LATE * 2)
        await world.until_reacted()

        assert await world.effects() == {aside: ["numbers.set-aside.v1"]}
        assert [order.stream for order in world.executed] == [aside, aside]
        assert await world.waiting() == 0


@pytest.mark.parametrize(
    "change", ['content = \'{"count": "somebody"}\'', "command = 'numbers.gone'", "content = '{\"x\": 1}'"]
)
async def test_a_command_that_this_program_can_not_read_when_it_is_due_is_recorded_as_refused(
    world: World, change: str
) -> None:
    world.policies = (Policy("waits", "trial", waits),)
    async with world.node():
        await lived(world, TRIALS[0], amendments=0)
        await world.until_reacted()
        await world.sql(f"update policies.waiting set {change}")
        world.clock.move(LATE * 2)
        await world.until_reacted()
        stream = consequence("waits", TRIALS[0], 1, series(TRIALS[0], "late"))
        assert await world.effects() == {stream: ["consequence.refused.v1"]}
    [refused] = [event.record.data for event in await world.everything() if event.record.subject == stream]

    assert {fault["rule"] for fault in refused["faults"]} == {"command-unfit"}
    assert "somebody" not in repr(refused["faults"])
    assert await world.waiting() == 0
