"""The log kept in Kafka topics, one partition after another: no groups, no transactions, no ownership."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from events.kafka.clients import Clients, Security, end
from events.kafka.ends import Ends
from events.kafka.producing import Producing
from events.kafka.topic_ids import id_of
from events.kafka.topics import answered, prepare
from events.port import (
    Addressed,
    LogMisconfigured,
    LogTruncated,
    LogUnavailable,
    Topic,
    refuse_unfit,
    unread_offsets,
)
from events.record import Message, Position, Stored
from events.stopping import within

READ_MESSAGES: Final = 2_000
POLL_MS: Final = 500
LOG_APPEND_TIME: Final = 1
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaEventLog:
    """An EventLog in Kafka. Made by `open`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._patience = clients.patience
        self._producing = Producing(clients)
        self._ends = Ends(clients)
        self._closed = False

    @classmethod
    async def open(
        cls,
        bootstrap: str,
        topics: Sequence[Topic],
        replication: int | None = None,
        create: bool = True,
        *,
        patience: float = 30.0,
        security: Security | None = None,
    ) -> Self:
        """Creates the topics that are missing (unless `create` is false) and checks them all.

        `bootstrap`: host:port, separated by commas. `replication`: replicas of each partition, never fewer; three,
        or as many as there are brokers, where not given. `patience`: seconds to bear with a cluster that is away.
        `security`: plain text and nobody in particular where not given. Raises LogUnavailable, or LogMisconfigured,
        which names everything that is wrong: with the topics, or between the brokers and us.
        """
        clients = Clients(bootstrap, patience, security)
        await prepare(clients, topics, replication, create)
        return cls(clients)

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        """See `EventLog.append`. Appends that wait for one broker share a request."""
        refuse_unfit(topic, messages)
        return await self._producing.append(topic, messages)

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """See `EventLog.read`. Only what is replicated is delivered: Kafka gives nothing above the high watermark."""
        wanted = dict(start)
        clock = asyncio.get_running_loop().time
        async with self._consumer() as consumer:
            consumer.assign(_partitions(topic, wanted))
            for partition, offset in wanted.items():
                consumer.seek(TopicPartition(topic.name, partition), offset)
            await self._check(consumer, topic, wanted)
            checked = clock()
            while unread := unread_offsets(wanted, until):
                if self._closed:
                    raise LogUnavailable("the log is closed")
                records = await consumer.getmany(
                    *_partitions(topic, unread), timeout_ms=POLL_MS, max_records=READ_MESSAGES
                )
                if batch := messages_of(topic, unread, records.values()):
                    wanted |= {stored.position.partition: stored.position.offset + 1 for stored in batch}
                    yield batch
                    checked = clock()
                elif clock() - checked > self._patience / 2:
                    # The client keeps silent about brokers that are away, and about a log that has become shorter.
                    await self._check(consumer, topic, wanted)
                    checked = clock()

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        """See `EventLog.ends`."""
        return await self._ends.of(topic, range(topic.partitions))

    async def end(self, topic: Topic, partition: int) -> int:
        """See `EventLog.end`."""
        return (await self._ends.of(topic, [partition]))[partition]

    async def topic_id(self, topic: Topic) -> str:
        """See `EventLog.topic_id`."""
        return str(await answered(self._clients, lambda admin: id_of(admin, topic.name)))

    async def close(self) -> None:
        """See `EventLog.close`; reads under way raise LogUnavailable."""
        self._closed = True
        await self._producing.close()
        await self._ends.close()

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A consumer of its own; turns what it raises into the port's errors."""
        consumer = None
        try:
            async with asyncio.timeout(self._patience):
                consumer = await self._clients.consumer()
            yield consumer
        except OffsetOutOfRangeError as fault:
            raise LogTruncated(f"offsets that were there are gone: {fault}") from fault
        except (KafkaError, OSError) as fault:  # a TimeoutError is an OSError
            raise LogUnavailable(f"Kafka at {self._clients.bootstrap} can't be reached") from fault
        finally:
            if consumer is not None:
                await end(consumer)

    async def _check(self, consumer: AIOKafkaConsumer, topic: Topic, wanted: Mapping[int, int]) -> None:
        """Raises LogTruncated where a wanted offset is not between a partition's beginning and its end."""
        places = _partitions(topic, wanted)
        beginnings = await within(self._patience / 2, consumer.beginning_offsets(places))
        ends = await within(self._patience / 2, consumer.end_offsets(places))
        for place in places:
            if not beginnings[place] <= (offset := wanted[place.partition]) <= ends[place]:
                raise LogTruncated(
                    f"{topic.name}: offset {offset} of partition {place.partition} is not there, "
                    f"it has {beginnings[place]} to {ends[place]}",
                    offset,
                    beginnings[place] if offset < beginnings[place] else None,
                )


def messages_of(topic: Topic, unread: Mapping[int, range], fetched: Iterable[Sequence[Any]]) -> list[Stored]:
    """The fetched records that are still unread. Raises LogTruncated where an offset is missing."""
    messages = []
    for records in fetched:
        offsets = unread[records[0].partition]
        for expected, record in zip(offsets, records, strict=False):  # ends with the shorter one
            if record.offset != expected:
                raise LogTruncated(
                    f"{topic.name}: offset {expected} of partition {record.partition} is gone", expected, record.offset
                )
            messages.append(_stored(record))
    return messages


def _stored(record: Any) -> Stored:
    if record.timestamp_type != LOG_APPEND_TIME:
        raise LogMisconfigured(f"{record.topic}: a record has its client's time instead of the broker's")
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Stored(
        Position(record.partition, record.offset),
        EPOCH + timedelta(milliseconds=record.timestamp),
        Message(record.key or b"", headers, record.value or b""),
    )


def _partitions(topic: Topic, partitions: Iterable[int]) -> list[TopicPartition]:
    return [TopicPartition(topic.name, partition) for partition in partitions]
