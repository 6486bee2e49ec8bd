"""The development Kafka behaves like a real one: it keeps its messages, and three brokers survive the loss of one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.kafka.cluster import ClusterError, KafkaCluster


async def test_one_broker_gives_back_what_it_took(kafka1: KafkaCluster) -> None:
    topic = await new_topic(kafka1, copies=1)

    await write(kafka1, topic, [b"first", b"second"])

    assert await read(kafka1, topic) == [b"first", b"second"]


async def test_three_brokers_give_back_what_they_took(kafka3: KafkaCluster) -> None:
    topic = await new_topic(kafka3, copies=3)

    await write(kafka3, topic, [b"first", b"second"])

    assert await read(kafka3, topic) == [b"first", b"second"]


@pytest.mark.parametrize("victim", [1, 2, 3])
async def test_three_brokers_go_on_when_one_is_killed_and_lose_nothing(kafka3: KafkaCluster, victim: int) -> None:
    topic = await new_topic(kafka3, copies=3)
    await write(kafka3, topic, [b"before"])

    kafka3.kill(victim)
    await write(kafka3, topic, [b"while dead"])
    kafka3.restart(victim)
    await write(kafka3, topic, [b"after"])

    assert await read(kafka3, topic) == [b"before", b"while dead", b"after"]


def test_a_killed_broker_is_no_longer_running_and_start_brings_it_back(kafka3: KafkaCluster) -> None:
    kafka3.kill(2)
    running = kafka3.running
    kafka3.start()

    assert (running, kafka3.running) == ([1, 3], [1, 2, 3])


def test_a_second_object_on_the_folder_is_the_same_cluster(kafka1: KafkaCluster) -> None:
    again = KafkaCluster(kafka1.folder, 1)

    assert (again.bootstrap, again.running) == (kafka1.bootstrap, [1])


def test_a_folder_of_one_broker_is_refused_as_one_of_three(kafka1: KafkaCluster) -> None:
    with pytest.raises(ClusterError, match="holds a cluster of 1"):
        KafkaCluster(kafka1.folder, 3)


def test_the_ports_given_are_the_ports_used(tmp_path: Path) -> None:
    assert KafkaCluster(tmp_path, 1, ports=[20_001, 20_002]).bootstrap == "127.0.0.1:20001"


@pytest.fixture
def folder_that_ends_stopped(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    script(tmp_path, "down")


def test_the_script_starts_one_cluster_however_often_and_leaves_nothing_running(folder_that_ends_stopped: Path) -> None:
    folder = folder_that_ends_stopped

    first = script(folder, "up")
    second = script(folder, "up")
    while_up = script(folder, "status")
    script(folder, "down")
    after = script(folder, "status")

    assert first.stdout == second.stdout
    assert (first.stderr, second.stderr) == ("", f"already running in {folder}\n")
    assert "running [1] of [1]" in while_up.stdout
    assert "running [] of [1]" in after.stdout


def script(folder: Path, action: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "deploy/kafka/cluster.py", action, "--folder", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


async def new_topic(cluster: KafkaCluster, copies: int) -> str:
    topic = f"cluster-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=copies)])
    finally:
        await admin.close()
    return topic


async def write(cluster: KafkaCluster, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)


async def read(cluster: KafkaCluster, topic: str) -> list[bytes]:
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, auto_offset_reset="none") as consumer:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        end = (await consumer.end_offsets([partition]))[partition]
        values = []
        while await consumer.position(partition) < end:
            values += [record.value for record in (await consumer.getmany(timeout_ms=200)).get(partition, [])]
    return values
