"""Opens a log of any driver."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from events.kafka.log import KafkaEventLog
from events.memory import MemoryEventLog
from events.port import EventLog, Topic
from events.postgres.log import PostgresEventLog


async def open_log(driver: str, address: str, topics: Sequence[Topic]) -> EventLog:
    """A log of the driver; for memory a new one, whose clock moves by a second each time it is read."""
    match driver:
        case "memory":
            seconds = count(1_800_000_000)
            return MemoryEventLog(lambda: datetime.fromtimestamp(next(seconds), UTC))
        case "postgres":
            return await PostgresEventLog.open(address, topics)
        case _:
            return await KafkaEventLog.open(address, topics)
