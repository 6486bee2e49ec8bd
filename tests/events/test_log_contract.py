"""What every log driver must do, run on each: memory, PostgreSQL, Kafka of one broker and of three."""

import asyncio
from collections import defaultdict
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from events.port import MAX_MESSAGE_BYTES, Addressed, EventLog, LogTruncated, LogUnavailable, MessageTooLarge, Topic
from events.record import Message, Position, Stored
from tests.support.logs import Place, addressed, places, read_to, values
from tests.support.writer import Acknowledged, write


async def test_positions_come_back_in_the_order_given_and_count_each_partition_from_0(
    log: EventLog, topic: Topic
) -> None:
    first = await log.append(topic, [addressed(0, b"a"), addressed(2, b"b"), addressed(0, b"c")])
    second = await log.append(topic, [addressed(2, b"d")])

    assert [*first, *second] == [Position(0, 0), Position(2, 0), Position(0, 1), Position(2, 1)]


async def test_an_append_of_nothing_adds_nothing(log: EventLog, topic: Topic) -> None:
    assert list(await log.append(topic, [])) == []
    assert await log.ends(topic) == {0: 0, 1: 0, 2: 0, 3: 0}


async def test_a_batch_keeps_its_order(log: EventLog, topic: Topic) -> None:
    values_sent = [b"%d" % number for number in range(300)]

    positions = await log.append(topic, [addressed(1, value) for value in values_sent])

    assert [position.offset for position in positions] == list(range(300))
    assert values(await read_to(log, topic, {1: 300})) == values_sent


async def test_a_batch_larger_than_one_request_is_appended_whole(log: EventLog, topic: Topic) -> None:
    values_sent = [bytes([number]) * 400_000 for number in range(25)]

    await log.append(topic, [addressed(3, value) for value in values_sent])

    assert values(await read_to(log, topic, {3: 25})) == values_sent


async def test_a_reader_starts_where_it_is_told(log: EventLog, topic: Topic) -> None:
    await log.append(topic, [addressed(0, b"%d" % number) for number in range(10)])
    await log.append(topic, [addressed(1, b"other")])

    seen = await read_to(log, topic, until={0: 10, 1: 1}, start={0: 7, 1: 1})

    assert places(seen) == [Position(0, 7), Position(0, 8), Position(0, 9)]
    assert values(seen) == [b"7", b"8", b"9"]


async def test_until_ends_exactly_there_though_more_is_in_the_log(log: EventLog, topic: Topic) -> None:
    await log.append(topic, [addressed(partition, b"x") for partition in (0, 1) for _ in range(20)])

    seen = await read_to(log, topic, until={0: 5, 1: 3})

    assert sorted(places(seen)) == [*(Position(0, n) for n in range(5)), *(Position(1, n) for n in range(3))]


async def test_until_already_reached_ends_at_once(log: EventLog, topic: Topic) -> None:
    await log.append(topic, [addressed(0, b"x")])

    assert await read_to(log, topic, until={0: 1}, start={0: 1}) == []


async def test_until_beyond_the_end_waits_for_it(log: EventLog, topic: Topic) -> None:
    reading = asyncio.create_task(read_to(log, topic, until={0: 2}))

    await log.append(topic, [addressed(0, b"first")])
    await log.append(topic, [addressed(0, b"second")])

    assert values(await reading) == [b"first", b"second"]


async def test_a_tailing_reader_on_another_node_sees_each_later_append(place: Place, topic: Topic) -> None:
    writer, reader = await place.open(), await place.open()
    tail = reader.read(topic, dict.fromkeys(range(4), 0))

    for value in (b"first", b"second", b"third"):
        await writer.append(topic, [addressed(2, value)])

        assert values(await anext(tail)) == [value]
    await tail.aclose()


async def test_key_headers_and_value_survive_to_the_byte(log: EventLog, topic: Topic) -> None:
    every_byte = bytes(range(256))
    headers = (("z", every_byte), ("a", b""), ("z", b"again"), ("登録", "日本語".encode()), ('"\\', b'"\\\n'))
    messages = [
        Message(every_byte, headers, every_byte * 40),
        Message(b"", (), b""),
        Message(b"\0", (("only", b"\0"),), b"\0"),
    ]

    await log.append(topic, [Addressed(0, message) for message in messages])

    assert [stored.message for stored in await read_to(log, topic, {0: 3})] == messages


async def test_recorded_is_the_logs_own_time_in_utc_milliseconds_and_never_runs_backwards(
    place: Place, log: EventLog, topic: Topic
) -> None:
    forged = Message(b"key", (("ce_time", b"1999-01-01T00:00:00Z"),), b"{}")
    before = datetime.now(UTC)
    for _ in range(20):
        await log.append(topic, [Addressed(0, forged)])

    recorded = [stored.recorded for stored in await read_to(log, topic, {0: 20})]

    assert recorded == sorted(recorded)
    assert all(each.tzinfo is UTC and each.microsecond % 1000 == 0 for each in recorded)
    if place.driver != "memory":  # there the test's own clock ticks
        assert before - timedelta(seconds=1) <= recorded[0] <= recorded[-1] <= datetime.now(UTC) + timedelta(seconds=1)


async def test_two_readers_are_given_the_same_recorded_times(place: Place, log: EventLog, topic: Topic) -> None:
    await log.append(topic, [addressed(number % 4, b"%d" % number) for number in range(40)])
    ends = await log.ends(topic)

    def by_place(stored: Stored) -> Position:
        return stored.position

    once = sorted(await read_to(log, topic, ends), key=by_place)
    again = sorted(await read_to(await place.open(), topic, ends), key=by_place)

    assert once == again


async def test_ends_cover_what_was_acknowledged_by_any_node(place: Place, topic: Topic) -> None:
    one, other = await place.open(), await place.open()
    for _ in range(10):
        position = (await one.append(topic, [addressed(3, b"x")]))[0]

        assert (await other.ends(topic))[3] > position.offset
        assert await other.end(topic, 3) == position.offset + 1
    assert await other.end(topic, 0) == 0
    assert await other.ends(topic) == {0: 0, 1: 0, 2: 0, 3: 10}


async def test_a_message_that_is_too_large_is_refused_and_nothing_of_its_batch_is_written(
    log: EventLog, topic: Topic
) -> None:
    too_large = Addressed(1, Message(b"", (), bytes(MAX_MESSAGE_BYTES + 1)))
    with pytest.raises(MessageTooLarge, match="900001 bytes"):
        await log.append(topic, [addressed(0, b"small"), too_large])

    assert await log.ends(topic) == {0: 0, 1: 0, 2: 0, 3: 0}


async def test_the_largest_message_fits(log: EventLog, topic: Topic) -> None:
    largest = Message(b"", (), bytes(MAX_MESSAGE_BYTES))

    await log.append(topic, [Addressed(1, largest)])

    assert [stored.message for stored in await read_to(log, topic, {1: 1})] == [largest]


async def test_a_partition_that_the_topic_has_not_is_refused(log: EventLog, topic: Topic) -> None:
    with pytest.raises(ValueError, match="has no partition 4"):
        await log.append(topic, [addressed(4, b"x")])


async def test_a_start_beyond_the_end_is_history_lost(log: EventLog, topic: Topic) -> None:
    await log.append(topic, [addressed(0, b"x")])

    with pytest.raises(LogTruncated):
        await read_to(log, topic, until={0: 9}, start={0: 2})


async def test_200_appends_at_once_all_land_once(log: EventLog, topic: Topic) -> None:
    values_sent = [b"%d" % number for number in range(200)]

    answers = await asyncio.gather(
        *(log.append(topic, [addressed(n % 4, value)]) for n, value in enumerate(values_sent))
    )

    seen = await read_to(log, topic, dict.fromkeys(range(4), 50))
    assert {positions[0]: value for positions, value in zip(answers, values_sent, strict=True)} == {
        stored.position: stored.message.value for stored in seen
    }
    assert await log.ends(topic) == {0: 50, 1: 50, 2: 50, 3: 50}


async def test_an_append_that_its_caller_gave_up_leaves_the_log_usable(log: EventLog, topic: Topic) -> None:
    given_up = asyncio.create_task(log.append(topic, [addressed(0, b"given up")]))
    await asyncio.sleep(0)  # lets it begin
    given_up.cancel()
    await asyncio.wait([given_up])

    position = (await log.append(topic, [addressed(0, b"next")]))[0]

    assert b"next" in values(await read_to(log, topic, {0: position.offset + 1}))


async def test_who_writes_beside_four_others_reads_each_offset_once_in_order_and_all_that_was_acknowledged(
    place: Place, log: EventLog, topic: Topic
) -> None:
    reading = asyncio.create_task(read_count(log, topic, 5 * 500))

    others, own = await asyncio.gather(place.write_from(writers=4, appends=100), write_among(log, topic))

    acknowledged = [*others, *own]
    seen = await reading
    by_partition = defaultdict(list)
    for position in places(seen):
        by_partition[position.partition].append(position.offset)
    assert by_partition == {partition: list(range(end)) for partition, end in (await log.ends(topic)).items()}
    assert {each.position: each.value for each in acknowledged} == {
        stored.position: stored.message.value for stored in seen
    }
    by_writer = defaultdict(list)
    for stored in seen:
        writer, number = map(int, stored.message.value.split())
        by_writer[writer, stored.position.partition].append(number)
    assert len(by_writer) == 20
    assert all(numbers == sorted(numbers) for numbers in by_writer.values())


async def test_a_closed_log_leaves_no_reader_waiting(log: EventLog, topic: Topic) -> None:
    tail = log.read(topic, {0: 0})
    await log.append(topic, [addressed(0, b"x")])
    await anext(tail)
    waiting = asyncio.ensure_future(anext(tail))

    await log.close()

    with pytest.raises(LogUnavailable):
        await waiting


async def write_among(log: EventLog, topic: Topic) -> list[Acknowledged]:
    """Writes as a fifth once the others have begun."""
    await read_count(log, topic, 1)
    return await write(log, topic, writer=4, appends=100)


async def read_count(log: EventLog, topic: Topic, count: int) -> list[Stored]:
    """Tails from the beginning until it has seen so many messages."""
    seen: list[Stored] = []
    async with aclosing(log.read(topic, dict.fromkeys(range(topic.partitions), 0))) as tail:
        while len(seen) < count:
            batch = await anext(tail)
            assert batch
            seen += batch
    return seen
