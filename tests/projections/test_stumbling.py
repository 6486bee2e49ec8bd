"""What is set aside of an event, what waits behind it, and what is said of one that can't be read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from psycopg.errors import UniqueViolation

from events.admission import Accepted, Already, Judged, Malformed, Proposal, Superseded, Verdict
from events.event import Event
from events.origin import UNKNOWN
from events.record import Message, Position
from projections.base.table import Put
from projections.catalogue import PROGRAM
from projections.engine.gathering import gather
from projections.engine.program import Program
from projections.engine.stumbling import Holds, SetAside, Unread, event_in, hold, read, read_all, reason_of
from projections.trial.document import Document, timestamp
from tests.projections.trials import BEGINNING, amended, event_of, registered, trial_id
from tests.support.stumbling import OF_A_TRIAL, view_of, with_view

TRIAL = trial_id(1)
FIRST = event_of(TRIAL, 1, registered())
SECOND = event_of(TRIAL, 2, amended(("/acronym", None, "X")))
THIRD = event_of(TRIAL, 3, amended(("/acronym", "X", "Y")))


def rows_of(aside: list[SetAside]) -> list[tuple[str, int, int, str]]:
    return [(one.view, one.version, one.cause, one.reason) for one in aside]


def test_what_is_set_aside_is_told_with_its_place_kind_and_organisation() -> None:
    [one] = hold({}, FIRST, ["search"], "ValueError")

    assert one == SetAside(
        view="search",
        position=FIRST.position,
        stream=f"trial/{TRIAL}",
        version=1,
        type="trial.registered.v1",
        organisation=FIRST.record.onbehalfof,
        recorded=FIRST.recorded,
        cause=FIRST.position.offset,
        reason="ValueError",
    )
    assert not one.waits
    assert rows_of(hold({}, FIRST, ["search"])) == [("search", 1, FIRST.position.offset, "")]


def test_no_type_and_no_organisation_is_told_that_may_hold_anything() -> None:
    spoiled = replace(FIRST, record=replace(FIRST.record, type="A\n", onbehalfof="\n"))
    [one] = hold({}, spoiled, ["search"], "ValueError")

    assert (one.type, one.organisation) == ("unreadable", "")


def test_what_waits_names_the_first_of_its_stream_and_no_reason_of_its_own() -> None:
    holds: Holds = {}
    hold(holds, FIRST, ["search"], "ValueError")
    [waiting] = hold(holds, SECOND, ["search"], "KeyError", 99)
    [behind_first] = hold(holds, SECOND, ["record"], "KeyError", FIRST.position.offset)

    assert rows_of([waiting, behind_first]) == [
        ("search", 2, FIRST.position.offset, ""),
        ("record", 2, FIRST.position.offset, ""),
    ]
    assert waiting.waits


def judged(verdict: Verdict, *headers: tuple[str, bytes]) -> Judged:
    """A record whose body is no JSON."""
    proposal = Proposal(UUID(int=7), f"trial/{TRIAL}", 3, b"p" * 32)
    return Judged(Position(1, 5), BEGINNING, verdict, Message(b"key", headers, b"{"), b"d" * 32, proposal)


def unread(*headers: tuple[str, bytes]) -> Unread:
    found = read(judged(Accepted(1), *headers))
    assert isinstance(found, Unread)
    return found


def test_events_are_what_was_accepted_alone() -> None:
    records = [judged(verdict) for verdict in (Superseded(1), Accepted(2), Already(1), Malformed(), Accepted(3))]

    assert [event_in(one).version for one in read_all(records)] == [2, 3]


def test_of_a_fault_the_kind_is_told_and_never_what_it_says() -> None:
    assert reason_of(ValueError("Hanako")) == "ValueError"
    assert reason_of(UniqueViolation("Hanako")) == "UniqueViolation 23505"
    with pytest.raises(MemoryError):
        reason_of(MemoryError())
    assert unread().reason == "MalformedRecord"


def test_of_a_body_that_can_not_be_read_the_headers_are_told() -> None:
    event = event_in(unread(("ce_type", b"trial.published.v1"), ("ce_onbehalfof", b"kyoto")))

    assert (event.position, event.recorded, event.version, event.digest) == (Position(1, 5), BEGINNING, 1, b"d" * 32)
    assert (event.record.id, event.record.subject) == (UUID(int=7), f"trial/{TRIAL}")
    assert (event.record.type, event.record.onbehalfof) == ("trial.published.v1", "kyoto")
    assert (event.record.time, event.record.data, event.record.actor) == (BEGINNING, {}, "")
    assert (event.record.expectedversion, event.record.previoushash) == (3, b"p" * 32)
    assert (event.record.commandhash, event.record.origin) == (b"", UNKNOWN)


def test_a_header_that_is_no_utf_8_is_told_as_far_as_it_is() -> None:
    assert event_in(unread(("ce_onbehalfof", b"kyoto \xff"))).record.onbehalfof == "kyoto \ufffd"


def test_headers_that_are_missing_are_unreadable() -> None:
    event = event_in(unread())

    assert (event.record.type, event.record.onbehalfof) == ("unreadable", "")


def stumbling_at(view: str, version: int) -> Program:
    """The program, of which a view can't take the event that makes the version."""
    project = view_of(PROGRAM, view).project

    def stumble(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
        if event.version == version:
            raise ValueError("planned")
        yield from project(event, before, after)

    return with_view(PROGRAM, view, project=stumble)


def test_an_event_that_history_can_not_take_is_nowhere_and_what_follows_waits_behind_it() -> None:
    documents: dict[str, Document] = {}
    gathered = gather([FIRST, SECOND, THIRD], documents, stumbling_at("history", 2))

    offset = SECOND.position.offset
    assert sorted(rows_of(gathered.aside)) == sorted(
        [(view, 2, offset, "ValueError") for view in OF_A_TRIAL] + [(view, 3, offset, "") for view in OF_A_TRIAL]
    )
    assert documents[f"trial/{TRIAL}"]["version"] == 1


def test_documents_go_on_where_one_view_stumbles() -> None:
    documents: dict[str, Document] = {}
    gathered = gather([FIRST, SECOND, THIRD], documents, stumbling_at("search", 2))

    assert documents[f"trial/{TRIAL}"]["version"] == 3
    assert {one.view for one in gathered.aside} == {"search"}
    assert {table.name for table in gathered.rows} >= {"record", "history"}


def test_what_a_view_shows_already_is_neither_put_nor_set_aside_again() -> None:
    calls: list[tuple[str, int]] = []

    def shown(view: str, event: Event) -> bool:
        calls.append((view, event.version))
        return event.version == 1

    gathered = gather([FIRST, SECOND], {}, stumbling_at("history", 1), shown=shown)

    assert gathered.aside == []
    assert {("history", 1), ("history", 2), ("record", 1)} <= set(calls)


@pytest.mark.parametrize("hours", [-5, 0, 9])
def test_a_time_is_told_in_utc_wherever_it_was_written(hours: int) -> None:
    moment = datetime(2026, 11, 22, 3, 4, 5, 678_000, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))

    assert timestamp(moment) == "2026-11-22T03:04:05.678Z"
