"""A consequence's document as a row: the refused command, the reason, and its progress."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from events.canonical import to_json
from events.event import Event
from events.streams import Stream
from projections.base.table import Put, Table
from projections.base.view import Document, Documents, View
from projections.trial.document import timestamp

CONSEQUENCE: Final = Table(
    "consequence", ("consequence", "policy", "open", "since", "document"), key=("consequence",), replaced=True
)
COPIED: Final = ("policy", "cause", "target", "command", "content", "faults")
OPEN: Final = frozenset({"open", "retrying"})
"""The progress of consequences that the office still has to deal with, or waits for."""


def evolve(document: Document | None, event: Event) -> Document:
    """The document after the event."""
    data, recorded = event.record.data, timestamp(event.recorded)
    before = document or {"consequence": Stream(event.record.subject).id, "since": recorded, "refusals": 0}
    known = {**before, "version": event.version, "changed": recorded}
    match event.record.type:
        case "consequence.refused.v1":
            stated: Document = {name: data[name] for name in COPIED if name in data}
            return {**known, **stated, "status": "open", "refusals": before["refusals"] + 1}
        case "consequence.retry-asked.v1":
            return {**known, "status": "retrying"}
        case "consequence.settled.v1":
            return {**known, "status": "settled", **({"made": data["version"]} if "version" in data else {})}
        case "consequence.closed.v1":
            return {**known, "status": "closed", "reason": data["reason"]}
        case kind:
            raise ValueError(f"{kind} is no event of a consequence")


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """The row, whole, after each of its events."""
    if after is not None:
        since = datetime.fromisoformat(after["since"])
        row = (after["consequence"], after["policy"], after["status"] in OPEN, since, to_json(after).decode())
        yield Put(CONSEQUENCE, row[:1], (row,))


VIEW: Final = View(
    "consequences",
    __package__,
    project,
    (CONSEQUENCE,),
    category="consequence",
    latest=True,
    documents=Documents(evolve, CONSEQUENCE),
)
