"""Bodies that no message can hold: found by their names, wherever the hint leads, and never another than was kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from events.bodies import MAX_BODY_BYTES, divided, placed, where
from events.event import follow, new_folds
from events.memory import MemoryEventLog
from events.partitions import partition_of
from events.parts import PART_BYTES
from events.port import MAX_MESSAGE_BYTES, Addressed, MessageTooLarge, Topic
from events.record import MalformedRecord, Message, Position, Record, decode, encode
from tests.events.test_record import FROZEN

TOPIC = Topic("events", 4, bodies="documents")
LONG = replace(FROZEN, expectedversion=0, previoushash=bytes(32), data={"text": "x" * (MAX_MESSAGE_BYTES + PART_BYTES)})

NAME = "ni:///sha-256;tEMhMK5nSLhidinemlQh496xZe6KDOeiPzVUIovWYD4"
FROZEN_DIGESTS = (
    "87c493a14faa2f0de21840dc7a9bf3b784101e4a74bfe3dbd73ffbb683393154",
    ["46f662bb3f5e5ae8", "6d69abd187b8fd8c", "0e9b56b06e0d0e63"],
)
"""Of the record and, in short, of the parts of its body. A change here breaks the log's format."""


@pytest.fixture
def log() -> MemoryEventLog:
    return MemoryEventLog(lambda: datetime.now(UTC))


async def stored_in_parts(log: MemoryEventLog, record: Record = LONG) -> tuple[Message, Position]:
    """The record in the log, its body in parts behind a part of another."""
    message, parts = divided(record, encode(record), TOPIC)
    other = Message(b"another", (), b"")
    await log.append(where(TOPIC), [Addressed(part.partition, other) for part in parts[:1]])
    [first, *_] = await log.append(where(TOPIC), parts)
    return message, first


async def read(log: MemoryEventLog, message: Message) -> Record:
    await log.append(TOPIC, [Addressed(partition_of(LONG.subject, TOPIC.partitions), message)])
    ends = await log.ends(TOPIC)
    read = [judged async for batch in follow(log, TOPIC, new_folds(TOPIC), ends) for judged in batch]
    assert [judged.digest for judged in read] == [message.digest]
    return decode(read[-1].message)


@pytest.mark.parametrize("hint", [None, "", "nonsense", "9:0", "3:1000", "1:0", "2:0", "3:0", "0:0"])
async def test_a_body_is_found_by_its_name_whatever_the_hint_says(log: MemoryEventLog, hint: str | None) -> None:
    message, first = await stored_in_parts(log)
    found = await read(log, placed(message, first) if hint is None else _hinted(message, hint))

    assert found.data == LONG.data
    assert found.extensions.keys() == {*LONG.extensions, "dataref"}


def _hinted(message: Message, hint: str) -> Message:
    return replace(message, headers=(*message.headers, ("body-at", hint.encode())))


def test_a_record_without_its_body_has_all_attributes_of_the_whole_one_and_no_value() -> None:
    message, parts = divided(LONG, encode(LONG), TOPIC)

    assert message.value == b""
    assert dict(message.headers) == {**dict(encode(LONG).headers), "ce_dataref": NAME.encode()}
    assert (message.digest.hex(), [part.message.digest.hex()[:16] for part in parts]) == FROZEN_DIGESTS


async def test_parts_that_landed_twice_or_under_way_are_no_harm(log: MemoryEventLog) -> None:
    message, parts = divided(LONG, encode(LONG), TOPIC)
    for some in (parts[:1], parts, parts):
        await log.append(where(TOPIC), some)

    assert (await read(log, message)).data == LONG.data


def _tampered(parts: Sequence[Addressed]) -> list[Addressed]:
    first = parts[0]
    return [replace(first, message=replace(first.message, value=b"y" + first.message.value[1:])), *parts[1:]]


@pytest.mark.parametrize("change", [lambda parts: parts[:-1], lambda _: [], _tampered])
async def test_a_record_without_its_body_is_malformed_and_judged_all_the_same(
    log: MemoryEventLog, change: object
) -> None:
    message, parts = divided(LONG, encode(LONG), TOPIC)
    await log.append(where(TOPIC), change(parts))  # type: ignore[operator]

    with pytest.raises(MalformedRecord, match="the body that it names is not there"):
        await read(log, message)


def test_the_place_of_a_body_is_in_no_digest() -> None:
    message, _ = divided(LONG, encode(LONG), TOPIC)

    assert placed(message, Position(3, 5)).digest == placed(message, Position(1, 9)).digest == message.digest


def test_what_a_message_holds_is_not_divided_and_what_is_too_long_is_refused() -> None:
    assert divided(FROZEN, encode(FROZEN), TOPIC) == (encode(FROZEN), [])
    with pytest.raises(MessageTooLarge, match="an event may have 900000"):
        divided(LONG, encode(LONG), Topic("events", 4))
    longest = replace(LONG, data={"text": "x" * MAX_BODY_BYTES})
    with pytest.raises(MessageTooLarge, match="an event may have 8000000"):
        divided(longest, encode(longest), TOPIC)
