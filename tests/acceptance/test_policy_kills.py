"""Processes that react are killed at every step, again and again: each thing that follows is done, and done once.

`make policy-kills` kills fifty times; by itself a test does so once at each step.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from events.event import accepted, follow, new_folds
from events.record import CAUSE
from events.streams import Stream
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AmendTrial, RegisterTrial
from registry.node import Node
from registry.policies.policy import Cause, key_of
from registry.reacting import waiting
from registry.settings import Settings
from tests.projections.views import eventually
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.policies import series, token
from tests.support.reacting_node import STEPS, process
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


async def lived(node: Node) -> str:
    """The stream of a trial that is registered and amended."""
    trial = uuid4()
    stream = f"trial/{trial}"
    command = RegisterTrial.model_validate({"owner": "kyoto-sponsor", "registration": registration()})
    await node.submit(CONSOLE, trial, stream, command)
    amendment = {"reason": "more", "registration": {"planned_size": 77}}
    await node.submit(CONSOLE, uuid4(), stream, AmendTrial.model_validate(amendment))
    return stream


def expected(stream: str) -> dict[str, list[Any]]:
    """What follows from it."""
    refused = Stream.of("consequence", key_of("revokes", Cause(stream, 2), token(stream)))
    counted: dict[str, list[Any]] = {series(stream, which): [1, 2] for which in ("a", "b")}
    return counted | {series(stream, "late"): [1], refused: ["consequence.refused.v1"]}


async def effects(node: Node) -> dict[str, list[Any]]:
    """By stream, what policies recorded: the sizes of reservations, or the types of other events."""
    found: dict[str, list[Any]] = {}
    topic = node.heads.topic
    async with aclosing(follow(node.log, topic, new_folds(topic), await node.log.ends(topic))) as read:
        async for batch in read:
            for event in map(accepted, batch):
                if event is not None and CAUSE in event.record.extensions:
                    effect = event.record.data.get("count", event.record.type)
                    found.setdefault(event.record.subject, []).append(effect)
    return found


@asynccontextmanager
async def reacting(settings: Settings) -> AsyncIterator[None]:
    """A process that reacts, and is killed at the end."""
    own = process(settings)
    try:
        yield
    finally:
        own.kill()
        await asyncio.to_thread(own.wait)


async def until_reacted(node: Node) -> None:
    """Returns when all is reacted to and nothing waits."""

    async def reacted() -> bool:
        behind = {one.name: one.records for one in await node.followers.behind()}
        return behind.get(waiting.NAME) == 0 and not any(one.waiting for one in await node.policies.standing())

    await eventually(reacted)


@pytest.mark.parametrize("log", ["postgres", "kafka3"])
async def test_each_thing_that_follows_is_done_once_whatever_is_killed(
    log: str, database_url: str, request: pytest.FixtureRequest
) -> None:
    settings = settings_for(database_url, brokers_for(request, log))
    kills, streams = request.config.getoption("--policy-kills"), []
    async with wiring.running(settings, projecting=wiring.Projecting.ELSEWHERE) as node:
        for number in range(kills):
            streams.append(await lived(node))
            step = STEPS[number % len(STEPS)]
            # A process is sure to get one batch, with five commands and more.
            passed_before = number // len(STEPS) % 4 if step.endswith("a command") else 0
            dying = process(settings, step, passed_before)
            try:
                assert await asyncio.wait_for(asyncio.to_thread(dying.wait), PATIENCE) == -9
            finally:
                dying.kill()
        streams.append(await lived(node))
        async with reacting(settings):
            await until_reacted(node)

        assert await effects(node) == {key: effect for stream in streams for key, effect in expected(stream).items()}
