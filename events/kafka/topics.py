"""Creates the topics and checks that each is what the registry needs; the rules are `faults`, without I/O."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

import stamina
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from events.kafka.client import Refused
from events.kafka.clients import Clients
from events.port import LogMisconfigured, LogUnavailable, Topic

T = TypeVar("T")
MAX_BATCH_BYTES: Final = 1_048_588
"""Kafka's own default for a batch; more than `MAX_MESSAGE_BYTES` with its framing."""

REQUIRED: Final = MappingProxyType(
    {
        "cleanup.policy": ("delete", "compaction would drop events"),
        "retention.ms": ("-1", "events are kept permanently"),
        "retention.bytes": ("-1", "events are kept permanently"),
        "message.timestamp.type": (
            "LogAppendTime",
            "the broker's clock says when an event was recorded, not a client's",
        ),
        "unclean.leader.election.enable": ("false", "a replica that lags would drop acknowledged events"),
    }
)


@dataclass(frozen=True, slots=True)
class Described:
    """A topic as the cluster describes it; `replication` is that of the partition with the fewest replicas."""

    partitions: int
    replication: int
    config: Mapping[str, str]


def replication_for(brokers: int) -> int:
    """Replicas where none are asked for: three, or as many as there are brokers."""
    return min(3, brokers)


def in_sync(replication: int) -> int:
    """Replicas that must have an event before it is acknowledged: two, so that a broker's loss loses nothing."""
    return min(2, replication)


def faults(topic: Topic, described: Described | None, replication: int) -> list[str]:
    """All that is wrong with a topic, in plain words and with the command that helps; `replication` is the least."""
    name = topic.name
    if described is None:
        return [
            f"topic {name} does not exist, and there was a log in it: name the brokers that hold it, or restore it: "
            "registry log restore"
        ]
    found = []
    if described.partitions != topic.partitions:
        found.append(
            f"topic {name} has {described.partitions} partitions, not {topic.partitions}: the number can't be "
            f"changed, set REGISTRY_PARTITIONS to the one it was created with"
        )
    if described.replication < replication:
        found.append(
            f"topic {name} has {described.replication} replicas, must have {replication}: an event must outlive a "
            f"broker (kafka-reassign-partitions.sh adds replicas)"
        )
    for key, (needed, reason) in REQUIRED.items():
        if (value := described.config.get(key)) != needed:
            found.append(_wrong(name, key, value, needed, reason))
    least = in_sync(replication)
    if not least <= (copies := int(described.config["min.insync.replicas"])) <= max(described.replication, least):
        found.append(_wrong(name, "min.insync.replicas", copies, least, "this many replicas must have each event"))
    if (size := int(described.config["max.message.bytes"])) < MAX_BATCH_BYTES:
        found.append(_wrong(name, "max.message.bytes", size, MAX_BATCH_BYTES, "the largest message must fit"))
    return found


def too_few(new: Sequence[Topic], replication: int, brokers: int) -> list[str]:
    """Why topics can't be made with `replication` replicas where only `brokers` are alive; empty where they can."""
    return [
        f"topic {topic.name} can't be created with {replication} replicas: only {brokers} "
        f"{'broker is' if brokers == 1 else 'brokers are'} alive (start the others, or ask for fewer replicas)"
        for topic in new
        if brokers < replication
    ]


def _wrong(topic: str, key: str, value: object, needed: object, reason: str) -> str:
    return (
        f"topic {topic} has {key}={value}, must be {needed}: {reason} (kafka-configs.sh --alter --entity-type topics "
        f"--entity-name {topic} --add-config {key}={needed})"
    )


async def prepare(clients: Clients, topics: Sequence[Topic], replication: int | None, create: bool) -> None:
    """Creates the topics that are missing, where `create` says so, then checks each.

    Raises LogMisconfigured, naming everything that is wrong; LogUnavailable where no broker answers in time.
    """
    copies, described = await answered(clients, lambda client: _prepared(client, topics, replication, create))
    if found := [fault for topic in topics for fault in faults(topic, described.get(topic.name), copies)]:
        raise LogMisconfigured("\n".join(found))


async def answered(clients: Clients, question: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    """The answer to a question that an admin client puts; asked again while another broker may give it.

    Raises LogMisconfigured where the brokers and we don't trust each other, LogUnavailable where none answers in time.
    """
    try:
        async with asyncio.timeout(clients.patience), clients.admin() as client:
            async for attempt in stamina.retry_context(on=_passing, attempts=None, timeout=None, wait_max=1.0):
                with attempt:
                    return await question(client)
    except Refused as fault:
        raise LogMisconfigured(f"Kafka at {clients.bootstrap} does not take the connection: {fault}") from fault
    except (KafkaError, OSError) as fault:  # a TimeoutError is an OSError
        raise LogUnavailable(f"Kafka at {clients.bootstrap} can't be reached: {fault}") from fault
    raise AssertionError("a retry ends with an answer or an error")


def _passing(fault: Exception) -> bool:
    """Whether another broker, or the same one a moment later, may answer: the one that was asked may be away."""
    return isinstance(fault, KafkaError) and bool(fault.retriable)


async def _prepared(
    client: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int | None, create: bool
) -> tuple[int, dict[str, Described]]:
    """How many replicas there must be, and the topics as they are once those that were missing are made."""
    brokers = len((await client.describe_cluster())["brokers"])
    copies = replication or replication_for(brokers)
    if create:
        await _create(client, topics, copies, brokers)
    return copies, await _describe(client, topics, wait=create)


async def _create(client: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int, brokers: int) -> None:
    there = await _existing(client)
    new = [topic for topic in topics if topic.name not in there]
    if not new:
        return
    if short := too_few(new, replication, brokers):
        raise LogMisconfigured("\n".join(short))
    config = {key: value for key, (value, _) in REQUIRED.items()} | {
        "min.insync.replicas": str(in_sync(replication)),
        "max.message.bytes": str(MAX_BATCH_BYTES),
    }
    answer = await client.create_topics(
        [NewTopic(t.name, t.partitions, replication, topic_configs=config) for t in new]
    )
    refused = [
        f"topic {name} can't be created: {message}"
        for name, code, message in answer.topic_errors
        if for_code(code) not in (NoError, TopicAlreadyExistsError)  # another process may have been faster
    ]
    if refused:
        raise LogMisconfigured("\n".join(refused))


async def _describe(client: AIOKafkaAdminClient, topics: Sequence[Topic], wait: bool) -> dict[str, Described]:
    """The topics that are there; with `wait`, once all are: a broker learns of a new one some time after another."""
    names = {topic.name for topic in topics}
    while len(found := await _described_now(client, names)) < len(names) and wait:  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.1)
    return found


async def _existing(client: AIOKafkaAdminClient) -> dict[str, Mapping[str, Any]]:
    """All topics, by name. None is asked for by name: a broker may be set to create what it is asked for."""
    return {topic["topic"]: topic for topic in await client.describe_topics() if _ok(topic)}


async def _described_now(client: AIOKafkaAdminClient, names: Set[str]) -> dict[str, Described]:
    """The topics that both brokers know which happen to be asked, one for the partitions, one for the settings."""
    there = {name: topic for name, topic in (await _existing(client)).items() if name in names}
    if not there:
        return {}
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in there])
    configs = {
        resource["resource_name"]: {
            entry["config_names"]: entry["config_value"] for entry in resource["config_entries"]
        }
        for answer in answers
        for resource in answer.to_object()["resources"]
        if _ok(resource)
    }
    return {
        name: Described(
            partitions=len(topic["partitions"]),
            replication=min(len(partition["replicas"]) for partition in topic["partitions"]),
            config=configs[name],
        )
        for name, topic in there.items()
        if name in configs
    }


def _ok(described: Mapping[str, Any]) -> bool:
    return for_code(described["error_code"]) is NoError
