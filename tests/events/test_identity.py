"""What was made from a log is used with that log alone: not with another, a topic made anew, or an older copy."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from events import founding
from events.identity import LogIdentity, Mark, Mismatch, WrongLog, digest_of, identify, mark_after, marks_at, verify
from events.port import EventLog, LogMisconfigured, Topic
from events.record import DATAREF, Message, Position
from tests.support.logs import Place, addressed, read_to

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BASE = "https://registry.example"


async def found(log: EventLog, topic: Topic, number: int = 1) -> None:
    await founding.ensure(log, topic, BASE, UUID(int=number), NOW)


async def grown(log: EventLog, topic: Topic, value: bytes = b"event") -> dict[int, Mark]:
    """The marks of whoever read the founded log to its end, with some records in each partition."""
    await log.append(topic, [addressed(partition, value) for partition in range(topic.partitions) for _ in range(3)])
    marks: dict[int, Mark] = {}
    for stored in await read_to(log, topic, await log.ends(topic)):
        marks[stored.position.partition] = mark_after(stored.position, stored.message)
    return marks


async def mismatch(log: EventLog, topic: Topic, known: LogIdentity, marks: dict[int, Mark]) -> Mismatch | None:
    try:
        await verify(log, topic, known, marks)
    except WrongLog as fault:
        return fault.kind
    return None


async def test_every_node_sees_the_same_identity_and_its_own_log_fits(place: Place) -> None:
    log = await place.open()
    await found(log, place.topic)
    marks = await grown(log, place.topic)
    known = await identify(await place.open(), place.topic)

    assert known == await identify(log, place.topic)
    assert known[0::2] == (str(UUID(int=1)), 4)
    assert UUID(known.topic).int
    await verify(await place.open(), place.topic, known, marks)
    await grown(log, place.topic)
    await verify(await place.open(), place.topic, known, marks)
    assert await marks_at(log, place.topic, {partition: mark.next_offset for partition, mark in marks.items()}) == marks


async def test_two_topics_of_one_store_have_two_ids(place: Place) -> None:
    log = await place.open()
    first = await log.topic_id(place.topic)
    place.topic = Topic(f"other-{uuid4()}", 4)
    other = (
        await (await place.open()).topic_id(place.topic)
        if place.driver != "memory"
        else await log.topic_id(place.topic)
    )

    assert first != other


async def test_another_log_is_refused(place: Place) -> None:
    log = await place.open()
    await found(log, place.topic)
    known = await identify(log, place.topic)

    with pytest.raises(WrongLog, match="another log") as raised:
        await verify(log, place.topic, known._replace(founded=str(UUID(int=2))))
    assert raised.value.kind is Mismatch.ANOTHER_LOG


async def test_a_mark_beyond_the_end_is_of_an_older_copy(place: Place) -> None:
    log = await place.open()
    await found(log, place.topic)
    known, marks = await identify(log, place.topic), await grown(log, place.topic)

    for partition, mark in marks.items():
        beyond = marks | {partition: mark._replace(next_offset=mark.next_offset + 1)}
        assert await mismatch(log, place.topic, known, beyond) is Mismatch.OLDER_COPY


async def test_another_record_at_a_mark_is_of_another_history(place: Place) -> None:
    log = await place.open()
    await found(log, place.topic)
    known, marks = await identify(log, place.topic), await grown(log, place.topic)

    for partition, mark in marks.items():
        other = marks | {partition: mark._replace(digest=bytes(32))}
        assert await mismatch(log, place.topic, known, other) is Mismatch.ANOTHER_HISTORY
    assert await mismatch(log, place.topic, known, {0: Mark(0, b"")}) is None


async def test_an_empty_log_of_the_same_topic_is_not_founded() -> None:
    place = Place("memory", "", Topic("events", 4))
    log = await place.open()
    known = LogIdentity(str(UUID(int=1)), await log.topic_id(place.topic), 4)

    with pytest.raises(LogMisconfigured, match="no record that founds"):
        await verify(log, place.topic, known)


Anew = Callable[[Place], Awaitable[None]]


async def made_anew(place: Place) -> None:
    """Deletes the topic, and whoever opens the place next makes it again."""
    if place.driver == "postgres":
        with psycopg.connect(place.address, autocommit=True) as connection:
            connection.execute("drop schema log cascade")
    else:
        client = AIOKafkaAdminClient(bootstrap_servers=place.address)
        await client.start()
        try:
            await client.delete_topics([place.topic.name])
        finally:
            await client.close()


@pytest.mark.parametrize("place", ["postgres", "kafka1"], indirect=True)
async def test_a_topic_made_anew_is_told_from_the_old_one_while_empty_and_when_it_has_grown(place: Place) -> None:
    log = await place.open()
    await found(log, place.topic)
    known, marks = await identify(log, place.topic), await grown(log, place.topic)
    await log.close()
    await made_anew(place)
    log = await place.open()

    with pytest.raises(WrongLog, match=r"empty, and its topic .* was created again"):
        await verify(log, place.topic, known, marks)
    # The same log restored: what was made from it has to be told.
    await found(log, place.topic)
    assert await grown(log, place.topic) == marks
    assert await mismatch(log, place.topic, known, marks) is Mismatch.MADE_ANEW
    assert await mismatch(log, place.topic, await identify(log, place.topic), marks) is None
    # Kafka answers for a new topic under an old name as if it were the old one: nothing but the id tells.
    assert (await identify(log, place.topic)).topic != known.topic


async def test_a_log_from_before_topics_had_ids_gets_one_and_keeps_it(database_url: str) -> None:
    place = Place("postgres", database_url, Topic("events", 4))
    await found(await place.open(), place.topic)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("alter table log.topic drop column id")

    first = await identify(await place.open(), place.topic)
    again = await identify(await place.open(), place.topic)

    assert first == again
    assert UUID(first.topic).int


async def test_the_digest_of_a_mark_is_of_the_message_in_the_log_though_its_body_was_put_in() -> None:
    short = Message(b"key", (("ce_id", b"1"), (f"ce_{DATAREF}", b"ni:///sha-256;x")), b"")
    whole = replace(short, value=b"a long body")
    moved = replace(short, headers=(*short.headers, ("log-recorded", b"1")))

    assert digest_of(whole) == digest_of(short) == digest_of(moved) == short.digest
    assert digest_of(Message(b"key", (), b"a")) != digest_of(Message(b"key", (), b"b"))
    assert mark_after(Position(2, 7), whole) == (8, short.digest)
