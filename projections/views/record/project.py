"""A trial's document as a row of the record view."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from events.event import Event
from projections.base.table import Put, Table
from projections.base.view import Documents, View
from projections.trial.document import Document, evolve
from projections.trial.identifiers import former_of, normalise, numbers_of

RECORD: Final = Table(
    "record", ("trial", "number", "home", "known", "former", "document"), key=("trial",), replaced=True
)


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """The trial's row, whole, after each of its events."""
    if after is not None:
        known = list(dict.fromkeys(numbers_of(after)))
        former = sorted({*map(normalise, former_of(after))} - {*known})
        row = (after["trial"], after.get("number"), "home" in after, known, former, to_json(after).decode())
        yield Put(RECORD, (after["trial"],), (row,))


VIEW: Final = View(
    "record", __package__, project, (RECORD,), category="trial", latest=True, documents=Documents(evolve, RECORD)
)
