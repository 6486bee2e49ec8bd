"""Which log something was made from: the id it was founded with, the topic that holds it, and what was read last.

All that keeps something made from the log (views, vault, snapshots, marks of followers) keeps this beside it, and
verifies it before the first use. Another log under the same name would otherwise be mixed in, in silence.
"""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from events import founding
from events.partitions import partition_of
from events.port import EventLog, LogMisconfigured, Topic
from events.record import DATAREF, Message, Position

NOTHING_READ: Final = b""
"""The digest of a mark at the beginning of a partition."""


class LogIdentity(NamedTuple):
    """`founded` is the id in the record that founds the log. `topic` is the id that the store gave the topic.

    A log that is moved keeps the first and gets another of the second.
    """

    founded: str
    topic: str
    partitions: int


class Mark(NamedTuple):
    """How far a partition was read: the next offset, and the digest of the record before it (`digest_of`)."""

    next_offset: int
    digest: bytes


Marks: TypeAlias = Mapping[int, Mark]
"""By partition."""
NO_MARKS: Final[Marks] = MappingProxyType({})


class Mismatch(StrEnum):
    """How a log differs from the one that something was made from."""

    EMPTY = "empty"
    ANOTHER_LOG = "another-log"
    MADE_ANEW = "topic-made-anew"
    OLDER_COPY = "older-copy"
    ANOTHER_HISTORY = "another-history"


class WrongLog(LogMisconfigured):
    """The log is not the one that something was made from. The message says what it is instead, and begins with it."""

    def __init__(self, kind: Mismatch, message: str) -> None:
        super().__init__(kind, message)  # both, so that it comes whole from another process
        self.kind, self.message = kind, message

    def __str__(self) -> str:
        return self.message


def digest_of(message: Message) -> bytes:
    """The 32-byte digest of a record in a mark: of the message as the log has it, without a body put in (ADR 0043)."""
    if any(name == f"ce_{DATAREF}" for name, _ in message.headers):
        message = replace(message, value=b"")
    return message.digest


def mark_after(position: Position, message: Message) -> Mark:
    """The mark of a reader that has read this message last."""
    return Mark(position.offset + 1, digest_of(message))


async def identify(log: EventLog, topic: Topic) -> LogIdentity:
    """Which log this is. Raises LogMisconfigured where it is not founded or not whole, LogUnavailable."""
    founded = await founding.read(log, topic)
    return LogIdentity(founded.origin.log, await log.topic_id(topic), topic.partitions)


async def marks_at(log: EventLog, topic: Topic, offsets: Mapping[int, int]) -> dict[int, Mark]:
    """The marks at next offsets, by partition. Raises LogTruncated where a record is not there, LogUnavailable."""
    last = {partition: offset - 1 for partition, offset in offsets.items() if offset}
    until = {partition: offset + 1 for partition, offset in last.items()}
    marks = dict.fromkeys(offsets, Mark(0, NOTHING_READ))
    if not last:
        return marks
    async with aclosing(log.read(topic, last, until)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            marks |= {stored.position.partition: mark_after(stored.position, stored.message) for stored in batch}
    return marks


async def verify(log: EventLog, topic: Topic, known: LogIdentity, marks: Marks = NO_MARKS) -> None:
    """Returns where the log is the one that something was made from: the identity kept with it, and how far it read.

    Raises WrongLog with the kind of mismatch; LogMisconfigured where the log is not founded or not whole,
    LogTruncated where a record at a mark is gone, LogUnavailable.
    """
    topic_id = await log.topic_id(topic)
    if topic_id != known.topic and not await log.end(topic, partition_of(founding.STREAM, topic.partitions)):
        raise WrongLog(Mismatch.EMPTY, f"it is empty, and its topic {topic.name} was created again")
    if (founded := (await founding.read(log, topic)).origin.log) != known.founded:
        raise WrongLog(Mismatch.ANOTHER_LOG, f"it is another log: {founded}, not {known.founded}")
    if topic_id != known.topic:
        raise WrongLog(Mismatch.MADE_ANEW, f"its topic {topic.name} was created again: {topic_id}, not {known.topic}")
    await verify_marks(log, topic, marks)


async def verify_marks(log: EventLog, topic: Topic, marks: Marks) -> None:
    """Returns where the log has at the marks the records that were read there, whatever ids it has.

    Raises WrongLog, LogTruncated where a record at a mark is gone, LogUnavailable.
    """
    refuse_beyond(topic, marks, await log.ends(topic))
    there = await marks_at(log, topic, {partition: mark.next_offset for partition, mark in marks.items()})
    for partition, mark in sorted(marks.items()):
        if there[partition] != mark:
            raise WrongLog(
                Mismatch.ANOTHER_HISTORY,
                f"it has another history: the record at {Position(partition, mark.next_offset - 1)} of {topic.name} "
                "is not the one that was read there",
            )


def refuse_beyond(topic: Topic, marks: Marks, ends: Mapping[int, int]) -> None:
    """Raises WrongLog where a mark is beyond the log's end."""
    for partition, mark in sorted(marks.items()):
        if mark.next_offset > (end := ends.get(partition, 0)):
            raise WrongLog(
                Mismatch.OLDER_COPY,
                f"it is an older copy: partition {partition} of {topic.name} ends at {end}, not at {mark.next_offset}",
            )
