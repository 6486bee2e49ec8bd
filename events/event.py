"""An accepted event: a record that the fold admitted, with its place, its recorded time and its version."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from events.admission import Accepted, Judged, PartitionFold
from events.bodies import bodies_of
from events.port import EventLog, Topic
from events.record import Position, Record, decode


@dataclass(frozen=True, slots=True)
class Event:
    """An event, the input of folds. `version` counts the stream's events from 1; `digest` is this record's."""

    position: Position
    recorded: datetime
    version: int
    digest: bytes
    record: Record


def accepted(judged: Judged, record: Record | None = None) -> Event | None:
    """The event, or None where the record has no effect; MalformedRecord where an admitted body can't be read.

    `record`: what the message was encoded from, where that is at hand and has not to be read again.
    """
    if not isinstance(judged.verdict, Accepted):
        return None
    record = record or decode(judged.message)
    return Event(judged.position, judged.recorded, judged.verdict.version, judged.digest, record)


def new_folds(topic: Topic) -> dict[int, PartitionFold]:
    """Folds of all partitions, at the beginning of the log."""
    return {partition: PartitionFold(partition) for partition in range(topic.partitions)}


async def follow(
    log: EventLog, topic: Topic, folds: Mapping[int, PartitionFold], until: Mapping[int, int] | None = None
) -> AsyncIterator[Sequence[Judged]]:
    """Reads on from where the folds stand and yields batches of judged messages; ends at `until`, or tails for ever.

    Raises IntegrityAlarm and what `EventLog.read` raises.
    """
    start = {partition: fold.next_offset for partition, fold in folds.items()}
    async for batch in log.read(topic, start, until):
        # Before the folds move: where a body can't be read now, the batch is read again.
        bodies = await bodies_of(log, topic, batch)
        judged = [folds[stored.position.partition].apply(stored) for stored in batch]
        yield [_with_body(one, bodies[one.position]) if one.position in bodies else one for one in judged]


def _with_body(judged: Judged, body: bytes) -> Judged:
    return replace(judged, message=replace(judged.message, value=body))
