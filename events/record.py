"""A record of the log: one event as a CloudEvents 1.0 event, and its Kafka binary binding."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from events import canonical
from events.origin import Origin

SPEC_VERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
OWN: Final = "log-"
"""How headers begin that a log adds beside a record: they are in no digest, and no limit counts them."""
CORE: Final = frozenset(
    {
        "content-type", "specversion", "id", "source", "type", "dataschema", "subject", "time",
        "expectedversion", "previoushash", "commandhash", "actor", "onbehalfof",
    }
)  # fmt: skip
"""The attributes that this program reads; all others are extensions, which it keeps as they are."""


DATAREF: Final = "dataref"
"""The extension of CloudEvents that names a body which the message does not hold. Its value is empty then."""
CAUSE: Final = "cause"
"""The extension that names the event which a record follows from, as `{stream}/{version}` (ADR 0075)."""


def name_of_body(body: bytes) -> str:
    """The body's name by its SHA-256, as a URI (RFC 6920)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
    return f"ni:///sha-256;{digest}"


class MalformedRecord(ValueError):
    """A message that is no record of this registry; it has no effect wherever it is read."""


WRITTEN_POSITION: Final = "[0-9]+:[0-9]+"
"""The form of a position, as a regular expression."""


class Position(NamedTuple):
    """A place in the log, written `partition:offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `partition:offset`; raises ValueError on anything else."""
        partition, _, offset = text.partition(":")
        if not (partition.isascii() and partition.isdigit() and offset.isascii() and offset.isdigit()):
            raise ValueError(f"a position is written partition:offset, not {text!r}")
        return cls(int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a log driver carries it: key, headers in order, value. Drivers never look inside."""

    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    @property
    def size(self) -> int:
        """Bytes of key, headers and value together, as limits count them."""
        counted = [len(name) + len(content) for name, content in self.headers if not name.startswith(OWN)]
        return len(self.key) + len(self.value) + sum(counted)

    @property
    def digest(self) -> bytes:
        """The 32-byte digest that the next record of the stream names as its `previoushash`."""
        return canonical.digest([header for header in self.headers if is_attribute(header[0])], self.value)

    def attributes(self) -> dict[str, bytes]:
        """The headers that belong to the record, by name; raises MalformedRecord where one is there twice."""
        found = [header for header in self.headers if is_attribute(header[0])]
        by_name = dict(found)
        if len(by_name) < len(found):
            raise MalformedRecord("an attribute is given twice")
        return by_name


def is_attribute(header: str) -> bool:
    """Whether a header belongs to the record. Others are added on the way, by tracing or mirroring."""
    return header.startswith("ce_") or header == "content-type"


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as the log gives it back. `recorded` is the log's own clock (UTC, milliseconds), never a client's."""

    position: Position
    recorded: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class Record:
    """One event proposed to, or read from, the log.

    `id` is also the idempotency key of the command; `commandhash` tells a retry from another command under the same
    key. `actor` is an opaque token id and `onbehalfof` its organisation: neither is a person's name. `time` is when the
    actor says it occurred, with the offset that the actor gave. `revision` counts the forms of the type's data from 1.
    `extensions` are CloudEvents extension attributes by name, without empty ones.
    """

    id: UUID
    type: str
    subject: str
    expectedversion: int
    previoushash: bytes
    commandhash: bytes
    actor: str
    onbehalfof: str
    time: datetime
    data: dict[str, Any]
    origin: Origin
    revision: int = 1
    extensions: Mapping[str, str] = field(default_factory=dict)


def written(moment: datetime) -> str:
    """RFC 3339 with the moment's own offset, in milliseconds, or microseconds where it has any; UTC is Z."""
    precision = "microseconds" if moment.microsecond % 1_000 else "milliseconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def encode(record: Record) -> Message:
    """The record in CloudEvents Kafka binary mode: attributes as `ce_*` headers, canonical JSON as the value."""
    attributes = (
        ("content-type", CONTENT_TYPE),
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", str(record.id)),
        ("ce_source", record.origin.source(record.subject)),
        ("ce_type", record.type),
        ("ce_dataschema", record.origin.dataschema(record.type, record.revision)),
        ("ce_subject", record.subject),
        ("ce_time", written(record.time)),
        ("ce_expectedversion", str(record.expectedversion)),
        ("ce_previoushash", record.previoushash.hex()),
        ("ce_commandhash", record.commandhash.hex()),
        ("ce_actor", record.actor),
        ("ce_onbehalfof", record.onbehalfof),
        *((f"ce_{name}", text) for name, text in sorted(record.extensions.items())),
    )
    return Message(
        key=record.subject.encode(),
        headers=tuple([(name, text.encode()) for name, text in attributes if text]),
        value=canonical.to_json(record.data),
    )


def decode(message: Message) -> Record:
    """The inverse of `encode`; raises MalformedRecord, naming what is missing or wrong."""
    attributes = {name.removeprefix("ce_"): value for name, value in message.attributes().items()}
    try:
        if attributes.get(DATAREF, b"").decode() not in ("", name_of_body(message.value)):
            raise ValueError("the body that it names is not there")
        data = canonical.from_json(message.value)
        if attributes["specversion"] != SPEC_VERSION.encode() or not isinstance(data, dict):
            raise ValueError("not a CloudEvents 1.0 event with a JSON object")
        subject, kind = attributes["subject"].decode(), attributes["type"].decode()
        origin = Origin.read(attributes["source"].decode(), subject)
        return Record(
            id=UUID(attributes["id"].decode()),
            type=kind,
            subject=subject,
            expectedversion=int(attributes["expectedversion"]),
            previoushash=bytes.fromhex(attributes["previoushash"].decode()),
            commandhash=bytes.fromhex(attributes["commandhash"].decode()),
            actor=attributes["actor"].decode(),
            onbehalfof=attributes["onbehalfof"].decode(),
            time=datetime.fromisoformat(attributes["time"].decode()),
            data=data,
            origin=origin,
            revision=origin.revision(kind, attributes["dataschema"].decode()),
            extensions={name: value.decode() for name, value in attributes.items() if name not in CORE},
        )
    except (KeyError, ValueError) as fault:
        raise MalformedRecord(f"no record of this registry: {fault}") from fault
