"""One event never stops the others: what can't be shown is set aside, told, and shown by a program that can."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import psycopg
import pytest
from structlog.testing import capture_logs

from events.event import Event
from events.schemas.values import Value
from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine import aside, retrying
from projections.engine.rebuild import rebuild
from projections.engine.stumbling import SetAside
from projections.engine.taking import refused
from projections.reading import Views
from projections.trial.document import Document, evolve, stream_of
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
from tests.projections.views import dumped, eventually, project, running, until_held
from tests.support.drivers import open_log
from tests.support.stumbling import CLUMSY, OF_A_TRIAL, POISON, SPOILS, folding_with, spoiled

STREAM = stream_of(trial_id(1))
OTHER = stream_of(trial_id(2))
PROGRAMS = {"the fold stumbles": CLUMSY, **{what: spoiled(what) for what in SPOILS}}


def poison() -> Value:
    return site_added("site-9", name={"ja": f"{POISON}病院"})


def history() -> list[tuple[str, Value]]:
    """A trial that has a good beginning, an event to stumble at in the middle, and goes on."""
    return [
        (STREAM, registered(public_title={"en": "Good"}, phase="2")),
        (STREAM, site_added("site-1")),
        (OTHER, imported()),
        (STREAM, poison()),
        (OTHER, amended(("/phase", None, "3"))),
        (STREAM, amended(("/public_title", {"en": "Good"}, {"en": "Better"}))),
        (STREAM, amended(("/phase", "2", "3"))),
    ]


async def written(events: Sequence[tuple[str, Value]]) -> Writer:
    writer = Writer(memory_log())
    await writer.append_all(events)
    return writer


async def listed(url: str) -> list[SetAside]:
    async with await connect(url) as connection:
        return await aside.listed(connection)


async def seen(url: str) -> tuple[list[bytes], list[tuple[str, str]]]:
    """What the views show, and what is set aside."""
    return await dumped(url), [(one.view, str(one.position)) for one in await listed(url)]


@pytest.mark.parametrize("what", PROGRAMS)
async def test_what_a_view_can_not_take_is_set_aside_with_what_follows_and_taken_by_a_program_that_can(
    what: str, database_url: str
) -> None:
    writer, program = await written(history()), PROGRAMS[what]
    with capture_logs() as lines:
        await project(writer.log, database_url, program)
    found = await listed(database_url)
    stumbled = await seen(database_url)

    first = [one for one in found if not one.waits]
    views = {what.partition(" ")[0]} if what.partition(" ")[0] in {"search", "record"} else set(OF_A_TRIAL)
    assert {one.stream for one in found} == {STREAM}
    assert {one.version for one in first} == {3}
    assert {one.view for one in first} == views
    assert all(one.reason for one in first)
    assert len(found) == 3 * len(views)
    critical = [line for line in lines if line["log_level"] == "critical"]
    assert {(line["event"], line["view"]) for line in critical} == {("event_set_aside", view) for view in views}
    assert len(critical) == len(views)
    assert POISON not in str(lines) + str(found)
    assert await versions(database_url) == {trial_id(1): 2 if "record" in views else 5, trial_id(2): 2}

    await rebuild(writer.log, TOPIC, database_url, program=program)
    assert await seen(database_url) == stumbled

    await project(writer.log, database_url)
    retried = await seen(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)
    assert retried == await seen(database_url)
    assert retried[1] == []


async def versions(url: str) -> dict[str, int]:
    """The version of each trial's document that readers get."""
    async with await connect(url) as connection:
        rows = await (await connection.execute("select trial, (document ->> 'version')::int from record")).fetchall()
        return dict(rows)


async def test_the_poisoned_are_found_among_two_hundred(database_url: str) -> None:
    streams = [stream_of(trial_id(number)) for number in range(200)]
    bad = {streams[number] for number in (0, 17, 18, 99, 150, 199)}
    events = [(stream, registered(public_title={"ja": POISON if stream in bad else "良"})) for stream in streams]
    writer = await written([*events, *((stream, site_added()) for stream in streams)])

    await project(writer.log, database_url, spoiled("search has no status"))

    found = await listed(database_url)
    assert {(one.stream, one.version) for one in found} == {(stream, version) for stream in bad for version in (1, 2)}
    assert {one.view for one in found} == {"search"}
    async with await connect(database_url) as connection:
        shown = await (await connection.execute("select count(*) from search")).fetchone()
    assert shown == (194,)


async def test_what_is_recorded_meanwhile_is_shown_before_all_that_was_set_aside_is_tried_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(memory_log())
    trials = [trial_id(number) for number in range(6)]
    await writer.append_all([(stream_of(trial), registered(public_title={"ja": POISON})) for trial in trials])
    await project(writer.log, database_url, CLUMSY)
    new = trial_id(99)
    await writer.append_all([(stream_of(new), registered())])
    shown: list[str] = []

    def evolve_and_note(document: Document | None, event: Event) -> Document:
        shown.append(event.record.subject.removeprefix("trial/"))
        return evolve(document, event)

    monkeypatch.setattr(retrying, "SLICE", 0.0)
    monkeypatch.setattr(retrying, "MOST_LISTED", 4)
    await project(writer.log, database_url, replace(folding_with(PROGRAM, evolve_and_note), name="able"))
    retried = await seen(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert sorted(shown) == sorted([*trials, new])
    assert shown.index(new) == 1
    assert retried == await seen(database_url)
    assert retried[1] == []


async def test_a_record_whose_body_or_stream_can_not_be_read_holds_up_its_stream_alone(database_url: str) -> None:
    writer = await written(history()[:3])
    await writer.append_raw(STREAM, b"{")
    await writer.append_raw("trial/\0", b"{}")
    await writer.append(STREAM, site_added("site-2"))
    await writer.append(OTHER, amended(("/phase", None, "3")))

    await project(writer.log, database_url)

    found = [(one.stream, one.version, one.reason) for one in await listed(database_url) if one.view == "history"]
    assert sorted(found) == [
        ("trial/\0", 1, "NotUnderstood"),
        (STREAM, 3, "MalformedRecord"),
        (STREAM, 4, ""),
    ]
    assert await versions(database_url) == {trial_id(1): 2, trial_id(2): 2}
    stumbled = await seen(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)
    assert await seen(database_url) == stumbled


async def test_one_view_rebuilt_alone_takes_what_it_can_and_the_rest_stays_set_aside(database_url: str) -> None:
    writer = await written(history())
    await project(writer.log, database_url, CLUMSY)

    await rebuild(writer.log, TOPIC, database_url, ["search"], program=PROGRAM)

    assert {one.view for one in await listed(database_url)} == set(OF_A_TRIAL) - {"search"}
    await writer.append(STREAM, site_added("site-3"))
    await project(writer.log, database_url, CLUMSY)
    assert {one.version for one in await listed(database_url) if one.view == "search"} == {6}
    await project(writer.log, database_url)
    retried = await seen(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)
    assert await seen(database_url) == retried
    assert retried[1] == []


async def test_processes_that_share_a_rebuild_set_aside_what_they_can_not_take(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = partial(open_log, "postgres", database_url, [TOPIC])
    log = await opener()
    await Writer(log).append_all(history())
    program = spoiled("record has a number that no index holds")
    await project(log, database_url, program)
    stumbled = await seen(database_url)
    monkeypatch.setattr("projections.engine.rebuild.MANY", 1)

    await rebuild(log, TOPIC, database_url, opener=opener, program=program)

    assert await seen(database_url) == stumbled
    assert stumbled[1]
    await log.close()


PASSING = ("08006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "58030", "XX000", "XX001")
"""Codes of what may pass: connection, serialization, deadlock, disk, memory, sessions, locks, cancelling, shutdown,
input and output, and what is damaged."""


async def test_what_may_pass_sets_nothing_aside_and_is_tried_again(database_url: str) -> None:
    writer = await written(history())
    views = await Views.open(database_url, now)
    async with await connect(database_url) as database:
        for number, code in enumerate(PASSING, start=3):
            await writer.append(stream_of(trial_id(number)), registered())
            await database.execute(FAIL.format(code=code).encode())
            with capture_logs() as lines:
                async with running(writer.log, database_url):
                    await eventually(partial(_interrupted, lines, 2))
                    assert sum((await views.positions()).values()) < sum((await writer.log.ends(TOPIC)).values())
                    await database.execute("drop trigger fail on history")
                    await until_held(writer.log, views)
            assert not [line for line in lines if line["log_level"] == "critical"]
    await views.close()

    assert await listed(database_url) == []
    assert len(await versions(database_url)) == len(PASSING) + 2


FAIL = """
create or replace function fail() returns trigger language plpgsql
    as $$ begin raise exception 'planned' using errcode = '{code}'; end $$;
create trigger fail before insert on history execute function fail();
"""


async def _interrupted(lines: Sequence[object], times: int) -> bool:
    return sum("follower_interrupted" in str(line) for line in lines) >= times


def test_only_what_a_row_meets_each_time_is_refused() -> None:
    def code(sqlstate: str) -> bool:
        return refused(psycopg.errors.lookup(sqlstate)("planned"))

    assert all(map(code, ("22P05", "22021", "22007", "23505", "23502", "54000", "54001")))
    assert not any(map(code, PASSING))
    assert refused(psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"))
    assert not refused(psycopg.OperationalError("the connection is lost"))
    assert not refused(MemoryError())


async def test_memory_that_runs_out_sets_nothing_aside(database_url: str) -> None:
    writer = await written(history())
    with capture_logs() as lines:
        async with running(writer.log, database_url, program=folding_with(PROGRAM, no_memory)):
            await eventually(partial(_interrupted, lines, 2))

    assert await listed(database_url) == []


def no_memory(document: Document | None, event: Event) -> Document:
    raise MemoryError
