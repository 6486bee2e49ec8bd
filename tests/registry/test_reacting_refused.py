"""What can not be done of what follows from events: recorded for the office, and stopping nothing else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from events.schemas.access import Role, TokenIssued
from events.schemas.values import SealedText
from registry.domain.consequence.decider import CloseConsequence, RetryConsequence
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.trial.commands import PublishTrial
from registry.policies.policy import Happened, Policy, Reaction
from tests.projections.trials import amended, registered
from tests.projections.views import eventually
from tests.support.policies import LATE, TOYS, UNLUCKY, series, token
from tests.support.reacting import TRIALS, World, consequence, expected, lived
from tests.support.trials import SEALED

SEALED_REASON = SealedText.model_validate({"text": SEALED["person"], "sealed": SEALED["sealed"]})
ISSUED = TokenIssued(digest="a" * 64, role=Role.SITE, organisation="kyoto")


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
    refusals_of = {consequence("wrong", trial, 1): ["consequence.refused.v1"] for trial in TRIALS[:2]}

    assert await world.effects() == expected(*TRIALS[:2], amendments=0) | refusals_of
    assert len([line for line in lines if line["event"] == "policy_failed"]) == 2
    refusals = [event.record.data for event in await world.everything() if event.record.subject in refusals_of]
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
        stream = consequence("mended", TRIALS[0], 1)
        await world.until_reacted()
        await node.office(stream, RetryConsequence())
        await eventually(lambda: _has(world, stream, 3))
        fails = False
        await node.office(stream, RetryConsequence())
        await eventually(lambda: _has(world, stream, 5))
        await world.until_reacted()
        outcomes = [*["consequence.refused.v1"] * 2, "consequence.settled.v1"]
        assert await world.effects() == {stream: outcomes, series(TRIALS[0], "a"): [1]}
        world.clock.move(LATE + timedelta(days=1))
        await world.until_reacted()

        assert (await world.effects())[series(TRIALS[0], "late")] == [1]


async def test_what_the_office_has_closed_is_never_given_whatever_is_lost(world: World) -> None:
    stream = consequence("revokes", TRIALS[0], 2, token(TRIALS[0]))
    async with world.node() as node:
        await lived(world, TRIALS[0], amendments=1)
        await eventually(lambda: _has(world, stream, 1))
        await node.office(stream, RetryConsequence())
        await eventually(lambda: _has(world, stream, 3))
        await node.office(stream, CloseConsequence.model_construct({"reason"}, reason=SEALED_REASON))
        await world.writer.append(token(TRIALS[0]), ISSUED)
    before = len(await world.everything())
    await world.sql("drop schema policies cascade")
    async with world.node():
        await eventually(lambda: _waits(world, 1))
        await world.until_reacted()

    assert len(await world.everything()) == before


async def _has(world: World, stream: str, events: int) -> bool:
    return len([one for one in await world.everything() if one.record.subject == stream]) == events


async def _waits(world: World, number: int) -> bool:
    try:
        return await world.waiting() == number
    except Exception:
        return False
