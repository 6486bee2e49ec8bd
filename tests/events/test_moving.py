"""A log as a file, and the file as a log elsewhere: the same messages at the same places, with the same times."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import orjson
import pytest

from events import founding, moving, times
from events.event import follow, new_folds
from events.memory import MemoryEventLog
from events.port import MAX_MESSAGE_BYTES, Addressed, EventLog, LogMisconfigured, Topic
from events.record import Message
from tests.projections.trials import ORIGIN, Writer, amended, registered
from tests.support.drivers import open_log
from tests.support.logs import Place, addressed, read_to

UUID_OF_LOG = UUID("6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c12")
BEGAN = datetime(2020, 4, 1, tzinfo=UTC)
TOPICS = (Topic("events", 4), Topic("documents", 4))


async def filled() -> MemoryEventLog:
    """A log of 2020: a founded registry with trials, a message that counts nothing, and documents."""
    ticks = count()
    log = MemoryEventLog(lambda: BEGAN + timedelta(hours=next(ticks)))
    await founding.ensure(log, TOPICS[0], ORIGIN.base, UUID_OF_LOG, BEGAN)
    writer = Writer(log, TOPICS[0])
    for number in range(6):
        await writer.append(f"trial/{number}", registered())
    await writer.append("trial/1", amended(("/phase", None, "2")))
    await log.append(TOPICS[0], [addressed(0, b"no record")])
    await log.append(TOPICS[1], [addressed(partition, b"part") for partition in (3, 1, 3)])
    return log


async def written(log: EventLog, topics: Sequence[Topic] = TOPICS) -> list[bytes]:
    return [line async for line in moving.dump(log, topics)]


async def put_back(log: EventLog, lines: Sequence[bytes], topics: Sequence[Topic] = TOPICS) -> int:
    return sum([done async for done in moving.restore(log, topics, lines)])


async def known(log: EventLog, topic: Topic) -> list[tuple[object, ...]]:
    """What every reader of the log is told of each message."""
    ends = await log.ends(topic)
    judged = [one async for batch in follow(log, topic, new_folds(topic), ends) for one in batch]
    known_of_each = [(one.position, one.recorded, one.verdict, times.bare(one.message), one.digest) for one in judged]
    return sorted(known_of_each, key=lambda one: one[0])  # type: ignore[return-value, arg-type]


@pytest.fixture
async def elsewhere(place: Place) -> AsyncIterator[tuple[EventLog, list[Topic]]]:
    """An empty log on every driver."""
    topics = [place.topic, replace(place.topic, name=f"{place.topic.name}-documents")]
    log = await open_log(place.driver, place.address, topics)
    yield log, topics
    await log.close()


@pytest.mark.parametrize("place", ["memory", "postgres", "kafka1"], indirect=True)
async def test_a_restored_log_tells_the_same_on_every_driver(elsewhere: tuple[EventLog, list[Topic]]) -> None:
    log, topics = elsewhere
    first = await filled()
    lines = await written(first)
    assert [topic.partitions for topic in moving.check(lines)] == [4, 4]
    assert await put_back(log, lines, topics) == 12

    assert await known(log, topics[0]) == await known(first, TOPICS[0])
    assert (await written(log, topics))[1:-1] == lines[1:-1], "and gives the same file again"
    # What comes after bears the store's own time, whatever its headers say.
    forged = times.stated(addressed(0, b"later").message, BEGAN, 9)
    before = datetime.now(UTC) - timedelta(minutes=5)
    await log.append(topics[0], [Addressed(partition, forged) for partition in range(4)])
    later = [one for one in await known(log, topics[0]) if one[3] == times.bare(forged)]
    assert len(later) == 4
    assert all(isinstance(one[1], datetime) and one[1] > before for one in later)


async def test_a_restoration_that_was_broken_off_goes_on_where_it_stopped() -> None:
    first, log = await filled(), MemoryEventLog(lambda: datetime.now(UTC))
    lines = await written(first)
    parts = moving.restore(log, TOPICS, lines)
    done = await anext(parts) + await anext(parts)
    await parts.aclose()
    with pytest.raises(LogMisconfigured, match="not the one that founds"):
        await founding.ensure(log, TOPICS[0], ORIGIN.base, UUID_OF_LOG, BEGAN)
    assert 0 < done < await put_back(log, lines)

    assert await known(log, TOPICS[0]) == await known(first, TOPICS[0])
    found = await founding.ensure(log, TOPICS[0], "https://other.example", UUID_OF_LOG, BEGAN)
    assert found.origin.base == ORIGIN.base
    await put_back(log, lines)
    assert await known(log, TOPICS[0]) == await known(first, TOPICS[0]), "a second time adds nothing"


async def test_a_node_does_not_start_on_half_of_the_partition_that_founds_the_log() -> None:
    lines = await written(await filled())
    log = MemoryEventLog(lambda: datetime.now(UTC))
    rows = [orjson.loads(line) for line in lines]
    last = rows[-2]["at"][1]
    cut = [
        line for line, row in zip(lines, rows, strict=True) if row.get("at", [0, 0, 0])[1:] != [last, rows[-2]["at"][2]]
    ]
    assert len(cut) == len(lines) - 1
    await put_back(log, cut)

    with pytest.raises(LogMisconfigured, match="restoration of the log has not finished"):
        await founding.ensure(log, TOPICS[0], ORIGIN.base, UUID_OF_LOG, BEGAN)


async def test_what_a_log_holds_already_must_be_the_same() -> None:
    lines = await written(await filled())
    other = await filled()
    with pytest.raises(LogMisconfigured, match="holds other records"):
        await put_back(other, lines)
    with pytest.raises(LogMisconfigured, match="another number of partitions"):
        await put_back(MemoryEventLog(lambda: BEGAN), lines, (Topic("events", 8), TOPICS[1]))
    grown = MemoryEventLog(lambda: datetime.now(UTC))
    await put_back(grown, lines)
    await grown.append(TOPICS[1], [addressed(0, b"more")])
    with pytest.raises(LogMisconfigured, match="more records than the file"):
        await put_back(grown, lines)


async def test_a_file_that_was_cut_short_or_changed_is_refused() -> None:
    lines = await written(await filled())
    changed = [lines[0], lines[1].replace(b'"recorded":1', b'"recorded":2'), *lines[2:]]
    wrong = [
        [],
        lines[:1],
        lines[:-1],
        [*lines[:-2], lines[-1]],
        changed,
        [*lines[:-1], lines[-1][:-1]],
        [b"{}\n"],
        [b"x"],
    ]

    for each in wrong:
        with pytest.raises(moving.NotWhole):
            moving.check(each)


async def test_the_largest_message_of_a_log_can_be_restored() -> None:
    large = Message(b"k", (("h", b"v"),), b"x" * (MAX_MESSAGE_BYTES - 3))
    first, log = MemoryEventLog(lambda: BEGAN), MemoryEventLog(lambda: datetime.now(UTC))
    await first.append(TOPICS[1], [Addressed(0, large)])
    await put_back(log, await written(first))
    [restored] = await read_to(log, TOPICS[1], {0: 1})

    assert times.bare(restored.message) == large
    assert times.RecordedTimes().of(restored) == BEGAN
