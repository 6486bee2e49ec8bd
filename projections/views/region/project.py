"""A region's document as a row."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from events.event import Event
from projections.base.table import Put, Table
from projections.base.view import Document, Documents, View
from projections.programme.document import evolve

REGION: Final = Table("region", ("region", "document"), key=("region",), replaced=True)


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """The row, whole, after each of its events."""
    if after is not None:
        row = (after["region"], to_json(after).decode())
        yield Put(REGION, row[:1], (row,))


VIEW: Final = View(
    "region", __package__, project, (REGION,), category="region", latest=True, documents=Documents(evolve, REGION)
)
