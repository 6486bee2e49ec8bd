"""Appends to Kafka through one idempotent producer at a time; one that has failed is thrown away."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from events.kafka.clients import CLOSING_SECONDS, Clients, end
from events.port import Addressed, AppendUnknown, Topic
from events.record import Position
from events.stopping import within

log = structlog.get_logger()


class Producing:
    """Sends messages to partitions. The clients' patience bounds each append."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._patience = clients.patience
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> list[Position]:
        """Sends all and waits for all; raises AppendUnknown."""
        producer: AIOKafkaProducer | None = None
        sent: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(self._patience):
                producer = self._producer or await within(self._patience, self._ready())
                for addressed in messages:
                    sent.append(await _send(producer, topic, addressed))  # noqa: PERF401  one by one: the next may fail
                written = await asyncio.gather(*sent)
        except (KafkaError, OSError) as fault:  # a TimeoutError is an OSError
            log.warning("append_unknown", topic=topic.name, error=type(fault).__name__, started=producer is not None)
            if producer is not None:
                self._throw_away(producer)
            raise AppendUnknown("Kafka has not acknowledged the append") from fault
        finally:
            for future in sent:
                future.cancel()
        if any(metadata.offset < 0 for metadata in written):
            # A second copy that the broker recognised, too old for it to tell the place of the first.
            raise AppendUnknown("Kafka has the messages, and can't say where")
        return [Position(metadata.partition, metadata.offset) for metadata in written]

    async def close(self) -> None:
        """Waits for sent messages, for some seconds."""
        if self._producer is not None:
            self._close_beside(end(self._producer))
            self._producer = None
        if self._closing:
            await asyncio.wait(self._closing, timeout=2 * CLOSING_SECONDS)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                self._producer = await self._clients.producer()
            return self._producer

    def _throw_away(self, producer: AIOKafkaProducer) -> None:
        """After one failed send an idempotent aiokafka producer fails every later one of that partition."""
        if self._producer is producer:
            self._producer = None
            self._close_beside(_give_up(producer))

    def _close_beside(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _send(producer: AIOKafkaProducer, topic: Topic, addressed: Addressed) -> asyncio.Future[Any]:
    message = addressed.message
    sent: asyncio.Future[Any] = await producer.send(
        topic.name,
        value=message.value,
        key=message.key,
        partition=addressed.partition,
        headers=list(message.headers),
    )
    return sent


async def _give_up(producer: AIOKafkaProducer) -> None:
    """Fails what other appends still wait for, then ends; else ending would wait for it, perhaps for ever."""
    with contextlib.suppress(Exception):
        # Without connections, requests on the way come back first: a failure on the way would break the sending task.
        await producer.client.close()
        await within(CLOSING_SECONDS, producer._sender.close())
    producer._message_accumulator.fail_all(KafkaError("another append of the same producer failed"))
    await end(producer)
