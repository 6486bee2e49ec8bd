"""What is particular to the log in Kafka: brokers that die or pause, failed sends, offsets that are gone."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageAccumulator

from deploy.kafka.cluster import KafkaCluster
from events.kafka.batches import Batches
from events.kafka.clients import Clients
from events.kafka.ends import Ends
from events.kafka.log import KafkaEventLog
from events.kafka.topics import MAX_BATCH_BYTES, REQUIRED
from events.port import AppendUnknown, LogMisconfigured, LogTruncated, LogUnavailable, Topic
from tests.support.logs import addressed, read_to, values
from tests.support.waiting import PATIENCE

RIGHT = {key: value for key, (value, _) in REQUIRED.items()} | {
    "min.insync.replicas": "1",
    "max.message.bytes": str(MAX_BATCH_BYTES),
}


class WillingCluster(KafkaCluster):
    """Brokers that create a topic when they are asked for one that does not exist, as Kafka does by default."""

    def _settings(self, broker: int) -> Iterator[tuple[str, object]]:
        yield from super()._settings(broker)
        yield "auto.create.topics.enable", "true"


@pytest.fixture
def willing(tmp_path: Path) -> Iterator[KafkaCluster]:
    """One broker that creates topics by itself."""
    cluster = WillingCluster(tmp_path, 1)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop(grace=0)


@pytest.fixture
def topic() -> Topic:
    return Topic(f"kafka-{uuid4()}", 2)


@asynccontextmanager
async def opened(cluster: KafkaCluster, topic: Topic, patience: float = 60.0) -> AsyncIterator[KafkaEventLog]:
    log = await KafkaEventLog.open(cluster.bootstrap, [topic], patience=patience)
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def admin(cluster: KafkaCluster) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def configure(cluster: KafkaCluster, topic: Topic, **config: str) -> None:
    settings = RIGHT | {key.replace("_", "."): value for key, value in config.items()}
    async with admin(cluster) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, settings)])


async def test_a_refused_send_leaves_the_log_usable(kafka1: KafkaCluster, topic: Topic) -> None:
    async with opened(kafka1, topic) as log:
        await log.append(topic, [addressed(0, b"before")])
        await configure(kafka1, topic, max_message_bytes="1000")
        with pytest.raises(AppendUnknown):
            await log.append(topic, [addressed(0, bytes(2000))])

        await log.append(topic, [addressed(0, b"after"), addressed(1, b"other")])

        assert values(await read_to(log, topic, {0: 2})) == [b"before", b"after"]
        assert values(await read_to(log, topic, {1: 1})) == [b"other"]


async def test_appends_beside_a_refused_one_are_answered_and_nothing_acknowledged_is_missing(
    kafka1: KafkaCluster, topic: Topic
) -> None:
    async with opened(kafka1, topic) as log:
        await configure(kafka1, topic, max_message_bytes="1000")
        sizes = [2000 if number % 10 == 5 else 20 for number in range(60)]

        answers = await asyncio.gather(
            *(log.append(topic, [addressed(n % 2, b"%d" % n + bytes(size))]) for n, size in enumerate(sizes)),
            return_exceptions=True,
        )

        assert all(isinstance(answer, list | AppendUnknown) for answer in answers)
        assert all(isinstance(answers[number], AppendUnknown) for number in range(5, 60, 10))
        seen = {stored.position: stored.message.value for stored in await read_to(log, topic, await log.ends(topic))}
        for number, answer in enumerate(answers):
            if isinstance(answer, list):
                assert seen[answer[0]] == b"%d" % number + bytes(20)


async def test_no_fault_of_appends_that_fail_side_by_side_is_left_unheard(
    kafka1: KafkaCluster, topic: Topic, unheard: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", "aiokafka")  # pytest keeps what is logged, and with it the frames that hold a fault
    async with opened(kafka1, topic, patience=2.0) as log:
        await log.append(topic, [addressed(0, b"before")])
        kafka1.pause(1)
        try:
            # Each waits for room behind what is on the way, with a message of its own before it.
            halves = [addressed(0, bytes(300_000)), addressed(1, bytes(300_000)), addressed(0, bytes(300_000))]
            answers = await asyncio.gather(*(log.append(topic, halves) for _ in range(6)), return_exceptions=True)
        finally:
            kafka1.resume(1)
        assert [type(answer) for answer in answers] == [AppendUnknown] * 6
        del answers  # with the frames that hold what failed
    gc.collect()

    assert unheard == []


async def test_a_message_whose_append_has_ended_fails_unheard_and_who_waits_is_told(
    unheard: list[dict[str, Any]],
) -> None:
    batches = MessageAccumulator(None, 1_000, 0, 30)
    Batches.adopt(batches)
    abandoned, awaited = [
        await batches.add_message(TopicPartition("topic", partition), None, b"x", 1) for partition in (0, 1)
    ]
    batches.fail_all(KafkaError("planned"))

    with pytest.raises(KafkaError, match="planned"):
        await awaited
    assert abandoned.done()
    del abandoned, awaited, batches
    gc.collect()
    assert unheard == []


@pytest.fixture
async def unheard() -> AsyncIterator[list[dict[str, Any]]]:
    """What asyncio would print: faults that nobody retrieved."""
    faults: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, fault: faults.append(fault))
    yield faults
    loop.set_exception_handler(None)


@pytest.mark.parametrize("victim", [1, 2])
async def test_a_broker_killed_under_load_loses_nothing_that_was_acknowledged(
    kafka3: KafkaCluster, topic: Topic, victim: int
) -> None:
    async with opened(kafka3, topic) as log:
        acknowledged = {}

        async def write(writer: int) -> None:
            for number in range(50):
                value = b"%d %d" % (writer, number)
                while value not in acknowledged.values():
                    try:
                        acknowledged[(await log.append(topic, [addressed(number % 2, value)]))[0]] = value
                    except AppendUnknown:
                        continue
                if (writer, number) == (0, 10):
                    await asyncio.to_thread(kafka3.kill, victim)

        await asyncio.gather(*(write(writer) for writer in range(8)))

        seen = {stored.position: stored.message.value for stored in await read_to(log, topic, await log.ends(topic))}
        assert len(acknowledged) == 400
        assert acknowledged.items() <= seen.items()


async def test_a_broker_that_is_away_is_unavailable_to_readers_unknown_to_writers_and_fine_when_it_is_back(
    kafka1: KafkaCluster, topic: Topic
) -> None:
    async with opened(kafka1, topic, patience=2.0) as log, aclosing(log.read(topic, {0: 0})) as tail:
        await log.append(topic, [addressed(0, b"before")])
        await anext(tail)
        kafka1.pause(1)
        with pytest.raises(LogUnavailable):
            await anext(tail)
        with pytest.raises(AppendUnknown):
            await log.append(topic, [addressed(0, b"while away")])
        kafka1.resume(1)

        again = asyncio.create_task(until_acknowledged(log, topic, b"after"))

        assert b"after" in values(await read_to(log, topic, {0: await again}))


STARTED: dict[str, Callable[[str, Topic], Coroutine[Any, Any, Any]]] = {
    "a consumer": lambda address, _: Clients(address, patience=10.0).consumer(),
    "a producer": lambda address, _: Clients(address, patience=10.0).producer(),
    "the question where a partition ends": lambda address, topic: Ends(Clients(address, patience=10.0)).of(topic, [0]),
    "the log": lambda address, topic: KafkaEventLog.open(address, [topic], patience=10.0),
}


@pytest.mark.parametrize("start", STARTED)
async def test_a_client_that_is_given_up_while_it_starts_leaves_no_connection(
    kafka1: KafkaCluster, topic: Topic, start: str
) -> None:
    async with broker_that_falls_silent(kafka1) as (address, silent, abandoned):
        starting = asyncio.create_task(STARTED[start](address, topic))
        await silent.wait()

        starting.cancel()
        await asyncio.wait([starting])

        assert starting.cancelled()
        async with asyncio.timeout(PATIENCE):
            await abandoned.wait()


@asynccontextmanager
async def broker_that_falls_silent(cluster: KafkaCluster) -> AsyncIterator[tuple[str, asyncio.Event, asyncio.Event]]:
    """An address that passes on the first request and its answer; when it has fallen silent, and when it was left."""
    silent, abandoned = asyncio.Event(), asyncio.Event()

    async def first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = await reader.readexactly(4)
        there, broker = await asyncio.open_connection("127.0.0.1", int(cluster.bootstrap.rpartition(":")[2]))
        broker.write(length + await reader.readexactly(int.from_bytes(length)))
        length = await there.readexactly(4)
        writer.write(length + await there.readexactly(int.from_bytes(length)))
        await reader.readexactly(4)
        silent.set()
        with suppress(ConnectionError):
            await reader.read()
        abandoned.set()
        broker.close()
        writer.close()

    async with await asyncio.start_server(first, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", silent, abandoned


async def until_acknowledged(log: KafkaEventLog, topic: Topic, value: bytes) -> int:
    """Appends again and again; the next offset after the message."""
    while True:
        try:
            return (await log.append(topic, [addressed(0, value)]))[0].offset + 1
        except AppendUnknown:
            continue


async def test_no_broker_at_all_is_unavailable(topic: Topic) -> None:
    with pytest.raises(LogUnavailable):
        await KafkaEventLog.open("127.0.0.1:9", [topic], patience=0.5)


async def test_offsets_that_were_deleted_are_history_lost(kafka1: KafkaCluster, topic: Topic) -> None:
    async with opened(kafka1, topic) as log:
        await log.append(topic, [addressed(0, b"%d" % number) for number in range(5)])
        async with admin(kafka1) as client:
            await client.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=3)})

        with pytest.raises(LogTruncated):
            await read_to(log, topic, {0: 5})
        assert values(await read_to(log, topic, until={0: 5}, start={0: 3})) == [b"3", b"4"]


async def test_a_topic_is_made_as_the_registry_needs_it_and_found_right_again(
    kafka3: KafkaCluster, topic: Topic
) -> None:
    async with opened(kafka3, topic), opened(kafka3, topic), admin(kafka3) as client:
        described = await partitions(client, topic)
        answer = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])

    config = {e["config_names"]: e["config_value"] for e in answer[0].to_object()["resources"][0]["config_entries"]}
    assert [len(partition["replicas"]) for partition in described] == [3, 3]
    assert {key: config[key] for key in RIGHT} == RIGHT | {"min.insync.replicas": "2"}


async def test_nodes_that_start_at_the_same_time_make_a_topic_once(kafka1: KafkaCluster, topic: Topic) -> None:
    logs = await asyncio.gather(*(KafkaEventLog.open(kafka1.bootstrap, [topic]) for _ in range(4)))

    for log in logs:
        assert await log.ends(topic) == {0: 0, 1: 0}
        await log.close()


@pytest.mark.parametrize(
    ("setting", "value", "fault"),
    [
        ("cleanup_policy", "compact", "cleanup.policy=compact, must be delete"),
        ("cleanup_policy", "compact,delete", "cleanup.policy=compact,delete, must be delete"),
        ("retention_ms", "604800000", "retention.ms=604800000, must be -1"),
        ("retention_bytes", "1000000000", "retention.bytes=1000000000, must be -1"),
        ("message_timestamp_type", "CreateTime", "message.timestamp.type=CreateTime, must be LogAppendTime"),
        ("unclean_leader_election_enable", "true", "unclean.leader.election.enable=true, must be false"),
        ("max_message_bytes", "1000", "max.message.bytes=1000, must be 1048588"),
        ("min_insync_replicas", "2", "min.insync.replicas=2, must be 1"),
    ],
)
async def test_a_topic_configured_otherwise_is_refused_with_what_to_change(
    kafka1: KafkaCluster, topic: Topic, setting: str, value: str, fault: str
) -> None:
    async with opened(kafka1, topic):
        await configure(kafka1, topic, **{setting: value})

    with pytest.raises(LogMisconfigured) as refusal:
        await KafkaEventLog.open(kafka1.bootstrap, [topic])

    assert f"topic {topic.name} has {fault}" in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


async def test_every_fault_of_a_topic_is_named_at_once(kafka1: KafkaCluster, topic: Topic) -> None:
    async with admin(kafka1) as client:
        await client.create_topics([NewTopic(topic.name, 3, 1, topic_configs={"cleanup.policy": "compact"})])

    with pytest.raises(LogMisconfigured) as refusal:
        await KafkaEventLog.open(kafka1.bootstrap, [topic], replication=3)

    faults = [line.removeprefix(f"topic {topic.name} has ").split(":")[0] for line in str(refusal.value).splitlines()]
    assert faults == [
        "3 partitions, not 2",
        "1 replicas, must have 3",
        "cleanup.policy=compact, must be delete",
        "retention.ms=604800000, must be -1",
        "message.timestamp.type=CreateTime, must be LogAppendTime",
        "min.insync.replicas=1, must be 2",
    ]


async def test_a_missing_topic_is_refused_where_it_may_not_be_made(kafka1: KafkaCluster, topic: Topic) -> None:
    with pytest.raises(LogMisconfigured, match=f"topic {topic.name} does not exist"):
        await KafkaEventLog.open(kafka1.bootstrap, [topic], create=False)


async def test_a_topic_that_cannot_be_made_is_refused_in_the_brokers_words(kafka1: KafkaCluster, topic: Topic) -> None:
    with pytest.raises(LogMisconfigured, match="can't be created: "):
        await KafkaEventLog.open(kafka1.bootstrap, [Topic("no such name", 2)])


async def test_a_topic_is_not_made_with_fewer_replicas_than_asked_for(kafka1: KafkaCluster, topic: Topic) -> None:
    with pytest.raises(LogMisconfigured, match="with 3 replicas: only 1 broker is alive"):
        await KafkaEventLog.open(kafka1.bootstrap, [topic], replication=3)

    async with admin(kafka1) as client:
        assert topic.name not in await client.list_topics()


async def test_a_topic_is_made_with_exactly_the_replicas_asked_for(kafka3: KafkaCluster, topic: Topic) -> None:
    log = await KafkaEventLog.open(kafka3.bootstrap, [topic], replication=2)
    await log.close()

    async with admin(kafka3) as client:
        assert [len(partition["replicas"]) for partition in await partitions(client, topic)] == [2, 2]


async def test_a_broker_that_makes_topics_by_itself_makes_none_by_being_asked(
    willing: KafkaCluster, topic: Topic
) -> None:
    with pytest.raises(LogMisconfigured, match=f"topic {topic.name} does not exist"):
        await KafkaEventLog.open(willing.bootstrap, [topic], create=False)
    async with admin(willing) as client:
        assert topic.name not in await client.list_topics()

    async with opened(willing, topic) as log:
        assert await log.ends(topic) == {0: 0, 1: 0}


async def _read_slowly(log: KafkaEventLog, topic: Topic, messages: int, after: Callable[[], None]) -> None:
    """Reads both partitions until the first has given so many; after each batch, for some ten seconds, there is more.

    `after` is called after each batch.
    """
    seen = 0
    async with aclosing(log.read(topic, {0: 0, 1: 0})) as tail:
        while seen < messages:
            seen += len(await anext(tail))
            after()
            await asyncio.sleep(0.5)


async def partitions(client: AIOKafkaAdminClient, topic: Topic) -> list[dict[str, Any]]:
    """The topic's partitions as the cluster describes them; a broker may hear of a new topic a moment later."""
    described: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not described:
            described = (await client.describe_topics([topic.name]))[0]["partitions"]
    return described
