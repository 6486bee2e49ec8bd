"""The catalogue lists every view, and what each says of its tables is what PostgreSQL has."""

from pathlib import Path

import pytest

import projections.views
from projections.base.connecting import Connection, connect
from projections.base.table import UNTIL, Table
from projections.base.view import View
from projections.catalogue import PROGRAM, VIEWS
from projections.engine import schema
from projections.engine.program import category_of

COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'views' and table_name = %s order by ordinal_position
"""
KEY = """
select attribute.attname from pg_index
join pg_attribute as attribute on attribute.attrelid = indrelid and attribute.attnum = any(indkey)
where indrelid = %s::regclass and indisprimary order by array_position(indkey::smallint[], attribute.attnum)
"""


def test_every_folder_with_a_project_is_in_the_catalogue_under_its_name() -> None:
    [folder] = projections.views.__path__
    folders = {file.parent.name for file in Path(folder).glob("*/project.py")}

    assert folders
    assert {view.name: view.package for view in VIEWS} == {name: f"projections.views.{name}" for name in folders}


def test_the_views_are_touched_in_one_order() -> None:
    assert PROGRAM.names == ("record", "history", "search", "consequences", "programme", "region")
    assert [table.name for table in PROGRAM.tables] == [
        *("record", "history", "search_words", "search_beside", "search_shown", "search", "search_past", "consequence"),
        *("programme", "region"),
    ]


def test_no_table_and_no_category_belongs_to_two_views() -> None:
    tables = [table.name for table in PROGRAM.tables]

    assert len(tables) == len({*tables, *schema.OWN}) - len(schema.OWN)
    assert len(PROGRAM.documents) == sum(view.documents is not None for view in VIEWS)


async def test_what_a_view_says_of_its_tables_is_what_they_are(database_url: str) -> None:
    async with await connect(database_url) as connection:
        await schema.ensure(connection, PROGRAM)
        for table in PROGRAM.tables:
            assert await _names(connection, COLUMNS, table) == table.columns
            assert await _names(connection, KEY, table) == table.key


async def _names(connection: Connection, statement: str, table: Table) -> tuple[str, ...]:
    rows = await (await connection.execute(statement.encode(), (table.name,))).fetchall()
    return tuple(name for (name,) in rows)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_what_a_view_declares_fits_together(view: View) -> None:
    for table in view.tables:
        assert table.columns[: len(table.key)] == table.key
        if table.past is not None:
            assert table.past in view.tables
            assert table.past.columns == (*table.columns, *UNTIL)
            assert len(table.key) == 2
    if view.documents is not None:
        assert view.category
        assert view.documents.table in view.tables
        assert "document" in view.documents.table.columns
    if view.event_of is not None:
        assert len(view.tables) == 1


@pytest.mark.parametrize(("stream", "category"), [("trial/1", "trial"), ("trial/", "trial"), ("trial", ""), ("/1", "")])
def test_a_category_is_what_stands_before_the_slash(stream: str, category: str) -> None:
    assert category_of(stream) == category


def test_streams_of_one_category_have_documents() -> None:
    assert PROGRAM.documents_of("trial/1") is PROGRAM.documents["trial"]
    assert PROGRAM.documents_of("trial") is PROGRAM.documents_of("import/1") is None


def test_some_views_alone_come_with_those_that_keep_documents() -> None:
    assert PROGRAM.only(["search"]).names == ("record", "search", "consequences", "programme", "region")
    assert PROGRAM.only(["history"]).names == ("record", "history", "consequences", "programme", "region")
