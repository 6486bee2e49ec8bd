"""What follows from events: each command is given once whatever crashes, and what is refused is recorded."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from events.port import LogUnavailable
from events.schemas.access import Role, TokenIssued
from events.schemas.trial import TrialRegistered
from events.schemas.values import SealedText
from events.stopping import stop
from events.streams import Stream
from registry.domain.consequence.decider import CloseConsequence, RetryConsequence
from registry.domain.numbers.decider import ReserveNumbers, SetNumbersAside
from registry.domain.trial.commands import PublishTrial
from registry.engine import hearing
from registry.policies.policy import Cause, Happened, Policy, Reaction, key_of
from tests.projections.trials import amended, memory_log, registered, trial_id
from tests.projections.views import eventually
from tests.support.policies import LATE, TOYS, UNLUCKY, series, token
from tests.support.reacting import Crash, World
from tests.support.trials import SEALED
from tests.support.waiting import PATIENCE

TRIALS = [f"trial/{trial_id(number)}" for number in range(4)]
SEALED_REASON = SealedText.model_validate({"text": SEALED["person"], "sealed": SEALED["sealed"]})
ISSUED = TokenIssued(digest="a" * 64, role=Role.SITE, organisation="kyoto")
STEPS = [
    *(("before a command", number) for number in (0, 1, 7)),
    *(("after a command", number) for number in (0, 1, 7)),
    *((step, 0) for step in ("before the mark", "in the mark's transaction", "after the mark")),
]


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


def expected(*trials: str, amendments: int = 2) -> dict[str, list[Any]]:
    """What is recorded because of it, once, but for what is due later."""
    found: dict[str, list[Any]] = {}
    for trial in trials:
        versions = list(range(1, amendments + 2))
        found |= {series(trial, "a"): versions, series(trial, "b"): versions}
        for version in versions[1:]:
            found[consequence("revokes", trial, version, token(trial))] = ["consequence.refused.v1"]
    return found


def consequence(policy: str, stream: str, version: int, target: str = "") -> Stream:
    return Stream.of("consequence", key_of(policy, Cause(stream, version), target))


def late(*trials: str) -> dict[str, list[Any]]:
    return {series(trial, "late"): [1] for trial in trials}


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


def publishes(event: Happened, _: Any) -> Iterator[Reaction]:
    yield Reaction(series(event.stream, "a"), PublishTrial())


def twice(event: Happened, _: Any) -> Iterator[Reaction]:
    yield from (Reaction(series(event.stream, "a"), ReserveNumbers(count=1)) for _ in range(2))


def tells(event: Happened, _: Any) -> Iterator[Reaction]:
    yield Reaction(series(event.stream, "a"), ReserveNumbers(count=1, reason="somebody's words"))


def raises(event: Happened, _: Any) -> Iterator[Reaction]:
    yield Reaction(series(event.stream, "a"), ReserveNumbers(count=1))
    raise ZeroDivisionError


@pytest.mark.parametrize("wrong", [publishes, twice, tells, raises])
async def test_a_policy_that_fails_is_recorded_and_the_others_go_on(
    world: World, wrong: Callable[[Happened, Any], Iterator[Reaction]]
) -> None:
    world.policies = (Policy("wrong", "trial", wrong), *TOYS)
    with capture_logs() as lines:
        async with world.node():
            await lived(world, *TRIALS[:2], amendments=0)
            await world.until_reacted()
    told = {consequence("wrong", trial, 1): ["consequence.refused.v1"] for trial in TRIALS[:2]}

    assert await world.effects() == expected(*TRIALS[:2], amendments=0) | told
    assert len([line for line in lines if line["event"] == "policy_failed"]) == 2
    refusals = [event.record.data for event in await world.everything() if event.record.subject in told]
    assert {one["faults"][0]["rule"] for one in refusals} == {"policy-failed"}
    assert not any({"target", "command", "content"} & one.keys() for one in refusals)
    assert "somebody's words" not in repr(refusals) + repr(lines)


async def test_an_event_that_can_not_be_read_is_told_for_each_policy_and_stops_nothing(world: World) -> None:
    await lived(world, TRIALS[0], amendments=0)
    await world.writer.append_raw(TRIALS[0], b"{")
    await world.writer.append(TRIALS[0], amended(("/planned_size", None, 1)))
    await lived(world, TRIALS[1])
    async with world.node():
        await world.until_reacted()
        effects = await world.effects()

    unread = [consequence(toy.name, TRIALS[0], version) for toy in TOYS for version in (2, 3)]
    assert all(effects.pop(stream) == ["consequence.refused.v1"] for stream in unread)
    assert effects == expected(TRIALS[1]) | expected(TRIALS[0], amendments=0)


async def test_a_policy_that_raises_at_one_event_reacts_to_all_others(world: World) -> None:
    await world.writer.append(TRIALS[0], registered())
    await world.writer.append(TRIALS[0], amended(("/planned_size", None, UNLUCKY)))
    async with world.node():
        await lived(world, TRIALS[1])
        await world.until_reacted()
        effects = await world.effects()

    assert effects.pop(consequence("fails", TRIALS[0], 2)) == ["consequence.refused.v1"]
    assert effects == expected(TRIALS[1]) | expected(TRIALS[0], amendments=1)


async def test_what_a_policy_says_when_it_is_asked_again_is_given_at_once_or_when_it_is_due(world: World) -> None:
    fails = True

    def mended(event: Happened, _: Any) -> Iterator[Reaction]:
        if fails:
            raise ZeroDivisionError
        yield Reaction(series(event.stream, "a"), ReserveNumbers(count=1))
        yield Reaction(series(event.stream, "late"), ReserveNumbers(count=1), at=event.recorded + LATE)

    world.policies = (Policy("mended", "trial", mended),)
    async with world.node() as node:
        await lived(world, TRIALS[0], amendments=0)
        told = consequence("mended", TRIALS[0], 1)
        await world.until_reacted()
        await node.office(told, RetryConsequence())
        await eventually(lambda: _has(world, told, 3))
        fails = False
        await node.office(told, RetryConsequence())
        await eventually(lambda: _has(world, told, 5))
        await world.until_reacted()
        outcomes = [*["consequence.refused.v1"] * 2, "consequence.settled.v1"]
        assert await world.effects() == {told: outcomes, series(TRIALS[0], "a"): [1]}
        world.clock.move(LATE + timedelta(days=1))
        await world.until_reacted()

        assert (await world.effects())[series(TRIALS[0], "late")] == [1]


async def test_what_the_office_has_closed_is_never_given_whatever_is_lost(world: World) -> None:
    told = consequence("revokes", TRIALS[0], 2, token(TRIALS[0]))
    async with world.node() as node:
        await lived(world, TRIALS[0], amendments=1)
        await eventually(lambda: _has(world, told, 1))
        await node.office(told, RetryConsequence())
        await eventually(lambda: _has(world, told, 3))
        await node.office(told, CloseConsequence.model_construct({"reason"}, reason=SEALED_REASON))
        await world.writer.append(token(TRIALS[0]), ISSUED)
    before = len(await world.everything())
    await world.sql("drop schema policies cascade")
    async with world.node():
        await eventually(lambda: _waits(world, 1))
        await world.until_reacted()

    assert len(await world.everything()) == before


async def _has(world: World, stream: str, events: int) -> bool:
    return len([one for one in await world.everything() if one.record.subject == stream]) == events


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
