"""Appends to Kafka through one idempotent producer at a time; one that has failed is thrown away."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from events.kafka.starting import REQUEST_TIMEOUT_MS, start
from events.port import Addressed, AppendUnknown, Topic
from events.record import Position
from events.stopping import within

GATHERED_BYTES: Final = 500_000
"""What gathers for a partition while its last batch is on the way: one round trip then carries it all."""

MAX_REQUEST_BYTES: Final = 1_000_000
CLOSING_SECONDS: Final = 5.0

log = structlog.get_logger()


class Producing:
    """Sends messages to partitions. `patience` bounds each append, in seconds."""

    def __init__(self, bootstrap: str, patience: float) -> None:
        self._bootstrap = bootstrap
        self._patience = patience
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
        """Waits for what was sent, for some seconds."""
        if self._producer is not None:
            self._close_beside(_stop(self._producer))
            self._producer = None
        if self._closing:
            await asyncio.wait(self._closing, timeout=2 * CLOSING_SECONDS)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=GATHERED_BYTES,
                    max_request_size=MAX_REQUEST_BYTES,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                )
                try:
                    await start(producer, self._patience)
                except BaseException:
                    # Not awaited: with its broker gone a producer may never stop, and all others wait for this lock.
                    self._close_beside(_stop(producer))
                    raise
                self._producer = producer
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
    """Fails what other appends still wait for, then closes; else closing would wait for it, perhaps for ever."""
    producer._message_accumulator.fail_all(KafkaError("another append of the same producer failed"))
    await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    with contextlib.suppress(Exception):  # it is gone either way; what it had sent was answered, or is unknown
        async with asyncio.timeout(CLOSING_SECONDS):
            await producer.stop()
    await producer.client.close()
