"""The demo's past: what follows from it is in it, when it would have been; a node that reacts again adds nothing."""

from collections.abc import Sequence

from events import moving
from events.event import Event, accepted, follow, new_folds
from events.record import CAUSE
from registry import wiring
from registry.demo.plan import in_order
from registry.node import Node
from registry.reacting import waiting
from registry.settings import Settings
from tests.projections.views import eventually
from tests.support import demo
from tests.support.policies import LATE, TOYS, series

SOME = demo.planned()[:12]


async def events_of(node: Node) -> list[Event]:
    topic = node.heads.topic
    read = follow(node.log, topic, new_folds(topic), await node.log.ends(topic))
    return [event for batch in [one async for one in read] for event in map(accepted, batch) if event is not None]


def by_cause(events: Sequence[Event]) -> dict[str, Event]:
    return {str(event.record.id): event for event in events if CAUSE in event.record.extensions}


async def restored(settings: Settings, lines: Sequence[bytes]) -> None:
    async with wiring.log_and_vault(settings, restoring=True) as (log, _):
        async for _ in moving.restore(log, wiring.topics(settings), lines):
            pass


async def test_the_past_has_what_followed_from_it_and_comes_to_the_same_bytes(settings: Settings) -> None:
    lines = await demo.lines(settings, SOME, policies=TOYS)
    assert await demo.lines(settings, SOME, policies=TOYS) == lines
    await restored(settings, lines)
    async with wiring.running(settings, policies=TOYS) as node:
        before = by_cause(await events_of(node))
        await until_reacted(node)
        events = await events_of(node)
        after = by_cause(events)
    registered = {event.record.subject: event for event in events if event.record.type == "trial.registered.v1"}
    last = max(one.at for one in in_order(SOME))

    assert len(registered) == len(SOME)
    # What is due after the last thing that happened is given by the node, and nothing else is.
    late = {event.record.subject for key, event in after.items() if key not in before}
    assert late == {series(one, "late") for one, event in registered.items() if event.recorded + LATE > last}
    for stream, event in registered.items():
        counted = [one for one in before.values() if one.record.subject == series(stream, "a")]
        assert counted[0].recorded == event.recorded
        due = [one for one in before.values() if one.record.subject == series(stream, "late")]
        assert [one.recorded for one in due] in ([event.recorded + LATE], [])


async def until_reacted(node: Node) -> None:
    async def reacted() -> bool:
        behind = {one.name: one.records for one in await node.followers.behind()}
        return behind.get(waiting.NAME) == 0 and not any(one.waiting for one in await node.policies.standing())

    await eventually(reacted)
