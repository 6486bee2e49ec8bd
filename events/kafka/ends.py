"""The ends of partitions, from one consumer that is kept for it."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from events.kafka.clients import Clients, end
from events.port import LogUnavailable, Topic
from events.stopping import within


class Ends:
    """Asks the leaders. A consumer that got a fault is closed, and the next caller makes another."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._consumer: AIOKafkaConsumer | None = None
        self._opening = asyncio.Lock()

    async def of(self, topic: Topic, partitions: Iterable[int]) -> dict[int, int]:
        """The next offset of each partition: all that was acknowledged lies below. Raises LogUnavailable."""
        places = [TopicPartition(topic.name, partition) for partition in partitions]
        try:
            ends = await within(self._clients.patience, self._end_offsets(places))
        except (KafkaError, OSError) as fault:  # a TimeoutError is an OSError
            await self.close()
            raise LogUnavailable(f"Kafka at {self._clients.bootstrap} can't be reached") from fault
        return {place.partition: offset for place, offset in ends.items()}

    async def close(self) -> None:
        """Ends the consumer, if there is one."""
        if (consumer := self._consumer) is not None:
            self._consumer = None
            await end(consumer)

    async def _end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        async with self._opening:
            if self._consumer is None:
                self._consumer = await self._clients.consumer()
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(places)
        return ends
