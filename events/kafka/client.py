"""aiokafka's client without its ways of losing a connection. Producer, consumer and admin client stand on it alike.

aiokafka 0.14 drops a connection, open, in three cases: its start is cancelled while it asks the first broker; a broker
ended a connection and the next request came before the reading task noticed; a connection was being made while the
client was closed. Here every connection is known from before it is made, and none is made after the end.

It also waits for a frozen broker as long as a request may take, once more after the send that failed: when it asks it
where the leaders are, or makes a new connection to one whose place nobody has taken yet. Here both take a second and
a half at most, and brokers to whom a connection stands are asked first.
"""

import asyncio
import random
from typing import Any, Final

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.metadata import MetadataRequest

from events.stopping import stop

GREETING_SECONDS: Final = 3.0
"""How long a broker may take to say where the others are; then another one is asked."""
WORD_SECONDS: Final = 1.5
"""How long a broker may take to greet on a new connection, or to say where the leaders are."""
GOODBYE_SECONDS: Final = 2.0
"""How long a broker may take to answer the end of a connection over TLS."""
REFUSALS: Final = (SaslAuthenticationFailed, UnsupportedSaslMechanismError)


class Refused(KafkaError):  # type: ignore[misc]
    """A broker was reached, and the two do not trust each other."""


class Client(AIOKafkaClient):  # type: ignore[misc]
    """A client that knows all of its connections until the end. Made by `adopt`."""

    how: dict[str, Any]
    """The arguments of a connection."""
    over: asyncio.Event
    """Is set by `close`; no connection is made after."""
    _sync_task: asyncio.Task[None] | None
    _md_update_fut: asyncio.Future[bool] | None

    @classmethod
    def adopt(cls, client: AIOKafkaClient, how: dict[str, Any]) -> None:
        """Makes the client one of these; what is built on it makes it by itself, and takes no other."""
        client.__class__ = cls
        client.how = how
        client.over = asyncio.Event()

    async def bootstrap(self) -> None:
        """Learns of the cluster from the first broker that answers; raises Refused, KafkaConnectionError."""
        faults: list[Exception] = []
        messages: list[str] = []
        for host, port, _ in self.hosts:
            try:
                async with asyncio.timeout(GREETING_SECONDS):
                    self.cluster.update_metadata(await self._greet(host, port))
            except (OSError, KafkaError) as fault:  # a TimeoutError is an OSError
                faults.append(fault)
                messages.append(f"{host}:{port}: {_in_words(fault)}")
            else:
                self._sync_task = self._sync_task or asyncio.create_task(self._md_synchronizer())
                return
        distrust = any(isinstance(fault, REFUSALS) or _of_tls(fault) is not None for fault in faults)
        raise (Refused if distrust else KafkaConnectionError)("; ".join(messages))

    async def _greet(self, host: str, port: int) -> Any:
        """The cluster as the broker describes it."""
        greeting = AIOKafkaConnection(host, port, **self.how)
        await greeting.connect()
        self._conns["greeting", ConnectionGroup.DEFAULT] = greeting  # the end waits until it is closed
        try:
            return await greeting.send(MetadataRequest([]))
        finally:
            greeting.close()

    async def _get_conn(self, node_id: Any, *, group: Any = ConnectionGroup.DEFAULT, no_hint: bool = False) -> Any:
        if self.over.is_set():
            return None
        known = self._conns.get((node_id, group))
        if known is not None and not known.connected():
            known.close(reason=CloseReason.CONNECTION_BROKEN)
        try:
            async with asyncio.timeout(WORD_SECONDS):
                made = await super()._get_conn(node_id, group=group, no_hint=no_hint)
        except TimeoutError:
            self.force_metadata_update()
            return None
        if self.over.is_set() and made is not None:
            made.close(reason=CloseReason.SHUTDOWN)
            return None
        return made

    async def _metadata_update(self, cluster_metadata: Any, topics: Any) -> bool:
        """Learns where the leaders are from one broker; false where none says so."""
        request = MetadataRequest(list(topics) or None)
        for node in self._by_connection():
            connection = await self._get_conn(node)
            if connection is None:
                continue
            try:
                async with asyncio.timeout(WORD_SECONDS):
                    metadata = await connection.send(request)
            except (OSError, KafkaError):  # a TimeoutError is an OSError
                connection.close(reason=CloseReason.CONNECTION_TIMEOUT)
                continue
            cluster_metadata.update_metadata(metadata)
            return bool(metadata.brokers)
        cluster_metadata.failed_update(KafkaConnectionError("no broker says where the others are"))
        return False

    def get_random_node(self) -> Any:
        """A broker for what any of them answers; None where none is known."""
        return next(iter(self._by_connection()), None)

    def _by_connection(self) -> list[Any]:
        """The brokers, those to whom a connection stands first. A broker whose request timed out has none any more."""
        nodes = [broker.nodeId for broker in self.cluster.brokers()]
        random.shuffle(nodes)
        connections = {node: self._conns.get((node, ConnectionGroup.DEFAULT)) for node in nodes}
        return sorted(nodes, key=lambda node: connections[node] is None or not connections[node].connected())

    def force_metadata_update(self) -> Any:
        """Asks for news of the cluster; after the end there is none, and nobody waits for it."""
        if not self.over.is_set():
            return super().force_metadata_update()
        no_news = asyncio.get_running_loop().create_future()
        no_news.set_result(False)
        return no_news

    async def close(self) -> None:
        """Ends every connection, those being made too."""
        self.over.set()
        if self._sync_task is not None:
            await stop([self._sync_task])
            self._sync_task = None
        if self._md_update_fut is not None and not self._md_update_fut.done():
            self._md_update_fut.set_result(False)
        closed = [connection.close(reason=CloseReason.SHUTDOWN) for connection in self._conns.values()]
        if closed:
            await asyncio.wait(closed, timeout=GOODBYE_SECONDS)


def _in_words(fault: Exception) -> str:
    if (of_tls := _of_tls(fault)) is not None:
        return repr(of_tls)
    if isinstance(fault, KafkaConnectionError):
        # A broker closes like this if a client speaks another protocol.
        return "it closed the connection without an answer; does it ask for TLS, or for another certificate?"
    return repr(fault)


def _of_tls(fault: BaseException | None) -> BaseException | None:
    """The fault of TLS that it is, or that led to it: a certificate that is not trusted, or no TLS at all."""
    while fault is not None and type(fault).__module__ != "ssl":
        fault = fault.__cause__
    return fault
