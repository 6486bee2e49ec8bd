"""A log as a file, and a file as a log: for a copy apart from the store, and for moving from one store to another.

The file is lines of JSON, one for each message, between a first line that says of which topics and how many messages
there are, and a last one with the SHA-256 of all lines before it. Messages are told byte for byte, whether they count
or not, because positions are part of what readers were told; with each the time at which the log recorded it.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from events import founding
from events.partitions import partition_of
from events.port import Addressed, EventLog, LogMisconfigured, Topic
from events.record import Message, Stored
from events.times import EPOCH, RecordedTimes, bare, stated

FORM: Final = "registry-log-1"
CHUNK: Final = 200
CHUNK_BYTES: Final = 4_000_000


class NotWhole(ValueError):
    """The file is no whole log: cut short, changed, or of another form."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A message of a file: its topic by its place in the first line, its position, its time, and the message."""

    topic: int
    partition: int
    offset: int
    recorded: datetime
    message: Message


async def ends_of(log: EventLog, topics: Sequence[Topic]) -> list[Mapping[int, int]]:
    """Where each topic ends now, in their order: an event is appended after the document or the body that it names."""
    return [await log.ends(topic) for topic in topics]


async def dump(
    log: EventLog, topics: Sequence[Topic], ends: Sequence[Mapping[int, int]] | None = None
) -> AsyncIterator[bytes]:
    """The lines of the file, each with its line end. A log that grows meanwhile is written as it was at the start.

    `ends`: up to where, by topic; where the log ends now if not given.

    The last topic's partition that holds the founding record comes last: a log that is restored by halves is refused.
    """
    ends = ends or await ends_of(log, topics)
    digest = hashlib.sha256()
    head = {
        "form": FORM,
        "topics": [
            {"name": topic.name, "ends": [end[partition] for partition in range(topic.partitions)]}
            for topic, end in zip(topics, ends, strict=True)
        ],
    }
    yield _line(head, digest)
    for place, partition in _order(topics):
        until = {partition: ends[place][partition]}
        times = RecordedTimes()
        async with aclosing(log.read(topics[place], {partition: 0}, until)) as batches:  # type: ignore[type-var]
            async for batch in batches:
                for one in batch:
                    yield _line(_entry(place, one, times.of(one)), digest)
    yield _end(digest)


def _order(topics: Sequence[Topic]) -> list[tuple[int, int]]:
    """Topics by their place, and partitions; the one with the founding record at the end."""
    places = [(place, partition) for place, topic in enumerate(topics) for partition in range(topic.partitions)]
    last = (0, partition_of(founding.STREAM, topics[0].partitions))
    return [place for place in places if place != last] + [last]


def _end(digest: "hashlib._Hash") -> bytes:
    return orjson.dumps({"sha256": digest.hexdigest()}) + b"\n"


def _line(content: Any, digest: "hashlib._Hash") -> bytes:
    line = orjson.dumps(content) + b"\n"
    digest.update(line)
    return line


def _entry(place: int, one: Stored, recorded: datetime) -> dict[str, Any]:
    message = bare(one.message)
    return {
        "at": [place, one.position.partition, one.position.offset],
        "recorded": (recorded - EPOCH) // timedelta(milliseconds=1),
        "key": _text(message.key),
        "headers": [[name, _text(content)] for name, content in message.headers],
        "value": _text(message.value),
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def check(lines: Iterable[bytes]) -> list[Topic]:
    """The topics of a whole file; reads all of it. Raises NotWhole."""
    digest, head, last, messages = hashlib.sha256(), b"", b"", -2
    for line in lines:
        head = head or line
        digest.update(last)
        last = line
        messages += 1
    topics = _read_head(head)["topics"]
    if last != _end(digest):
        raise NotWhole("the file is cut short, or was changed: its SHA-256 is not the one at its end")
    if messages != sum(sum(topic["ends"]) for topic in topics):
        raise NotWhole("the file has not as many messages as it says")
    return [Topic(topic["name"], len(topic["ends"])) for topic in topics]


def _read_head(line: bytes) -> dict[str, Any]:
    try:
        head: dict[str, Any] = orjson.loads(line)
        if head["form"] != FORM:
            raise NotWhole(f"the file is of the form {head['form']!r}, and this program reads {FORM!r}")
    except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise NotWhole("the file is no log: it does not begin as one") from fault
    return head


def founding_in(lines: Iterable[bytes]) -> founding.Founding:
    """The founding of the log in a checked file; raises LogMisconfigured where it has none."""
    rest = iter(lines)
    events = _read_head(next(rest))["topics"][0]
    topic = Topic(events["name"], len(events["ends"]))
    first = [0, partition_of(founding.STREAM, topic.partitions), 0]
    for line in _messages(rest):
        if line["at"] == first:
            return founding.of(_moved(line).message, topic)
    raise LogMisconfigured(f"{topic.name} has no record that founds a log")


def messages_in(lines: Iterable[bytes]) -> Iterator[Message]:
    """The messages of a file, in its order."""
    return (one.message for one in map(_moved, _messages(iter(lines))))


async def restore(log: EventLog, topics: Sequence[Topic], lines: Iterable[bytes]) -> AsyncIterator[int]:
    """Appends the messages of a checked file with their recorded times stated; yields how many were appended each time.

    Messages that the log has already must be the same: an interrupted restoration continues where it stopped. Raises
    LogMisconfigured where the log has other records or somebody else writes into it, and the errors of
    `EventLog.append`.
    """
    rest = iter(lines)
    head = _read_head(next(rest))
    if [len(topic["ends"]) for topic in head["topics"]] != [topic.partitions for topic in topics]:
        raise LogMisconfigured("the file is of a log with another number of partitions; set REGISTRY_PARTITIONS to it")
    ends = await ends_of(log, topics)
    for chunk in _chunks(map(_moved, _messages(rest))):
        place, partition = chunk[0].topic, chunk[0].partition
        count = head["topics"][place]["ends"][partition]
        there = ends[place][partition]
        await _compare(log, topics[place], [one for one in chunk if one.offset < there], count)
        await _append(log, topics[place], [one for one in chunk if one.offset >= there], count)
        yield len(chunk)
    for topic, end, of_file in zip(topics, ends, head["topics"], strict=True):
        if any(end[partition] > count for partition, count in enumerate(of_file["ends"])):
            raise LogMisconfigured(f"{topic.name} has more records than the file")


def _messages(lines: Iterator[bytes]) -> Iterator[Mapping[str, Any]]:
    return (line for line in map(orjson.loads, lines) if "at" in line)


def _moved(line: Mapping[str, Any]) -> Moved:
    place, partition, offset = line["at"]
    headers = tuple((name, base64.b64decode(content)) for name, content in line["headers"])
    message = Message(base64.b64decode(line["key"]), headers, base64.b64decode(line["value"]))
    return Moved(place, partition, offset, EPOCH + timedelta(milliseconds=line["recorded"]), message)


def _chunks(messages: Iterable[Moved]) -> Iterator[list[Moved]]:
    """Messages that follow one another in one partition."""
    chunk: list[Moved] = []
    size = 0
    for one in messages:
        full = len(chunk) == CHUNK or size > CHUNK_BYTES
        if chunk and (full or (one.topic, one.partition) != (chunk[0].topic, chunk[0].partition)):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += one.message.size
    if chunk:
        yield chunk


def _as_restored(one: Moved, count: int) -> Message:
    return stated(one.message, one.recorded, count if one.offset == 0 else None)


async def _compare(log: EventLog, topic: Topic, chunk: Sequence[Moved], count: int) -> None:
    if not chunk:
        return
    partition, until = chunk[0].partition, {chunk[0].partition: chunk[-1].offset + 1}
    found: list[Message] = []
    async with aclosing(log.read(topic, {partition: chunk[0].offset}, until)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            found += [one.message for one in batch]
    if found != [_as_restored(one, count) for one in chunk]:
        raise LogMisconfigured(f"{topic.name} holds other records than the file; restore into an empty log")


async def _append(log: EventLog, topic: Topic, chunk: Sequence[Moved], count: int) -> None:
    if not chunk:
        return
    sent = [Addressed(one.partition, _as_restored(one, count)) for one in chunk]
    positions = await log.append(topic, sent)
    if [position.offset for position in positions] != [one.offset for one in chunk]:
        raise LogMisconfigured(
            f"another program writes into {topic.name}; stop every node, and restore into an empty log"
        )
