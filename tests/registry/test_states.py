"""What a node keeps of a trial, from its own commands and from others', is what the log says."""

import asyncio
from uuid import uuid4

from events.schemas.registration import Registration
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AddSite, AmendTrial, OpenSite, PublishTrial, RegisterTrial
from registry.engine.states import Versioned
from registry.node import Node
from registry.settings import Settings
from tests.support.trials import registration, site
from tests.support.waiting import PATIENCE


async def state(node: Node, stream: str) -> Versioned:
    return await node.states.load(stream, 10)


async def until_at(version: int, node: Node, stream: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await state(node, stream)).version < version:  # noqa: ASYNC110 - it follows by itself
            await asyncio.sleep(0.01)


async def amend(node: Node, stream: str, size: int) -> None:
    command = AmendTrial(reason="more", registration=Registration(planned_size=size))
    await node.submit(CONSOLE, uuid4(), stream, command)


async def test_states_are_the_same_on_who_gave_the_commands_who_followed_and_who_comes_later(
    node: Node, settings: Settings
) -> None:
    key = uuid4()
    stream = f"trial/{key}"
    async with wiring.running(settings) as other:
        await node.submit(
            CONSOLE, key, stream, RegisterTrial.model_validate({"registration": registration(planned_size=1_000)})
        )
        await node.submit(CONSOLE, uuid4(), stream, AddSite(site=site()))
        await node.submit(CONSOLE, uuid4(), stream, PublishTrial())
        await node.submit(CONSOLE, uuid4(), stream, OpenSite(site="kyoto", on="2026-11-20"))
        await until_at(4, other, stream)
        await asyncio.gather(
            *(amend(one, stream, 10 * size + number) for size in range(10) for number, one in enumerate((node, other)))
        )
        await amend(node, stream, 999)
        await until_at(25, other, stream)
        own, followed = await state(node, stream), await state(other, stream)
    async with wiring.running(settings) as later:
        folded = await state(later, stream)

    assert own == followed == folded
    assert own.version == 25
    assert own.state.registration["planned_size"] == 999
    assert await node.states.holds(stream, key, 10)
