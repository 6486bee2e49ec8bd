"""A log says which one it is: founded once, by whoever comes first, and told apart from every other."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from events import founding
from events.admission import Accepted, Head, Superseded
from events.event import accepted, follow, new_folds
from events.origin import Origin
from events.partitions import partition_of
from events.port import Addressed, LogMisconfigured, Topic
from events.record import encode
from tests.events.test_admission import record
from tests.support.logs import Place, addressed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BASE = "https://registry.example"


def log_id(number: int) -> UUID:
    return UUID(int=number)


async def test_who_opens_an_empty_log_founds_it_and_whoever_comes_later_finds_the_same(place: Place) -> None:
    first = await founding.ensure(await place.open(), place.topic, BASE + "/", log_id(1), NOW)
    later = await founding.ensure(await place.open(), place.topic, "https://moved.example", log_id(2), NOW)

    assert first == later == (Origin(BASE, str(log_id(1))), False, None)
    assert sum((await (await place.open()).ends(place.topic)).values()) == 1


async def test_of_several_who_found_at_once_one_counts(place: Place) -> None:
    logs = [await place.open() for _ in range(4)]

    found = await asyncio.gather(
        *(founding.ensure(log, place.topic, BASE, log_id(number), NOW) for number, log in enumerate(logs, 1))
    )

    origins = [one.origin for one in found]
    assert len(set(origins)) == 1
    ends = await logs[0].ends(place.topic)
    judged = [each async for batch in follow(logs[0], place.topic, new_folds(place.topic), ends) for each in batch]
    assert isinstance(judged[0].verdict, Accepted)
    assert all(isinstance(each.verdict, Superseded) for each in judged[1:])
    event = accepted(judged[0])
    assert event is not None
    assert event.record.origin == origins[0]
    assert event.record.data == {"log": origins[0].log, "base": BASE, "partitions": place.topic.partitions}


@pytest.mark.parametrize("where", ["its first record", "elsewhere"])
async def test_a_log_that_begins_otherwise_is_refused(where: str) -> None:
    place = Place("memory", "", Topic("others", 4))
    log, partition = await place.open(), partition_of(founding.STREAM, 4)
    await log.append(place.topic, [addressed(partition if where == "its first record" else (partition + 1) % 4, b"x")])

    with pytest.raises(LogMisconfigured, match="founds a log"):
        await founding.ensure(log, place.topic, BASE, log_id(1), NOW)


async def test_a_log_whose_first_record_is_another_event_is_refused() -> None:
    place = Place("memory", "", Topic("others", 4))
    log = await place.open()
    message = encode(record(1, Head(), founding.STREAM))
    await log.append(place.topic, [Addressed(partition_of(founding.STREAM, 4), message)])

    with pytest.raises(LogMisconfigured, match="does not begin"):
        await founding.ensure(log, place.topic, BASE, log_id(1), NOW)


async def test_a_log_of_another_number_of_partitions_is_refused() -> None:
    place = Place("memory", "", Topic("others", 4))
    log = await place.open()
    await founding.ensure(log, place.topic, BASE, log_id(1), NOW)
    partition = partition_of(founding.STREAM, 4)
    wider = next(count for count in range(5, 100) if partition_of(founding.STREAM, count) == partition)

    with pytest.raises(LogMisconfigured, match=f"founded with 4 partitions, not {wider}"):
        await founding.ensure(log, Topic("others", wider), BASE, log_id(1), NOW)


async def test_a_log_says_from_its_first_record_on_whether_it_is_a_demos() -> None:
    for number, invented in enumerate((False, True), 1):
        place = Place("memory", "", Topic(f"log {number}", 4))
        log = await place.open()
        await founding.ensure(log, place.topic, BASE, log_id(number), NOW, invented=invented)
        later = await founding.ensure(log, place.topic, BASE, log_id(9), NOW, invented=not invented)

        assert later.invented is invented
        assert (await founding.read(log, place.topic)).invented is invented


async def test_a_log_names_from_its_first_record_on_the_vault_with_its_keys() -> None:
    place = Place("memory", "", Topic("events", 4))
    log, vault = await place.open(), str(log_id(5))
    await founding.ensure(log, place.topic, BASE, log_id(1), NOW, vault=vault)
    later = await founding.ensure(log, place.topic, BASE, log_id(2), NOW, vault=str(log_id(6)))

    assert later.vault == vault
    assert (await founding.read(log, place.topic)).vault == vault
