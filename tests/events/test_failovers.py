"""Brokers that die or freeze one after the other: appends stall for some seconds, and each is answered.

A broker fails when the one before it is back and in sync: with two of three away at once nothing may be acknowledged.
`make failovers` walks every order of two; these tests walk a part of it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from deploy.kafka.cluster import KafkaCluster
from events.kafka.client import WORD_SECONDS
from events.kafka.clients import REQUEST_TIMEOUT_MS, Clients, end
from events.kafka.log import KafkaEventLog
from events.port import AppendUnknown, Topic
from events.stopping import stop
from tests.support.logs import addressed

PARTITIONS = 6
LONGEST = 10.0
"""Seconds that an append may take while one broker fails."""
FAILURES = {
    "": ("killed", KafkaCluster.kill, KafkaCluster.restart),
    # Its connections stay open, and nothing answers: nobody is told that it is away.
    "f": ("frozen", KafkaCluster.pause, KafkaCluster.resume),
}


class Writers:
    """One writer for each partition; they note when what they last had acknowledged was begun, and their longest."""

    def __init__(self, log: KafkaEventLog, topic: Topic) -> None:
        self._log, self._topic = log, topic
        self._clock = asyncio.get_running_loop().time
        self._acknowledged = dict.fromkeys(range(topic.partitions), 0.0)
        self._longest = 0.0

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Writes within the context."""
        tasks = [asyncio.create_task(self._write(partition)) for partition in self._acknowledged]
        try:
            yield
        finally:
            await stop(tasks)

    async def _write(self, partition: int) -> None:
        while True:
            begun = self._clock()
            await self._append(partition)
            self._acknowledged[partition] = begun
            self._longest = max(self._longest, self._clock() - begun)
            await asyncio.sleep(0.02)

    async def _append(self, partition: int) -> None:
        while True:
            try:
                await self._log.append(self._topic, [addressed(partition, b"x")])
            except AppendUnknown:
                continue
            return

    async def stall(self, after: float) -> float:
        """The longest append since the last time; returns once each partition has taken one begun after `after`."""
        async with asyncio.timeout(10 * LONGEST):
            while min(self._acknowledged.values()) <= after:  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.05)
        longest, self._longest = self._longest, 0.0
        return longest


async def in_sync(cluster: KafkaCluster, topic: Topic) -> None:
    """Returns once each partition has all of its replicas in sync."""
    async with asyncio.timeout(60), Clients(cluster.bootstrap, 10.0).admin() as admin:
        while True:
            [described] = await admin.describe_topics([topic.name])
            if all(len(one["isr"]) == len(one["replicas"]) for one in described["partitions"]):
                return
            await asyncio.sleep(0.1)


@pytest.mark.alone
async def test_a_frozen_broker_does_not_hold_up_the_news_of_who_leads(kafka3: KafkaCluster) -> None:
    producer = await Clients(kafka3.bootstrap, LONGEST).producer()
    clock = asyncio.get_running_loop().time
    took = []
    for node in (1, 2, 3):
        assert await producer.client.ready(node)
    await asyncio.to_thread(kafka3.pause, 2)
    try:
        for _ in range(20):
            began = clock()
            assert await producer.client.force_metadata_update()
            took.append(clock() - began)
    finally:
        await asyncio.to_thread(kafka3.resume, 2)
        await end(producer)

    # Asked once, over the connection that it had; not asked again, as others have one.
    assert sum(each > WORD_SECONDS / 2 for each in took) <= 1, took
    assert max(took) < REQUEST_TIMEOUT_MS / 1000, took


@pytest.mark.alone
async def test_brokers_that_fail_one_after_the_other_stall_appends_for_ten_seconds_at_most(
    kafka3: KafkaCluster, request: pytest.FixtureRequest
) -> None:
    topic = Topic(f"failovers-{uuid4()}", PARTITIONS)
    log = await KafkaEventLog.open(kafka3.bootstrap, [topic], patience=2 * LONGEST)
    clock = asyncio.get_running_loop().time
    stalls = []
    writers = Writers(log, topic)
    async with writers.writing():
        await writers.stall(clock())
        for word in request.config.getoption("--kills").split(","):
            what, fail, mend = FAILURES[word[:-1]]
            victim = int(word[-1])
            await in_sync(kafka3, topic)
            failed = clock()
            await asyncio.to_thread(fail, kafka3, victim)
            stalls.append(await writers.stall(failed))
            began = clock()
            await asyncio.to_thread(mend, kafka3, victim)
            back = clock()
            await in_sync(kafka3, topic)
            sys.stdout.write(
                f"broker {victim} {what}: appends stalled {stalls[-1]:.1f} s; back after {back - began:.1f} s, "
                f"in sync {clock() - back:.1f} s later\n"
            )
    await log.close()

    assert max(stalls) <= LONGEST, stalls
