"""The document of a ward lists the sites that its events named; a table has what holds now, with its past."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from events.event import Event
from projections.base.table import SINCE, UNTIL, Put, Table
from projections.base.view import Document, Documents, View

ENTRY: Final = ("ward", "version", "partition", *SINCE, "newest", "beds")
WARD: Final = Table("ward", ("ward", "document"), key=("ward",), replaced=True)
PAST: Final = Table("ward_named_past", (*ENTRY, *UNTIL), key=("ward", "version"))
NAMED: Final = Table("ward_named", ENTRY, key=("ward", "version"), past=PAST)


def evolve(document: Document | None, event: Event) -> Document:
    before = document["named"] if document else []
    return {"version": event.version, "named": [*before, event.record.data["site"]["site"]]}


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    if after is None:
        return
    ward = event.record.subject.removeprefix("ward/")
    yield Put(WARD, (ward,), ((ward, to_json(after).decode()),))
    since = (event.position.partition, event.recorded, event.position.offset)
    beds = f"[1,{event.version + 1})"
    yield Put(NAMED, (ward, event.version), ((ward, event.version, *since, after["named"][-1], beds),))


VIEW: Final = View(
    "wards", __package__, project, (WARD, NAMED, PAST), category="ward", documents=Documents(evolve, WARD)
)
