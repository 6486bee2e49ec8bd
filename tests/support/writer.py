"""One of several writers to a log, run as a process of its own; it reports the acknowledged appends."""

import asyncio
import sys
from typing import NamedTuple

from events.port import Addressed, EventLog, Topic
from events.record import Message, Position
from tests.support.drivers import open_log

MESSAGES_PER_APPEND = 5


class Acknowledged(NamedTuple):
    """Where a message lies, and its value: the writer and a number that it counts up."""

    position: Position
    writer: int
    number: int

    @property
    def value(self) -> bytes:
        """The message's value."""
        return f"{self.writer} {self.number}".encode()


async def write(log: EventLog, topic: Topic, writer: int, appends: int) -> list[Acknowledged]:
    """Appends several messages at a time, one append after the other, across the partitions."""
    written = []
    for first in range(0, appends * MESSAGES_PER_APPEND, MESSAGES_PER_APPEND):
        numbers = range(first, first + MESSAGES_PER_APPEND)
        messages = [
            Addressed(number // 2 % topic.partitions, Message(b"", (), f"{writer} {number}".encode()))
            for number in numbers
        ]
        positions = await log.append(topic, messages)
        written += [Acknowledged(position, writer, number) for position, number in zip(positions, numbers, strict=True)]
    return written


def read_report(text: str) -> list[Acknowledged]:
    """What a writer's process printed."""
    fields = (line.split() for line in text.splitlines())
    return [Acknowledged(Position.parse(place), int(writer), int(number)) for place, writer, number in fields]


async def main(driver: str, address: str, topic: Topic, writer: int, appends: int) -> None:
    """Writes, then prints a line for each message: position, writer, number."""
    log = await open_log(driver, address, [topic])
    written = await write(log, topic, writer, appends)
    await log.close()
    for acknowledged in written:
        print(acknowledged.position, acknowledged.writer, acknowledged.number)  # noqa: T201


if __name__ == "__main__":
    driver, address, name, partitions, writer, appends = sys.argv[1:]
    asyncio.run(main(driver, address, Topic(name, int(partitions)), int(writer), int(appends)))
