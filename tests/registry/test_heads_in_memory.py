"""Following a log in memory: when a node is ready, and what those who wait are told where it stops."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from events.admission import IntegrityAlarm
from events.memory import MemoryEventLog
from events.port import Addressed, LogUnavailable, Topic
from events.record import Message, Position, Stored
from events.stopping import stop
from registry.engine.heads import Heads, NotReady
from tests.projections.trials import TOPIC, Writer
from tests.projections.trials import registered as registration
from tests.support.faults import UnreliableLog
from tests.support.loop import NOW, TRIAL_STREAM


@dataclass
class Log(UnreliableLog):
    """Which may be away at first, and whose reading may end in an alarm."""

    away_for: int = 0
    """How often the ends are asked for in vain."""
    alarm: asyncio.Event = field(default_factory=asyncio.Event)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        if self.away_for:
            self.away_for -= 1
            raise LogUnavailable("planned")
        return await self.log.ends(topic)

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        if until is not None or not self.alarm.is_set():
            async for batch in self.log.read(topic, start, await self.log.ends(topic)):
                yield batch
        await self.alarm.wait()
        raise IntegrityAlarm("planned")


async def follow(log: Log) -> tuple[Heads, asyncio.Task[None]]:
    heads = Heads(log, TOPIC)
    return heads, asyncio.create_task(heads.run())


async def test_who_waits_is_told_that_the_node_stopped_reading_and_it_is_ready_no_more() -> None:
    log = Log(MemoryEventLog(lambda: NOW))
    position = await Writer(log.log).append(TRIAL_STREAM, registration())
    heads, running = await follow(log)
    await heads.until_ready()
    assert heads.head(TRIAL_STREAM).version == 1

    await log.log.append(TOPIC, [Addressed(position.partition, Message(b"k", (), b"no record"))])
    with heads.verdicts(TRIAL_STREAM, UUID(int=1)) as verdicts:
        waiting = [
            asyncio.create_task(heads.verdict_at(verdicts, Position(0, 9))),
            asyncio.create_task(heads.catch_up(TRIAL_STREAM)),
            asyncio.create_task(heads.catch_up_all()),
        ]
        done, _ = await asyncio.wait(waiting, timeout=0.02)
        assert not done
        log.alarm.set()
        for task in waiting:
            with pytest.raises(NotReady, match=r"^the node stopped reading the log$"):
                await task
    with pytest.raises(IntegrityAlarm):
        await running
    assert not heads.ready
    with pytest.raises(NotReady):
        heads.head(TRIAL_STREAM)
    with pytest.raises(NotReady):
        await heads.until_ready()


async def test_a_node_is_not_ready_before_it_knows_where_the_log_ends() -> None:
    log = Log(MemoryEventLog(lambda: NOW), away_for=1)
    heads, running = await follow(log)
    await asyncio.sleep(0)

    assert not heads.ready
    assert not heads.includes_start({})
    with pytest.raises(NotReady, match=r"^the node is still reading the log$"):
        heads.head(TRIAL_STREAM)
    await heads.until_ready()
    assert heads.includes_start({0: 0, 1: 0})
    await stop([running])


async def test_a_node_is_ready_once_it_has_read_what_was_there_at_its_start() -> None:
    log = Log(MemoryEventLog(lambda: NOW))
    position = await Writer(log.log).append(TRIAL_STREAM, registration())
    heads, running = await follow(log)
    await heads.until_ready()

    assert not heads.includes_start({position.partition: 0})
    assert heads.includes_start({position.partition: 1})
    assert heads.next_offsets() == {0: 0, 1: 0} | {position.partition: 1}
    assert heads.last_position(TRIAL_STREAM) == position
    await stop([running])
