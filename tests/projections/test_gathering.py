"""The rows that a batch gives to the views, and what the views could not take of it."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from events.canonical import from_json, to_json
from events.event import Event
from events.schemas.values import Value
from projections.base.table import Put, Table
from projections.base.view import Documents, Project, View
from projections.catalogue import PROGRAM
from projections.engine.gathering import Gathered, Rows, gather, streams_of
from projections.engine.program import Program
from projections.engine.stumbling import Holds, SetAside, Unread
from projections.trial.document import Document, evolve
from tests.projections.trials import HISTORIES, amended, event_of, registered, trial_id
from tests.support.stumbling import with_view

TRIAL = trial_id(1)
STREAM = f"trial/{TRIAL}"
FIRST, SECOND, THIRD, FOURTH = [
    event_of(TRIAL, version, payload)
    for version, payload in enumerate([registered(), *(amended(("/acronym", None, name)) for name in "ABC")], start=1)
]
ALL = [FIRST, SECOND, THIRD, FOURTH]


@given(HISTORIES)
def test_rows_do_not_depend_on_where_a_batch_ends_and_documents_are_stored(history: list[tuple[str, Value]]) -> None:
    events, versions = [], dict.fromkeys((stream for stream, _ in history), 0)
    for stream, payload in history:
        versions[stream] += 1
        events.append(event_of(stream.removeprefix("trial/"), versions[stream], payload))

    assert one_by_one(events) == gather(events, {}, PROGRAM).rows


def test_a_batch_is_let_go_at_once_with_all_that_was_made_of_it() -> None:
    gc.collect()
    gc.disable()
    try:
        gather(ALL, {}, PROGRAM)
        still_there = [one for one in gc.get_objects() if type(one).__module__ == gather.__module__]
    finally:
        gc.enable()

    assert still_there == []


def one_by_one(events: list[Event]) -> Rows:
    gathered: Rows = {}
    stored: dict[str, bytes] = {}
    for event in events:
        documents: dict[str, Document] = {stream: from_json(document) for stream, document in stored.items()}
        for table, rows in gather([event], documents, PROGRAM).rows.items():
            gathered.setdefault(table, {}).update(rows)
        stored = {stream: to_json(document) for stream, document in documents.items()}
    return gathered


def version(document: Document | None) -> int | None:
    return document["version"] if document else None


VIEWS = ["record", "history", "board", "search"]
LATEST = ["record", "board"]


def program(**stumbles: int) -> Program:
    """Views whose row is the versions of the event and of the documents around it.

    A view that is named can't take the event of that version, and finds this out after its first row.
    """
    tables = {name: Table(name, ("event", "before", "after"), key=("event",)) for name in VIEWS}

    def projecting(name: str) -> Project:
        def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
            yield Put(tables[name], (event.version,), ((event.version, version(before), version(after)),))
            if stumbles.get(name) == event.version:
                raise ValueError("planned")

        return project

    views = [View(name, "", projecting(name), (tables[name],), latest=name in LATEST) for name in VIEWS]
    record, history, *others = views
    record = replace(record, category="trial", documents=Documents(evolve, tables["record"]))
    return Program((record, replace(history, event_of=lambda row: row[0]), *others), 1)


def put(gathered: Gathered) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each view."""
    return {table.name: [row for rows in keyed.values() for row in rows] for table, keyed in gathered.rows.items()}


def rows_of(aside: list[SetAside]) -> list[tuple[str, int, int, str]]:
    return [(one.view, one.version, one.cause, one.reason) for one in aside]


EACH = [(1, None, 1), (2, 1, 2), (3, 2, 3), (4, 3, 4)]
TOGETHER = [(4, None, 4)]
WHOLE = {"history": EACH, "search": EACH, "record": TOGETHER, "board": TOGETHER}
ALL_VIEWS = ["history", "record", "board", "search"]
"""In the order in which an event is set aside for them: first the one that it stumbled in."""
STUMBLING: list[tuple[dict[str, int], dict[str, Any], list[tuple[str, int, int, str]]]] = [
    ({}, WHOLE, []),
    (
        {"search": 2},
        WHOLE | {"search": EACH[:1]},
        [("search", 2, 1, "ValueError"), ("search", 3, 1, ""), ("search", 4, 1, "")],
    ),
    # Of the latest documents a view has to show the last alone, so one in between is no trouble.
    ({"board": 2}, WHOLE, []),
    ({"board": 4}, WHOLE | {"board": EACH[:3]}, [("board", 4, 3, "ValueError")]),
    (
        {"history": 3},
        {"history": EACH[:2], "search": EACH[:2], "record": [(2, None, 2)], "board": [(2, None, 2)]},
        [
            *[(view, 3, 2, "ValueError") for view in ALL_VIEWS],
            *[(view, 4, 2, "") for view in ("record", "history", "board", "search")],
        ],
    ),
]


@pytest.mark.parametrize(("stumbles", "rows", "aside"), STUMBLING)
def test_a_view_that_stumbles_shows_what_came_before_and_the_others_go_on(
    stumbles: dict[str, int], rows: dict[str, Any], aside: list[tuple[str, int, int, str]]
) -> None:
    gathered = gather(ALL, {}, program(**stumbles))

    assert put(gathered) == rows
    assert rows_of(gathered.aside) == aside


def whole_from(shown: int) -> dict[str, Any]:
    """The rows of views that show all up to a version already."""
    return {view: [(4, shown, 4)] if view in LATEST else EACH[shown:] for view in VIEWS}


@pytest.mark.parametrize(
    ("held_from", "shown", "rows", "aside"),
    [
        ({"board": 2}, 0, WHOLE | {"board": [(2, None, 2)]}, [("board", 3, 2, ""), ("board", 4, 2, "")]),
        ({"board": 2}, 1, whole_from(1) | {"board": [(2, 1, 2)]}, [("board", 3, 2, ""), ("board", 4, 2, "")]),
        ({"board": 2}, 3, whole_from(3) | {"board": None}, [("board", 4, 2, "")]),
        ({"board": 2}, 4, {}, []),
        ({"board": 9}, 0, WHOLE, []),
        ({}, 2, whole_from(2), []),
    ],
)
def test_rows_are_of_what_a_view_neither_shows_already_nor_holds_back(
    held_from: dict[str, int], shown: int, rows: dict[str, Any], aside: list[Any]
) -> None:
    """`held_from`: the offset from which on a view waits; `shown`: the version up to which each view shows all."""
    holds: Holds = {STREAM: dict(held_from)}
    gathered = gather(ALL, {}, program(), holds=holds, shown=lambda _, event: event.version <= shown)

    assert put(gathered) == {view: expected for view, expected in rows.items() if expected is not None}
    assert rows_of(gathered.aside) == aside
    assert holds == {STREAM: held_from}


def unread(event: Event) -> Unread:
    return Unread(event, "MalformedRecord")


def test_what_can_not_be_read_is_set_aside_everywhere_with_its_reason_and_what_follows_waits() -> None:
    documents: dict[str, Document] = {}
    gathered = gather([FIRST, unread(SECOND), THIRD], documents, program())

    assert rows_of(gathered.aside) == [
        *[(view, 2, 1, "MalformedRecord") for view in VIEWS],
        *[(view, 3, 1, "") for view in VIEWS],
    ]
    assert version(documents[STREAM]) == 1


def test_what_a_view_shows_already_is_not_set_aside_of_it() -> None:
    gathered = gather([FIRST, unread(SECOND)], {}, program(), shown=lambda view, _: view == "board")

    assert [one.view for one in gathered.aside] == [view for view in VIEWS if view != "board"]


def test_memory_that_ran_out_is_no_property_of_an_event() -> None:
    def exhausted(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
        if version(before) != event.version - 1:
            raise MemoryError
        yield from ()

    with pytest.raises(MemoryError):
        gather(ALL, {}, with_view(program(), "record", project=exhausted))


def test_a_document_stands_still_from_where_the_history_waits_on() -> None:
    documents = {STREAM: evolve(None, FIRST)}
    gathered = gather([SECOND], documents, program(), holds={STREAM: {"history": 0}})

    assert put(gathered) == {}
    assert rows_of(gathered.aside) == [(view, 2, 0, "") for view in VIEWS]
    assert version(documents[STREAM]) == 1


def test_without_a_history_nothing_is_shown_that_the_record_holds_back() -> None:
    holds: Holds = {STREAM: {"record": 0}}
    gathered = gather([SECOND], {STREAM: evolve(None, FIRST)}, program().only(["search"]), holds=holds)

    assert put(gathered) == {}
    assert rows_of(gathered.aside) == [("record", 2, 0, ""), ("search", 2, 0, "")]


@pytest.mark.parametrize("missing", [FIRST, SECOND])
def test_an_event_that_follows_none_that_is_known_is_out_of_order(missing: Event) -> None:
    events = [event for event in ALL[:3] if event != missing]
    gathered = gather(events, {}, program())

    following = missing.version + 1
    assert [one for one in rows_of(gathered.aside) if one[1] == following] == [
        (view, following, missing.version, "OutOfOrder") for view in VIEWS
    ]


def of_stream(stream: str) -> Event:
    return replace(FIRST, record=replace(FIRST.record, subject=stream))


def test_events_of_other_streams_are_in_the_views_and_have_no_document() -> None:
    documents: dict[str, Document] = {}
    gathered = gather([of_stream("import/1")], documents, program())

    assert put(gathered) == {"history": [(1, None, None)], "search": [(1, None, None)]}
    assert documents == {}


def test_a_view_of_a_category_is_asked_of_no_other() -> None:
    for latest in (False, True):
        others = with_view(program(search=1), "search", category="import", latest=latest)
        gathered = gather(ALL, {}, others)

        assert put(gathered) == {name: rows for name, rows in WHOLE.items() if name != "search"}
        assert gathered.aside == []
    [one] = gather([of_stream("import/1")], {}, with_view(program(search=1), "search", category="import")).aside
    assert (one.view, one.reason) == ("search", "ValueError")


def test_streams_of_a_category_with_documents_have_one() -> None:
    events = [FIRST, SECOND, of_stream("import/1"), unread(of_stream("trial/2")), of_stream("trials/3")]

    assert streams_of(events, PROGRAM) == {STREAM, "trial/2"}


def test_the_latest_rows_of_two_trials_do_not_mix() -> None:
    other = event_of(trial_id(2), 1, registered())
    gathered = gather([FIRST, other, SECOND], {}, PROGRAM.only(["record"]))

    [(table, rows)] = gathered.rows.items()
    document = table.columns.index("document")
    assert {key: version(from_json(row[document].encode())) for key, (row,) in rows.items()} == {
        (TRIAL,): 2,
        (trial_id(2),): 1,
    }
