"""The runner: what it applies, and what happens with two of them, or with none for a while."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from events.admission import Judged
from events.canonical import from_json
from events.event import follow, new_folds
from events.follower_port import Overtaken
from events.port import Addressed
from events.record import Message, Position
from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine.runner import Runner
from projections.engine.schema import ViewsUnfit
from projections.engine.writing import advance
from projections.reading import Views
from projections.views.history.store import HistoryRow
from tests.projections.trials import (
    TOPIC,
    Writer,
    amended,
    imported,
    memory_log,
    now,
    registered,
    site_added,
    trial_id,
)
from tests.projections.views import PATIENCE, cut_off_leader, dumped, eventually, project, running, until_held

TRIAL_ID = trial_id(1)
STREAM = f"trial/{TRIAL_ID}"


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()


async def test_a_trial_is_read_as_its_events_made_it(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    async with running(writer.log, database_url, views):
        await writer.append(STREAM, registered(phase="2"))
        position = await writer.append(STREAM, amended(("/phase", "2", "3")))

        assert await views.wait_for(position, PATIENCE)

    document = await views.document(TRIAL_ID)
    assert document is not None
    assert document["registration"] == {"phase": "3"}
    assert document["position"] == str(position)
    assert [event.version for event in await views.events(STREAM)] == [1, 2]
    assert [row.changes for row in await views.history(STREAM, after_version=1)] == [
        [{"field": "/registration/phase", "old": "2", "new": "3"}]
    ]


async def test_an_event_comes_back_from_history_as_it_went_into_the_log(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    position = await writer.append(STREAM, registered(public_title={"ja": "試験"}))
    await project(writer.log, database_url)

    (event,) = await views.events(STREAM)

    (judged,) = await judged_of(writer)
    assert (event.position, event.recorded, event.digest) == (position, judged.recorded, judged.digest)
    assert event.record.data == from_json(judged.message.value)
    assert await views.event_by_id(event.record.id) == event


async def judged_of(writer: Writer) -> list[Judged]:
    batches = follow(writer.log, TOPIC, new_folds(TOPIC), await writer.log.ends(TOPIC))
    return [judged async for batch in batches for judged in batch]


async def test_records_without_effect_move_the_positions_and_nothing_else(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    await writer.append(STREAM, registered())
    before = dict(writer.heads)
    await writer.append(STREAM, amended(("/phase", None, "2")))
    writer.heads = before
    await writer.append(STREAM, amended(("/phase", None, "3")))
    await writer.log.append(TOPIC, [Addressed(0, Message(b"", (), b"not a record"))])
    await project(writer.log, database_url)

    document = await views.document(TRIAL_ID)

    assert document is not None
    assert document["registration"]["phase"] == "2"
    assert await views.positions() == await writer.log.ends(TOPIC)
    assert (await views.status())["history"] == 2


async def test_history_holds_events_of_every_stream(database_url: str, views: Views) -> None:
    from events.schemas.numbers import NumbersReserved

    writer = Writer(memory_log())
    await writer.append("numbers/JTR", NumbersReserved(first=1, count=10))
    await project(writer.log, database_url)

    rows: list[HistoryRow] = await views.history("numbers/JTR")

    assert [(row.event.record.data, row.changes) for row in rows] == [({"first": 1, "count": 10}, [])]


async def test_when_one_runner_ends_another_takes_over(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    async with running(writer.log, database_url) as first:
        await writer.append(STREAM, registered())
        await until_held(writer.log, views)
        async with running(writer.log, database_url, views):
            await writer.append(STREAM, site_added())
            await until_held(writer.log, views)
            first.cancel()
            position = await writer.append(STREAM, amended(("/phase", None, "2")))

            assert await views.wait_for(position, PATIENCE)

    document = await views.document(TRIAL_ID)
    assert document is not None
    assert document["version"] == 3


async def test_a_runner_whose_sessions_are_killed_goes_on(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    async with running(writer.log, database_url):
        for number in range(5):
            await writer.append(f"trial/{trial_id(number)}", imported(f"NCT{number:08}"))
            await until_held(writer.log, views)
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
                await cut_off_leader(connection)

    assert (await views.status())["record"] == 5


async def test_a_writer_that_another_has_overtaken_writes_nothing(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    await writer.append(STREAM, registered())
    batch = await judged_of(writer)
    partition = batch[0].position.partition
    await project(writer.log, database_url)
    before = await dumped(database_url)

    async with await connect(database_url) as connection:
        with pytest.raises(Overtaken):
            await advance(connection, {partition: 0}, batch)

    assert await dumped(database_url) == before
    assert (await views.positions())[partition] == 1


async def test_dropped_views_fill_again_while_the_runner_runs(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    async with running(writer.log, database_url):
        await writer.append(STREAM, registered())
        await until_held(writer.log, views)
        before = await dumped(database_url)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute("drop schema views cascade")
        await writer.append("trial/" + trial_id(2), registered())
        await eventually(lambda: _holds(views, 2))

    after = await dumped(database_url)
    assert set(before) < set(after)


async def _holds(views: Views, trials: int) -> bool:
    try:
        return (await views.status())["record"] == trials
    except psycopg.errors.UndefinedTable:
        return False


async def test_a_missing_table_is_not_made_anew_and_left_empty(database_url: str, views: Views) -> None:
    async with await connect(database_url) as connection:
        await connection.execute("drop table search_shown")

    with pytest.raises(ViewsUnfit, match="lack the tables search_shown;"):
        await Views.open(database_url, now)
    with pytest.raises(ViewsUnfit, match="registry rebuild"):
        await Runner(memory_log(), TOPIC, database_url, program=PROGRAM).run()


async def test_views_of_more_than_the_log_holds_are_refused(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    await writer.append(STREAM, registered())
    await project(writer.log, database_url)

    with pytest.raises(ViewsUnfit, match="the views contain events that the log does not: it is an older copy"):
        await Runner(memory_log(), TOPIC, database_url, program=PROGRAM).run()


async def test_waiting_for_a_position_that_does_not_come_ends(database_url: str, views: Views) -> None:
    assert not await views.wait_for(Position(0, 0), 0.2)


async def test_who_waits_is_woken_by_a_runner_elsewhere(database_url: str, views: Views) -> None:
    writer = Writer(memory_log())
    waiting: asyncio.Task[Any] = asyncio.create_task(views.wait_for(Position(0, 0), PATIENCE))
    async with running(writer.log, database_url):
        for number in range(8):
            await writer.append(f"trial/{trial_id(number)}", registered())

        assert await waiting
