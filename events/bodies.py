"""Bodies of records that no message can hold: kept in parts in another topic, and named by their SHA-256.

Such a record has all attributes of the whole one and no value. It bears `dataref`, an extension of CloudEvents, whose
name its digest covers, and so the body, wherever the parts stand. Where that is, is told beside the record in a header
that is no attribute: it may be wrong after the topic was made again, and the parts are then looked for.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from events.partitions import partition_of
from events.parts import Piece, in_parts
from events.port import MAX_MESSAGE_BYTES, Addressed, EventLog, MessageTooLarge, Topic
from events.record import DATAREF, Message, Position, Record, Stored, encode, name_of_body

MAX_BODY_BYTES: Final = 8_000_000
"""Largest body. The largest of 635 real records has 87,149 bytes."""
PART: Final = "log.body-part.v1"
PLACE: Final = "body-at"


def where(topic: Topic) -> Topic:
    """The topic that keeps the bodies of a topic's records."""
    return Topic(topic.bodies, topic.partitions)


def divided(record: Record, encoded: Message, topic: Topic) -> tuple[Message, list[Addressed]]:
    """The record as one message, and the parts of its body where that is too long; they are to be appended first.

    Raises MessageTooLarge where the body is longer than MAX_BODY_BYTES, or the topic has no place for bodies.
    """
    if encoded.size <= MAX_MESSAGE_BYTES:
        return encoded, []
    body = encoded.value
    if len(body) > MAX_BODY_BYTES or not topic.bodies:
        most = MAX_BODY_BYTES if topic.bodies else MAX_MESSAGE_BYTES
        raise MessageTooLarge(f"{len(body)} bytes, and an event may have {most}")
    name = name_of_body(body)
    source = record.origin.source(f"body/{name}")
    partition = partition_of(f"body/{name}", topic.partitions)
    parts = [Addressed(partition, part) for part in in_parts(body, kind=PART, key=name, source=source, whole=name)]
    short = replace(record, data={}, extensions={**record.extensions, DATAREF: name})
    return replace(encode(short), value=b""), parts


def placed(message: Message, first: Position) -> Message:
    """The message with the place of the first part of its body."""
    return replace(message, headers=(*message.headers, (PLACE, str(first).encode())))


async def bodies_of(log: EventLog, topic: Topic, batch: Sequence[Stored]) -> Mapping[Position, bytes]:
    """The bodies that messages of a batch name, by the messages' positions; one that is nowhere is left out.

    Raises LogUnavailable.
    """
    found = {}
    for stored in batch:
        headers = dict(stored.message.headers)
        if topic.bodies and f"ce_{DATAREF}" in headers:
            name = headers[f"ce_{DATAREF}"].decode(errors="replace")
            body = await _body(log, where(topic), name, headers.get(PLACE, b"").decode(errors="replace"))
            if body is not None:
                found[stored.position] = body
    return found


async def _body(log: EventLog, topic: Topic, name: str, place: str) -> bytes | None:
    partition = partition_of(f"body/{name}", topic.partitions)
    end = await log.end(topic, partition)
    for start in dict.fromkeys((_offset(place, partition, end), 0)):
        body = await _gathered(log, topic, name, Position(partition, start), end)
        if body is not None:
            return body
    return None


def _offset(place: str, partition: int, end: int) -> int:
    try:
        position = Position.parse(place)
    except ValueError:
        return 0
    return position.offset if position.partition == partition and position.offset < end else 0


async def _gathered(log: EventLog, topic: Topic, name: str, start: Position, end: int) -> bytes | None:
    """The body from its parts between two offsets; of a part that is there twice, the first counts."""
    pieces: dict[int, bytes] = {}
    span: dict[str, Any] = {"start": {start.partition: start.offset}, "until": {start.partition: end}}
    async with aclosing(log.read(topic, **span)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            for stored in batch:
                piece = Piece.read(stored.message)
                if piece is not None and piece.whole == name:
                    pieces.setdefault(piece.part, stored.message.value)
                    if len(pieces) == piece.parts:
                        body = b"".join(pieces[number] for number in sorted(pieces))
                        return body if name_of_body(body) == name else None
    return None
