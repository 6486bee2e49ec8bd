"""The operator's view of policies; backup, restoration, check and dump include the events that policies caused."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from events.event import accepted, follow, new_folds
from events.record import CAUSE
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AmendTrial, RegisterTrial
from registry.node import Node
from registry.policies.catalogue import POLICIES as INSTALLED
from registry.policies.policy import Policy
from registry.reacting import waiting
from registry.settings import Settings
from tests.projections.views import eventually
from tests.support.node import settings_for
from tests.support.policies import AT_ONCE, TOYS, publishes
from tests.support.postgres import fresh_database
from tests.support.servers import console
from tests.support.trials import registration

POLICIES = (*TOYS, Policy("at-once", "trial", publishes))


async def printed_json(settings: Settings, *arguments: str) -> Any:
    return orjson.loads(await console(settings, *arguments, "--json"))


async def until_reacted(node: Node) -> None:
    async def reacted() -> bool:
        return {one.name: one.records for one in await node.followers.behind()}.get(waiting.NAME) == 0

    await eventually(reacted)
    await node.until_settled(60)


async def lived(node: Node) -> str:
    """The id of a trial that is registered, published by a policy, and amended."""
    trial = uuid4()
    details = {"owner": "kyoto-sponsor", "registration": registration(acronym=AT_ONCE)}
    await node.submit(CONSOLE, trial, f"trial/{trial}", RegisterTrial.model_validate(details))
    await until_reacted(node)
    amendment = {"reason": "more", "registration": {"planned_size": 77}}
    await node.submit(CONSOLE, uuid4(), f"trial/{trial}", AmendTrial.model_validate(amendment))
    await until_reacted(node)
    return str(trial)


async def followed(node: Node) -> list[tuple[str, str, str]]:
    """Stream, type and cause of each event that followed from another, in the order of the log."""
    topic = node.heads.topic
    async with aclosing(follow(node.log, topic, new_folds(topic), await node.log.ends(topic))) as read:
        events = [event async for batch in read for event in map(accepted, batch) if event is not None]
    records = [event.record for event in events if CAUSE in event.record.extensions]
    return [(one.subject, one.type, one.extensions[CAUSE]) for one in records]


async def test_the_operator_sees_each_policy_and_what_an_event_follows_from(settings: Settings) -> None:
    async with wiring.running(settings, policies=POLICIES) as node:
        trial = await lived(node)
        rows = {row["policy"]: row for row in await printed_json(settings, "policies")}
        status = await printed_json(settings, "status")
        history = await printed_json(settings, "history", trial)
        text = (await console(settings, "history", trial)).decode()
        printed = (await console(settings, "policies")).decode()

    counts = {name: (row["waiting"], row["refused"]) for name, row in rows.items()}
    assert counts == {one.name: (0, 0) for one in INSTALLED} | {"waits": (1, 0), "revokes": (0, 1)}
    assert rows["waits"]["next due"] is not None
    assert {row["behind by"] for row in rows.values()} == {0}
    assert [row["policy"] for row in status["policies"]] == [*rows]
    assert "policies" in [row["follower"] for row in status["followers"]]
    assert [(row["policy"], row["follows from"]) for row in history] == [
        (None, None), ("at-once", f"trial/{trial}/1"), (None, None),
    ]  # fmt: skip
    assert f"follows from trial/{trial}/1, by the policy at-once" in text
    assert "revokes" in printed


async def test_a_restored_registry_has_all_that_followed_and_nothing_twice(
    settings: Settings, postgres_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"
    async with wiring.running(settings, policies=POLICIES) as node:
        await lived(node)
        before, rows = await followed(node), await dumped(settings)
    assert (await printed_json(settings, "check"))["faults"] == {}
    await console(settings, "backup", str(file), "--json")
    with fresh_database(postgres_url) as url:
        empty = settings_for(url)
        await console(empty, "restore", str(file), "--nothing-destroyed", "--json")
        assert await dumped(empty) == rows
        async with wiring.running(empty, policies=POLICIES) as node:
            await until_reacted(node)
            assert await followed(node) == before
            assert [one.waiting for one in await node.policies.standing() if one.name == "waits"] == [1]
        assert (await printed_json(empty, "check"))["faults"] == {}

    assert {kind for _, kind, _ in before} == {"numbers.reserved.v1", "trial.published.v1", "consequence.refused.v1"}


async def dumped(settings: Settings) -> list[bytes]:
    lines: AsyncIterator[bytes] = dump(str(settings.database_url), program=PROGRAM)
    return [line async for line in lines]
