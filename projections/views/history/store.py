"""Reading the history view: events of a stream, as they came from the log, and the changes of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from events.event import Event
from events.record import Position
from projections.base.connecting import Connection
from projections.base.moments import Moment
from projections.base.scripts import script
from projections.views.history.project import Change, event_of


def _of_moment(name: str) -> Callable[[Moment | None], bytes]:
    """A file's statement, as of a moment or for current rows."""
    current, until = script(__package__, name), script(__package__, name, "until.sql")
    return lambda moment: current if moment is None else until


READ: Final = _of_moment("read.sql")
FOLDED: Final = _of_moment("folded.sql")
LATEST: Final = _of_moment("latest.sql")
LAST: Final = _of_moment("last.sql")
CORRECTIONS: Final = _of_moment("corrections.sql")
BETWEEN: Final = script(__package__, "between.sql")
BY_ID: Final = (
    'select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes'
    " from history where id = %(id)s and (%(stream)s::text is null or stream = %(stream)s)"
    ' order by recorded, partition, "offset" limit 1'
)

UNDER_KEY: Final = (
    'select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes'
    " from history where id = %(id)s and split_part(stream, '/', 1) = any(%(categories)s)"
    " order by (attributes ->> 'onbehalfof') is distinct from %(organisation)s, recorded, partition, \"offset\""
    " limit %(limit)s"
)
CORRECTING: Final = (
    "trial.corrected.v1",
    "trial.event-corrected.v1",
    "programme.event-corrected.v1",
    "region.event-corrected.v1",
)
OPENING: Final = ("trial.imported.v1", "trial.published.v1", "trial.adopted.v1", "trial.restored.v1")
"""The events with which a trial comes before the public."""
NAMING: Final = (
    "select distinct on (stream) stream, data from history where strpos(data::text, %s) > 0"
    " order by stream, version desc"
)
_FOLDED_AT_ONCE: Final = {"limit": 50, "bytes": 4_000_000}
"""Events, and the bytes after which no more of them are read."""
MOMENT: Final = 'select recorded from history where partition = %s and "offset" <= %s order by "offset" desc limit 1'
OPENED: Final = "select min(version) from history where stream = %s and type = any(%s)"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An event and the fields that it changed: {"field": JSON Pointer, "old", "new"}."""

    event: Event
    changes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in the order of each partition. `end` are the next offsets after them, by partition.

    `more`: whether others follow before the place up to which they were asked for.
    """

    changes: list[Change]
    end: Mapping[int, int]
    more: bool


async def read(
    connection: Connection,
    stream: str,
    moment: Moment | None,
    after_version: int = 0,
    limit: int | None = None,
    *,
    most_bytes: int | None = None,
) -> list[HistoryRow]:
    """Rows of the stream in the order of versions. None means all; the row that goes beyond the bytes is the last."""
    parameters = {"stream": stream, "after": after_version, "limit": limit, "bytes": most_bytes, **_until(moment)}
    return [_row(row) for row in await (await connection.execute(READ(moment), parameters)).fetchall()]


async def folded(connection: Connection, stream: str, moment: Moment | None, after_version: int) -> list[Event]:
    """The stream's next events, to fold, in the order of versions: as many as are folded at a time."""
    parameters = {"stream": stream, "after": after_version, **_FOLDED_AT_ONCE, **_until(moment)}
    # Planned once: planning takes as long as the read. PostgreSQL plans it anew when a rebuild has swapped the tables.
    cursor = await connection.execute(FOLDED(moment), parameters, prepare=moment is None)
    return [event_of(row) for row in await cursor.fetchall()]


async def last(connection: Connection, stream: str, moment: Moment | None) -> Event | None:
    """The stream's last event."""
    row = await (await connection.execute(LAST(moment), {"stream": stream, **_until(moment)})).fetchone()
    return _row(row).event if row else None


async def naming(connection: Connection, owner: str) -> list[tuple[str, dict[str, Any]]]:
    """Each stream with an event that names the owner of a key, and the data of the last such event. Reads all."""
    return await (await connection.execute(NAMING, (owner,))).fetchall()


async def by_id(connection: Connection, event: UUID, stream: str | None) -> Event | None:
    """The first event recorded under the id, of the stream or of any."""
    row = await (await connection.execute(BY_ID, {"id": event, "stream": stream})).fetchone()
    return _row(row).event if row else None


async def under_key(
    connection: Connection, key: UUID, categories: Sequence[str], organisation: str, limit: int
) -> list[Event]:
    """Events under an id, of streams of these categories; those recorded for the organisation first."""
    parameters = {"id": key, "categories": list(categories), "organisation": organisation, "limit": limit}
    return [_row(row).event for row in await (await connection.execute(UNDER_KEY, parameters)).fetchall()]


async def opened(connection: Connection, stream: str) -> int | None:
    """The version with which the trial came before the public, if it did."""
    row = await (await connection.execute(OPENED, (stream, list(OPENING)))).fetchone()
    return row[0] if row else None


async def corrections(connection: Connection, stream: str, moment: Moment | None) -> dict[int, list[int]]:
    """The versions of the stream's events that corrected another, by the version of the other."""
    parameters = {"stream": stream, "types": list(CORRECTING), **_until(moment)}
    found: dict[int, list[int]] = {}
    for corrected, version in await (await connection.execute(CORRECTIONS(moment), parameters)).fetchall():
        found.setdefault(corrected, []).append(version)
    return found


async def latest(
    connection: Connection,
    kind: str,
    moment: Moment | None,
    limit: int,
    *,
    before: Position | None = None,
    most_bytes: int | None = None,
) -> list[HistoryRow]:
    """The last events of a type, latest first; the one that goes beyond the bytes is followed by one more."""
    place = (before.partition, before.offset) if before else (None, None)
    after = dict(zip(("before_partition", "before_offset"), place, strict=True))
    parameters = {"type": kind, "limit": limit, "bytes": most_bytes, **after, **_until(moment)}
    return [_row(row) for row in await (await connection.execute(LATEST(moment), parameters)).fetchall()]


async def between(
    connection: Connection,
    category: str,
    low: Mapping[int, int],
    high: Mapping[int, int],
    *,
    limit: int,
    most_bytes: int,
) -> Changes:
    """Changes of the category's streams from the offsets `low` up to, but without, `high`.

    The one that goes beyond the bytes is the last. Where all of them are there, `end` is `high`, or `low` where that is
    further.
    """
    parameters = {
        "category": category,
        "partitions": list(low),
        "low": list(low.values()),
        "high": [high.get(partition, 0) for partition in low],
        "limit": limit,
        "bytes": most_bytes,
    }
    rows = await (await connection.execute(BETWEEN, parameters)).fetchall()
    changes = [_change(row) for row in rows]
    if rows and (rows[0][-1] == limit or len(rows) < rows[0][-1]):
        return Changes(changes, after(changes, low), more=True)
    end = {partition: max(offset, high.get(partition, 0)) for partition, offset in low.items()}
    return Changes(changes, end, more=False)


def after(changes: Sequence[Change], low: Mapping[int, int]) -> dict[int, int]:
    """The next offsets after changes that begin at `low`."""
    return {**low, **{one.event.position.partition: one.event.position.offset + 1 for one in changes}}


def _change(row: tuple[Any, ...]) -> Change:
    *of_event, after, before, _ = row
    read = _row(tuple(of_event))
    return Change(read.event, read.changes, after, before)


def _until(moment: Moment | None) -> dict[str, Any]:
    position = moment.position if moment else None
    return {
        "recorded": moment.recorded if moment else None,
        "partition": position.partition if position else None,
        "offset": position.offset if position else None,
    }


def _row(row: tuple[Any, ...]) -> HistoryRow:
    return HistoryRow(event_of(row), row[-1])


async def recorded(connection: Connection, moment: Moment) -> datetime | None:
    """When what held at a moment had been recorded; None where nothing had."""
    if moment.position is None:
        return moment.recorded
    row = await (await connection.execute(MOMENT, moment.position)).fetchone()
    return row[0] if row else None
