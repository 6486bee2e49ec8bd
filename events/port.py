"""The log port: the registry's requirements on the store of its events."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from events.record import Message, Position, Stored

MAX_MESSAGE_BYTES = 900_000
"""Largest message a driver takes; the topics' own limit lies above it, so that a refusal always happens here."""

ENDLESS = 2**63 - 1
"""Beyond every offset that a log can have."""


class LogError(Exception):
    """Base of the errors of a log driver."""


class AppendUnknown(LogError):
    """The append may or may not be in the log, now or later: append the same messages again, or read. No failure."""


class MessageTooLarge(LogError):
    """A message is over MAX_MESSAGE_BYTES. Nothing was sent."""


class LogUnavailable(LogError):
    """The log can't be reached for reading now; try again."""


class LogMisconfigured(LogError):
    """A topic is not what the registry needs (partitions, retention, compaction, replication, timestamps)."""


class LogTruncated(LogError):
    """Offsets that were there are gone. The reader must stop: it would skip history.

    `gone`: the first of them, where it is known. `goes_on`: the next that is there after it; None where none is.
    """

    def __init__(self, message: str, gone: int | None = None, goes_on: int | None = None):
        super().__init__(message)
        self.gone, self.goes_on = gone, goes_on


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's name and its number of partitions, fixed for ever.

    `bodies` names the topic, of as many partitions, that keeps the bodies of records which no message can hold.
    """

    name: str
    partitions: int
    bodies: str = ""


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message and the partition it goes to."""

    partition: int
    message: Message


def refuse_unfit(topic: Topic, messages: Iterable[Addressed]) -> None:
    """Every driver calls it before it sends anything.

    Raises MessageTooLarge where a message is over MAX_MESSAGE_BYTES, ValueError where its partition is not the topic's.
    """
    for addressed in messages:
        if addressed.partition not in range(topic.partitions):
            raise ValueError(f"{topic.name} has no partition {addressed.partition}")
        if addressed.message.size > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"{addressed.message.size} bytes, and a message may have {MAX_MESSAGE_BYTES}")


def unread_offsets(wanted: Mapping[int, int], until: Mapping[int, int] | None) -> dict[int, range]:
    """The offsets still to be read, by partition; empty once `until` is reached. A partition it leaves out is done."""
    unread = {
        partition: range(offset, ENDLESS if until is None else until.get(partition, 0))
        for partition, offset in wanted.items()
    }
    return {partition: offsets for partition, offsets in unread.items() if offsets}


class EventLog(Protocol):
    """An append-only, partitioned log. Safe for concurrent use by the tasks of one event loop.

    Ordering: messages of one `append` to one partition keep their order. Every reader of a partition, on any node,
    sees the same messages at the same offsets 0, 1, 2…, once each, with no gap that fills later.
    """

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        """Appends messages and returns their positions, in the order given.

        Durable when it returns. There is no condition and no ownership. Appends that wait at the same time share one
        commit. Raises MessageTooLarge (nothing sent) or AppendUnknown (none, some or all may be in the log; the caller
        appends the same messages again, which admission makes harmless).
        """
        ...

    def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """Yields non-empty batches from the given next offsets on, in offset order within each partition.

        Reads the partitions that `start` names. With `until` (next offsets) it ends once all of these are reached, and
        yields nothing beyond them; without, it tails for ever. Yields only messages that no fault can take back.
        Raises LogTruncated where a start offset is gone or lies beyond the end, LogUnavailable where the log is away
        longer than the driver's patience.
        """
        ...

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        """The next offset of each partition now: all that was acknowledged before the call lies below it."""
        ...

    async def end(self, topic: Topic, partition: int) -> int:
        """The next offset of one partition now, as `ends` has it, cheaply. Raises LogUnavailable."""
        ...

    async def topic_id(self, topic: Topic) -> str:
        """The id that the store gave the topic when it was made: one of the same name that is made anew has another.

        The store is asked at each call. Raises LogUnavailable, LogMisconfigured where the store gives none.
        """
        ...

    async def close(self) -> None:
        """Finishes operations under way and frees resources; the log can't be used after."""
        ...
