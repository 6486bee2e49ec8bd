"""An accepted event as a row of the history view."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from events.canonical import to_json
from events.changes import diff
from events.event import Event
from events.origin import Origin
from events.record import Position, Record, written
from projections.base.table import Put, Row, Table
from projections.base.view import Document, View
from projections.trial.document import is_public

HISTORY: Final = Table(
    "history",
    (
        "stream", "version", "id", "type", "partition", "offset", "recorded", "digest", "attributes", "data", "changes",
        "standing",
    ),
    key=("stream", "version"),
)  # fmt: skip
BOOKKEEPING: Final = frozenset(
    {
        "version",
        "position",
        "first_recorded",
        "last_recorded",
        "last_changed",
        "published_recorded",
        "withheld",
        "confirmed",
        "confirmed_before",
        # The events themselves, in documents that keep them: the history has each in a row of its own.
        "events",
    }
)
FOLLOWED: Final = ("last_changed", "published_recorded", "confirmed", "confirmed_before")
"""The part of the bookkeeping that a reader of the feed can't derive from the changes and the event's place."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event with its changes, and the standing of its stream's document after it and before; see `standing`.

    `before` is None for the first event of a stream.
    """

    event: Event
    changes: list[dict[str, Any]]
    after: dict[str, Any]
    before: dict[str, Any] | None


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """One row for each event, whatever its stream."""
    record = event.record
    row = (
        record.subject,
        event.version,
        record.id,
        record.type,
        event.position.partition,
        event.position.offset,
        event.recorded,
        event.digest,
        to_json(_attributes(record)).decode(),
        to_json(record.data).decode(),
        to_json(changed(before, after)).decode(),
        to_json(standing(before, after)).decode(),
    )
    yield Put(HISTORY, (record.subject, event.version), (row,))


def event_of(row: Row) -> Event:
    """The event that a row shows."""
    stream, version, event, kind, partition, offset, recorded, digest, attributes, data, *_ = row
    record = Record(
        id=event,
        type=kind,
        subject=stream,
        expectedversion=attributes["expectedversion"],
        previoushash=bytes.fromhex(attributes["previoushash"]),
        commandhash=bytes.fromhex(attributes["commandhash"]),
        actor=attributes["actor"],
        onbehalfof=attributes["onbehalfof"],
        time=datetime.fromisoformat(attributes["time"]),
        data=data,
        origin=Origin(attributes["base"], attributes["log"]),
        revision=attributes["revision"],
        extensions=attributes["extensions"],
    )
    return Event(Position(partition, offset), recorded, version, digest, record)


def changed(before: Document | None, after: Document | None) -> list[dict[str, Any]]:
    """The fields that differ, as {"field": JSON Pointer, "old", "new"}; none for a first event, whose data says all."""
    if before is None or after is None:
        return []
    # Documents share the parts that an event did not change, so leaving these out is cheap.
    names = {name for name in (before.keys() | after.keys()) - BOOKKEEPING if before.get(name) is not after.get(name)}
    old, new = ({name: document[name] for name in names if name in document} for document in (before, after))
    return [{"field": field, "old": was, "new": now} for field, was, now in diff(old, new)]


def standing(before: Document | None, after: Document | None) -> dict[str, Any]:
    """The values of the trial after the event that the feed needs; empty for events of other streams.

    `public`, `owner` and `number` where it has them, and `marks`: the bookkeeping that changed, as `changed` gives it.
    """
    if after is None:
        return {}
    number = after.get("number", after.get("home", {}).get("number"))
    named = {"owner": after.get("owner"), "number": number}
    marks = [] if before is None else [_mark(before, after, name) for name in FOLLOWED if _differs(before, after, name)]
    known = {name: value for name, value in named.items() if value is not None}
    return {"public": is_public(after), "marks": marks, **known}


def _differs(before: Document, after: Document, name: str) -> bool:
    return bool(before.get(name) != after.get(name))


def _mark(before: Document, after: Document, name: str) -> dict[str, Any]:
    return {"field": f"/{name}", "old": before.get(name), "new": after.get(name)}


def _attributes(record: Record) -> dict[str, Any]:
    return {
        "expectedversion": record.expectedversion,
        "previoushash": record.previoushash.hex(),
        "commandhash": record.commandhash.hex(),
        "actor": record.actor,
        "onbehalfof": record.onbehalfof,
        "time": written(record.time),
        "base": record.origin.base,
        "log": record.origin.log,
        "revision": record.revision,
        "extensions": dict(record.extensions),
    }


VIEW: Final = View("history", __package__, project, (HISTORY,), event_of=event_of)
