"""The one place where Kafka clients are made, started and ended."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import stamina
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from events.kafka.batches import Batches
from events.kafka.client import Client
from events.port import LogMisconfigured
from events.stopping import to_the_end, within

REQUEST_TIMEOUT_MS: Final = 6_000
"""Longer than a leader's replacement takes. One that hangs is left before the patience of an append is at its end."""
FETCH_WAIT_MS: Final = 50
"""A broker's wait for something new: what it gave last is asked for again only together with its next answer."""
GATHERED_BYTES: Final = 500_000
"""Bytes that may gather for a partition while its last batch is on the way: one round trip then carries them all."""
MAX_REQUEST_BYTES: Final = 1_000_000
CLOSING_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Security:
    """How brokers are spoken to, and as whom."""

    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ca: Path | None = None
    """Certificates that the brokers' are signed by, PEM; without, those that the system trusts."""
    certificate: Path | None = None
    """This client's own certificate, PEM, with those it is signed by; `key` is its key."""
    key: Path | None = None
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)

    def arguments(self) -> dict[str, Any]:
        """The arguments for aiokafka; raises LogMisconfigured if a file does not exist or is no certificate."""
        arguments: dict[str, Any] = {"security_protocol": self.protocol}
        if self.protocol.endswith("SSL"):
            arguments["ssl_context"] = self._context()
        if self.protocol.startswith("SASL"):
            arguments |= {"sasl_mechanism": self.mechanism}
            arguments |= {"sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return arguments

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key)
        except OSError as fault:  # an SSLError is an OSError
            files = ", ".join(str(file) for file in (self.ca, self.certificate, self.key) if file)
            raise LogMisconfigured(f"Kafka's certificates can't be used ({files}): {fault}") from fault
        return context


class Clients:
    """Makes clients of one cluster. `patience`: seconds to bear with brokers that are away."""

    def __init__(self, bootstrap: str, patience: float, security: Security | None = None) -> None:
        """`bootstrap`: host:port, separated by commas. Raises LogMisconfigured."""
        self.bootstrap = bootstrap
        self.patience = patience
        self._how = {"request_timeout_ms": REQUEST_TIMEOUT_MS, **(security or Security()).arguments()}

    async def producer(self) -> AIOKafkaProducer:
        """A started idempotent producer; the caller ends it with `end`."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            enable_idempotence=True,
            max_batch_size=GATHERED_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            **self._how,
        )
        Batches.adopt(producer._message_accumulator)
        await self._start(producer)
        return producer

    async def consumer(self) -> AIOKafkaConsumer:
        """A started consumer without a group; the caller ends it with `end`."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="none",  # any other would skip what is gone, in silence
            check_crcs=True,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            **self._how,
        )
        await self._start(consumer)
        return consumer

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """A started admin client, ended with the context."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, **self._how)
        await self._start(admin)
        try:
            yield admin
        finally:
            await end(admin)

    async def _start(self, made: Any) -> None:
        """Starts it; raises Refused, or KafkaConnectionError where no broker answers.

        It gives up well within the patience: what then ends is told, and not that time has run out.
        """
        Client.adopt(_client_of(made), self._how)
        try:
            async for attempt in stamina.retry_context(
                on=KafkaConnectionError, attempts=None, timeout=self.patience / 2, wait_initial=0.1, wait_max=1.0
            ):
                with attempt:
                    await made.start()
        except BaseException:
            await end(made)
            raise


async def end(made: Any) -> None:
    """Ends a client and each of its connections, within some seconds, whatever it is doing.

    `stop` cancels its tasks twice a second: an end that takes longer must not be the one that leaves connections open.
    """
    await to_the_end(_end(made))


async def _end(made: Any) -> None:
    with suppress(Exception):  # it is gone either way; what a producer had sent was answered, or is unknown
        await within(CLOSING_SECONDS, made.close() if isinstance(made, AIOKafkaAdminClient) else made.stop())
    # With a fetch under way `stop` ends by that fetch's cancellation, before it has come to this.
    await _client_of(made).close()


def _client_of(made: Any) -> Any:
    return made.client if isinstance(made, AIOKafkaProducer) else made._client
