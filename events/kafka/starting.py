"""Starts Kafka clients, patiently: the brokers may still be on their way up."""

from typing import Final, Protocol

import stamina
from aiokafka.errors import KafkaConnectionError

REQUEST_TIMEOUT_MS: Final = 15_000
"""Longer than a failover, so that an append outlives one; shorter than the patience that a log is given."""


class Client(Protocol):
    """What aiokafka's producer, consumer and admin client share."""

    async def start(self) -> None: ...


async def start(client: Client, patience: float) -> None:
    """Starts the client; raises KafkaConnectionError where no broker answers for `patience` seconds."""
    async for attempt in stamina.retry_context(
        on=KafkaConnectionError, attempts=None, timeout=patience, wait_initial=0.1, wait_max=1.0
    ):
        with attempt:
            await client.start()
