"""Rebuilding: views made anew are those that events made one by one, to the byte."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from events.judging import LARGEST_BATCH
from events.port import Topic
from events.schemas import trial as happened
from events.schemas.values import Value
from projections.base.connecting import connect
from projections.base.moments import Moment
from projections.catalogue import PROGRAM
from projections.engine import keeping, runner, schema
from projections.engine.rebuild import RebuildUnderway, rebuild
from projections.engine.schema import ViewsUnfit
from projections.reading import Views
from projections.search.query import SearchQuery
from projections.trial.document import evolve, stream_of
from tests.projections.trials import (
    HISTORIES,
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
from tests.projections.views import cut_off_leader, dumped, eventually, project, running, until_held
from tests.support.drivers import open_log

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def some_history() -> list[tuple[str, Value]]:
    first, second = stream_of(trial_id(1)), stream_of(trial_id(2))
    return [
        (first, registered(public_title={"ja": "肺癌の試験"}, phase="2")),
        (second, imported(public_title={"en": "Lung cancer"})),
        (first, site_added()),
        (first, amended(("/public_title", {"ja": "肺癌の試験"}, {"ja": "胃癌の試験"}))),
        (first, happened.TrialPublished(number="JTR2026000017", registered="2026-04-01")),
        (first, happened.SiteOpened(site="site-1", was="not_yet", on="2026-05-01")),
        (first, amended(("/public_title", {"ja": "胃癌の試験"}, {"ja": "肺癌の試験"}))),
        (
            second,
            happened.TrialAdopted(owner="sponsor-1", number="JTR2026000025", registered="2020-05", was=imported().home),
        ),
    ]


async def filled(url: str, history: Sequence[tuple[str, Value]], milliseconds: int = 1000) -> Writer:
    writer = Writer(memory_log(timedelta(milliseconds=milliseconds)))
    await writer.append_all(history)
    await drop(url)
    await project(writer.log, url)
    return writer


async def test_a_stream_is_read_on_the_same_connection_before_and_after_a_rebuild(database_url: str) -> None:
    """Its statement is prepared, and finds the tables that were swapped in."""
    writer = await filled(database_url, some_history())
    stream = stream_of(trial_id(1))
    views = await Views.open(database_url, now)
    try:
        before = await views.events(stream)
        for name in ("history", None):
            await rebuild(writer.log, TOPIC, database_url, [name] if name else None, program=PROGRAM)
            for _ in range(10):
                assert await views.events(stream) == before
    finally:
        await views.close()
    assert len(before) == 6


async def drop(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("drop schema if exists views cascade")


async def test_rebuilt_views_are_those_of_a_runner_whose_sessions_were_cut_between_batches(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No document is kept for longer than until it is written.
    monkeypatch.setattr(runner, "KEPT", 0)
    monkeypatch.setattr(keeping, "ENCODED", 0)
    trials = [(stream_of(trial_id(number)), f"NCT{number:08}") for number in range(5 * LARGEST_BATCH)]
    writer = Writer(memory_log(timedelta(milliseconds=1)))
    await writer.append_all([(stream, imported(number)) for stream, number in trials])
    await writer.append_all([(stream, site_added()) for stream, _ in trials[::-1]])
    await writer.append_all([(stream, amended(("/phase", None, "2"))) for stream, _ in trials[::3]])
    ends = sum((await writer.log.ends(TOPIC)).values())
    cuts = 0
    views = await Views.open(database_url, now)
    async with (
        running(writer.log, database_url),
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as database,
    ):
        while (shown_to := sum((await views.positions()).values())) < ends:
            if shown_to > cuts * LARGEST_BATCH:
                cuts += await cut_off_leader(database)
            await asyncio.sleep(0.01)
    await views.close()
    incremental = await dumped(database_url)

    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert await dumped(database_url) == incremental
    assert cuts >= 3


@FEW
@given(history=HISTORIES)
async def test_rebuilt_views_are_those_made_event_by_event(history: list[tuple[str, Value]], database_url: str) -> None:
    writer = await filled(database_url, history)
    incremental = await dumped(database_url)
    await drop(database_url)

    read = await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert await dumped(database_url) == incremental
    assert read == len(history)


@FEW
@given(history=HISTORIES)
async def test_as_of_any_moment_a_trial_is_what_it_was_then(
    history: list[tuple[str, Value]], database_url: str
) -> None:
    await filled(database_url, history, milliseconds=1)
    views = await Views.open(database_url, now)
    try:
        for stream in {stream for stream, _ in history}:
            document, events = None, await views.events(stream)
            for event in events:
                document = evolve(document, event)
                trial = document["trial"]

                assert await views.document(trial, Moment(event.recorded)) == document
                assert await views.document(trial, Moment(position=event.position)) == document
                found = await views.search(SearchQuery(q=trial, everything=True), Moment(position=event.position))
                # A list does not show why: that text is sealed, and opened where a trial is read.
                status = {name: value for name, value in document["status"].items() if name != "why"}
                assert [each.summary["status"] for each in found.found] == [status]
            assert await views.document(trial) == document
    finally:
        await views.close()


async def test_entries_of_one_millisecond_are_told_apart_by_position(database_url: str) -> None:
    writer = await filled(database_url, some_history()[:1], milliseconds=0)
    position = await writer.append(stream_of(trial_id(1)), amended(("/phase", "2", "3")))
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    before = Moment(position=position._replace(offset=position.offset - 1))
    phases = [
        (await views.search(SearchQuery(everything=True), moment)).found[0].summary["phase"]
        for moment in (before, Moment(position=position), None)
    ]
    await views.close()

    assert phases == ["2", "3", "3"]


async def test_each_view_can_be_rebuilt_alone(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    whole = await dumped(database_url)
    for name, table in (("search", "search_words"), ("record", "record"), ("history", "history")):
        async with await connect(database_url) as connection:
            await connection.execute(f"drop table {table}".encode())

        await rebuild(writer.log, TOPIC, database_url, [name], program=PROGRAM)

        assert await dumped(database_url) == whole


async def test_one_view_alone_reaches_as_far_as_the_others(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    whole = await dumped(database_url)
    await writer.append(stream_of(trial_id(3)), registered())

    await rebuild(writer.log, TOPIC, database_url, ["search"], program=PROGRAM)

    assert await dumped(database_url) == whole


async def test_one_view_alone_can_not_be_rebuilt_without_the_others(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    await drop(database_url)

    with pytest.raises(ViewsUnfit, match="rebuild all"):
        await rebuild(writer.log, TOPIC, database_url, ["search"], program=PROGRAM)


async def test_an_unknown_view_is_named(database_url: str) -> None:
    with pytest.raises(ValueError, match="there is no view serach"):
        await rebuild(memory_log(), TOPIC, database_url, ["serach"], program=PROGRAM)


async def test_a_runner_goes_on_over_a_rebuild(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    views = await Views.open(database_url, now)
    async with running(writer.log, database_url, views):
        for number in range(10, 20):
            await writer.append(stream_of(trial_id(number)), registered())
            rebuilding = asyncio.create_task(rebuild(writer.log, TOPIC, database_url, program=PROGRAM))
            position = await writer.append(stream_of(trial_id(number)), site_added())
            await rebuilding

            assert await views.wait_for(position, 20)
        await until_held(writer.log, views)
    incremental = await dumped(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert (await views.status())["record"] == 12
    assert await dumped(database_url) == incremental
    await views.close()


async def test_progress_is_told_up_to_the_end(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    reports: list[tuple[int, int]] = []

    await rebuild(
        writer.log, TOPIC, database_url, progress=lambda done, total: reports.append((done, total)), program=PROGRAM
    )

    assert reports[-1] == (8, 8)
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)


async def test_processes_that_share_a_rebuild_make_the_same_views(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = partial(open_log, "postgres", database_url, [TOPIC])
    log = await opener()
    await Writer(log).append_all(some_history())
    await project(log, database_url)
    incremental = await dumped(database_url)
    monkeypatch.setattr("projections.engine.rebuild.MANY", 1)
    reports: list[tuple[int, int]] = []

    read = await rebuild(
        log, TOPIC, database_url, progress=lambda *so_far: reports.append(so_far), opener=opener, program=PROGRAM
    )

    assert await dumped(database_url) == incremental
    assert (read, reports[-1]) == (8, (8, 8))
    await log.close()


async def test_what_fails_in_another_process_fails_the_rebuild(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await filled(database_url, some_history())
    whole = await dumped(database_url)
    monkeypatch.setattr("projections.engine.rebuild.MANY", 1)

    with pytest.raises(ValueError, match="was not opened"):
        await rebuild(
            writer.log,
            TOPIC,
            database_url,
            opener=partial(open_log, "postgres", database_url, [Topic("other", 2)]),
            program=PROGRAM,
        )

    assert await dumped(database_url) == whole


async def test_two_rebuilds_do_not_build_in_one_place(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    async with await connect(database_url) as connection:
        await connection.execute("select pg_advisory_lock(%s)", (schema.REBUILD,))

        with pytest.raises(RebuildUnderway):
            await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)


async def test_what_a_broken_rebuild_left_is_cleared_away(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    whole = await dumped(database_url)
    async with await connect(database_url) as connection:
        await connection.execute("create schema views_next")
        await connection.execute("create table views_next.record (wrong text)")

    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert await dumped(database_url) == whole


class Growing:
    """A log that grows by one record each time it was asked where it ends."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.grown = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._writer.log, name)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        ends = await self._writer.log.ends(topic)
        self.grown += 1
        await self._writer.append(stream_of(trial_id(100 + self.grown)), registered())
        return ends


async def test_a_rebuild_holds_what_was_recorded_until_it_took_the_views(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    log = Growing(writer)

    read = await rebuild(log, TOPIC, database_url, program=PROGRAM)  # type: ignore[arg-type]

    assert log.grown >= 3, "it asks at its beginning, before it takes the views, and once nobody moves them"
    assert read == 8 + log.grown - 1
    views = await Views.open(database_url, now)
    assert sum((await views.positions()).values()) == read
    assert (await views.status())["record"] == 2 + log.grown - 1
    await views.close()


async def test_a_rebuild_waits_for_who_makes_tables(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    await drop(database_url)
    async with await connect(database_url) as other, await connect(database_url) as watching:
        await other.execute("select pg_advisory_lock(%s)", (schema.STRUCTURE,))
        rebuilding = asyncio.create_task(rebuild(writer.log, TOPIC, database_url, program=PROGRAM))

        async def waits() -> bool:
            waiting = await watching.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and objid = %s and not granted",
                (schema.STRUCTURE,),
            )
            return await waiting.fetchone() == (1,)

        await eventually(waits)
        await other.execute("select pg_advisory_unlock(%s)", (schema.STRUCTURE,))
        assert await rebuilding == 8


async def test_the_views_are_swapped_durably_though_they_were_built_in_haste(database_url: str) -> None:
    writer = await filled(database_url, some_history())
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table public.seen (tag text, durably text)")
        connection.execute(
            "create function public.note() returns event_trigger language plpgsql as"
            " $$ begin insert into public.seen values (tg_tag, current_setting('synchronous_commit')); end $$"
        )
        connection.execute("create event trigger noting on ddl_command_end execute function public.note()")

        await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

        connection.execute("drop event trigger noting")
        seen = connection.execute("select tag, durably from public.seen order by tag").fetchall()
    assert ("ALTER SCHEMA", "on") in seen
    assert ("ALTER SCHEMA", "off") not in seen
    assert ("CREATE TABLE", "off") in seen
