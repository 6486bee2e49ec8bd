"""The engine knows no aggregate: a program with another one, its documents and its entries, keeps the same promises."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest

from events.event import Event
from events.record import Position
from events.schemas.values import Value
from projections.base.connecting import connect
from projections.base.moments import Moment
from projections.base.table import Put
from projections.base.view import Document
from projections.catalogue import REVISION, VIEWS
from projections.engine import aside
from projections.engine.dump import dump
from projections.engine.program import Program
from projections.engine.rebuild import rebuild
from projections.reading import Views
from projections.trial.document import stream_of
from tests.projections.trials import TOPIC, Writer, amended, memory_log, now, registered, site_added, trial_id
from tests.projections.views import running, until_held
from tests.projections.wards.project import NAMED, PAST, VIEW, project
from tests.support.drivers import open_log
from tests.support.stumbling import with_view

WARDS = Program((*VIEWS, VIEW), REVISION)
TRIAL = stream_of(trial_id(1))
EAST, WEST = "ward/east", "ward/west"
HISTORY: list[tuple[str, Value]] = [
    (TRIAL, registered()),
    (EAST, site_added("a")),
    (WEST, site_added("b")),
    (EAST, site_added("c")),
    (TRIAL, amended(("/phase", None, "3"))),
    (EAST, site_added("d")),
]


async def shown(url: str, program: Program) -> tuple[list[bytes], list[tuple[str, str, int]]]:
    """What the views show, and what is set aside."""
    async with await connect(url) as connection:
        set_aside = [(one.view, one.stream, one.version) for one in await aside.listed(connection)]
    return [line async for line in dump(url, program=program)], set_aside


async def followed(writer: Writer, url: str, program: Program, batches: Sequence[Sequence[tuple[str, Value]]]) -> None:
    """Each batch is recorded once the views hold the one before, by a runner that knows no document yet."""
    views = await Views.open(url, now, program=program)
    try:
        for batch in batches:
            await writer.append_all(batch)
            async with running(writer.log, url, program=program):
                await until_held(writer.log, views)
    finally:
        await views.close()


async def test_views_of_two_aggregates_are_the_same_followed_and_rebuilt(database_url: str) -> None:
    writer = Writer(memory_log())
    await followed(writer, database_url, WARDS, [[one] for one in HISTORY])
    incremental = await shown(database_url, WARDS)

    assert incremental[1] == []
    assert sum(b'"view":"wards"' in line for line in incremental[0]) == 2 + 4
    assert any(b'"beds":"[1,4)"' in line for line in incremental[0])
    await rebuild(writer.log, TOPIC, database_url, program=WARDS)
    assert await shown(database_url, WARDS) == incremental
    await rebuild(writer.log, TOPIC, database_url, ["wards"], program=WARDS)
    assert await shown(database_url, WARDS) == incremental


async def test_processes_that_share_a_rebuild_know_both_aggregates(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = partial(open_log, "postgres", database_url, [TOPIC])
    log = await opener()
    await followed(Writer(log), database_url, WARDS, [HISTORY])
    incremental = await shown(database_url, WARDS)
    monkeypatch.setattr("projections.engine.rebuild.MANY", 1)

    await rebuild(log, TOPIC, database_url, program=WARDS, opener=opener)

    assert await shown(database_url, WARDS) == incremental
    await log.close()


async def test_documents_of_any_stream_are_read_now_and_as_of_a_moment(database_url: str) -> None:
    writer = Writer(memory_log())
    await followed(writer, database_url, WARDS, [HISTORY])
    views = await Views.open(database_url, now, program=WARDS)
    second = (await views.events(EAST))[1]

    assert await views.document_of(EAST) == {"version": 3, "named": ["a", "c", "d"]}
    assert await views.document_of(EAST, Moment(second.recorded)) == {"version": 2, "named": ["a", "c"]}
    assert await views.document_of("ward/north") is None
    assert await views.document_of("import/1") is None
    assert await newest(views, second.position) == [("east", "c"), ("west", "b")]
    await views.close()


async def newest(views: Views, position: Position) -> list[tuple[str, str]]:
    """The entries that held just after the position."""
    place = "case when partition = %(partition)s then {0}_offset <= %(offset)s else {0} <= %(moment)s end"
    columns = ", ".join(NAMED.columns)
    statement = (
        f"select ward, newest from (select {columns} from {NAMED.name} where {place.format('since')} union all"
        f" select {columns} from {PAST.name} where {place.format('since')} and not {place.format('until')}) as held"
        " order by ward"
    )
    async with views.connection() as connection:
        (moment,) = await (
            await connection.execute(
                'select recorded from history where partition = %s and "offset" = %s', tuple(position)
            )
        ).fetchone() or (None,)
        parameters = {"partition": position.partition, "offset": position.offset, "moment": moment}
        return await (await connection.execute(statement, parameters)).fetchall()


def stumble(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """Puts a ward that no text can hold where its second event is shown."""
    for put in project(event, before, after):
        yield replace(put, rows=tuple((*row[:-1], "\0") for row in put.rows)) if event.version == 2 else put


async def test_what_one_aggregates_view_can_not_take_holds_up_its_stream_there_alone(database_url: str) -> None:
    writer = Writer(memory_log())
    older = replace(with_view(WARDS, "wards", project=stumble), name="older")
    await followed(writer, database_url, older, [HISTORY[:4], HISTORY[4:]])
    stumbled = await shown(database_url, older)

    assert stumbled[1] == [("wards", EAST, 2), ("wards", EAST, 3)]
    await rebuild(writer.log, TOPIC, database_url, program=older)
    assert await shown(database_url, older) == stumbled

    await followed(writer, database_url, WARDS, [[(WEST, site_added("e"))]])
    async with running(writer.log, database_url, program=WARDS):
        views = await Views.open(database_url, now, program=WARDS)
        assert await views.wait_for(await writer.append(EAST, site_added("f")), 20)
        await views.close()
    retried = await shown(database_url, WARDS)
    await rebuild(writer.log, TOPIC, database_url, program=WARDS)
    assert await shown(database_url, WARDS) == retried
    assert retried[1] == []


def test_a_view_is_given_the_documents_of_its_own_category() -> None:
    assert [view.category for view in WARDS.views] == [*(view.category for view in VIEWS), "ward"]
    assert {category: documents.table.name for category, documents in WARDS.documents.items()} == {
        category: category for category in WARDS.documents
    } | {"trial": "record"}
