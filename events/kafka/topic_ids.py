"""The id that Kafka gives a topic when it is made (KIP-516); a topic of the same name that is made later has another.

aiokafka 0.14 reads metadata up to version 5, which has no ids. Here is version 12 of the same request, from Kafka's
own message definitions (MetadataRequest.json, MetadataResponse.json); brokers from 2.8 on answer it.
"""

from typing import Any, Final, TypeAlias
from uuid import UUID

from aiokafka.errors import IncompatibleBrokerVersion, NoError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from events.port import LogMisconfigured

NO_ID: Final = UUID(int=0)
"""Kafka's answer if it gives topics no ids."""


class _Uuid:
    """16 bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: Any) -> UUID:
        return UUID(bytes=data.read(16))

    @classmethod
    def repr(cls, value: UUID) -> str:
        return str(value)


_Field: TypeAlias = Any
_PARTITION: Final[tuple[tuple[str, _Field], ...]] = (
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline_replicas", CompactArray(Int32)),
    ("tags", TaggedFields),
)
_TOPIC: Final[tuple[tuple[str, _Field], ...]] = (
    ("error_code", Int16),
    ("topic", CompactString()),
    ("topic_id", _Uuid),
    ("is_internal", Boolean),
    ("partitions", CompactArray(*_PARTITION)),
    ("authorized_operations", Int32),
    ("tags", TaggedFields),
)
_BROKER: Final[tuple[tuple[str, _Field], ...]] = (
    ("node_id", Int32),
    ("host", CompactString()),
    ("port", Int32),
    ("rack", CompactString()),
    ("tags", TaggedFields),
)
_ASKED: Final[tuple[tuple[str, _Field], ...]] = (
    ("topic_id", _Uuid),
    ("topic", CompactString()),
    ("tags", TaggedFields),
)


class _Answer(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(*_BROKER)),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        ("topics", CompactArray(*_TOPIC)),
        ("tags", TaggedFields),
    )


class _Question(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        ("topics", CompactArray(*_ASKED)),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _Ask(Request[_Question]):  # type: ignore[misc]
    """Asks for one topic by name; it is not created by that."""

    API_KEY = 3

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class([(NO_ID, self._name, {})], False, False, {})


async def id_of(client: Any, name: str) -> UUID:
    """The id of a topic, asked by an admin client.

    Raises LogMisconfigured where it has none, KafkaError where this broker does not know the topic, or can't be asked.
    """
    try:
        answer = await client._send_request(_Ask(name))
    except (NotImplementedError, IncompatibleBrokerVersion) as fault:
        raise LogMisconfigured("this Kafka has no topic ids; it must be 2.8 or later, in KRaft mode") from fault
    [(code, _, topic_id, *_)] = answer.topics
    if for_code(code) is not NoError:
        raise for_code(code)(f"topic {name} can't be described")
    if topic_id == NO_ID:
        raise LogMisconfigured("this Kafka has no topic ids; it must be 2.8 or later, in KRaft mode")
    found: UUID = topic_id
    return found
