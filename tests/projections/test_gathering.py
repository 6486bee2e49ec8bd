"""The rows that a batch gives to the views."""

from hypothesis import given

from events.canonical import from_json, to_json
from events.event import Event
from events.schemas.values import Value
from projections.document import Document
from projections.gathering import VIEWS, Rows, gather
from tests.projections.trials import HISTORIES, event_of


@given(HISTORIES)
def test_rows_do_not_depend_on_where_a_batch_ends_and_documents_are_stored(history: list[tuple[str, Value]]) -> None:
    events, versions = [], dict.fromkeys((stream for stream, _ in history), 0)
    for stream, payload in history:
        versions[stream] += 1
        events.append(event_of(stream.removeprefix("trial/"), versions[stream], payload))

    assert one_by_one(events) == gather(events, {}, VIEWS).rows


def one_by_one(events: list[Event]) -> Rows:
    gathered: Rows = {}
    stored: dict[str, bytes] = {}
    for event in events:
        documents: dict[str, Document] = {trial: from_json(document) for trial, document in stored.items()}
        for table, rows in gather([event], documents, VIEWS).rows.items():
            gathered.setdefault(table, {}).update(rows)
        stored = {trial: to_json(document) for trial, document in documents.items()}
    return gathered
