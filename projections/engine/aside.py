"""The table of events set aside: written with the views, listed for operators, queried for readers."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from events.record import Position
from projections.base.connecting import Connection
from projections.engine.program import Program
from projections.engine.stumbling import Holds, SetAside

INSERT: Final = (
    'insert into set_aside (view, partition, "offset", stream, version, type, organisation, recorded, cause, reason,'
    " program) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
SELECT: Final = (
    'select view, partition, "offset", stream, version, type, organisation, recorded, cause, reason from set_aside'
    " where %(stream)s::bytea is null or stream = %(stream)s"
    ' order by partition, "offset", view limit %(limit)s'
)
HOLDS: Final = "select stream, view, min(cause) from set_aside group by stream, view"
COUNTS: Final = "select view, count(*) from set_aside group by view order by view"
UNTRIED: Final = (
    "select stream, partition from set_aside group by stream, partition having bool_or(program <> %s) order by stream"
    " limit %s"
)
REMOVE: Final = "delete from set_aside where stream = %s"


async def add(connection: Connection, aside: Iterable[SetAside], program: Program) -> None:
    """Stores events set aside. Run it in the transaction that moves the positions."""
    rows = [
        (
            one.view, one.position.partition, one.position.offset, one.stream.encode(), one.version, one.type,
            one.organisation, one.recorded, one.cause, one.reason, sign(program),
        )
        for one in aside
    ]  # fmt: skip
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(INSERT, rows)


async def holds(connection: Connection) -> Holds:
    """The events that hold up streams, by view."""
    found: Holds = {}
    for stream, view, cause in await (await connection.execute(HOLDS)).fetchall():
        found.setdefault(bytes(stream).decode(), {})[view] = cause
    return found


async def listed(connection: Connection, stream: str | None = None, limit: int | None = None) -> list[SetAside]:
    """Events set aside, of one stream or of all, in the order of the log; `limit` None means all of them."""
    parameters = {"stream": None if stream is None else stream.encode(), "limit": limit}
    return [_one(row) for row in await (await connection.execute(SELECT, parameters)).fetchall()]


async def counts(connection: Connection) -> dict[str, int]:
    """How many events each view that lacks some lacks."""
    found: list[tuple[str, int]] = await (await connection.execute(COUNTS)).fetchall()
    return dict(found)


async def untried(connection: Connection, program: Program, limit: int) -> list[tuple[str, int]]:
    """The streams of events that another program set aside, each with its partition; `limit` of them at most."""
    found = await (await connection.execute(UNTRIED, (sign(program), limit))).fetchall()
    return [(bytes(stream).decode(), partition) for stream, partition in found]


async def remove(connection: Connection, stream: str) -> None:
    """Removes the events of a stream that were set aside, to be shown or set aside again."""
    await connection.execute(REMOVE, (stream.encode(),))


def sign(program: Program) -> str:
    """A sign that distinguishes the program from another that might accept more events."""
    return program.name or _installed()


@cache
def _installed() -> str:
    """SHA-256 of all that the installed program makes rows with."""
    digest = hashlib.sha256()
    for package in ("events", "projections"):
        for content in _contents(files(package)):
            digest.update(content)
    return digest.hexdigest()


def _contents(folder: Traversable) -> Iterable[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _contents(entry)
        elif entry.name.endswith((".py", ".sql", ".csv")):
            yield entry.read_bytes()


def _one(row: Sequence[Any]) -> SetAside:
    view, partition, offset, stream, version, kind, organisation, recorded, cause, reason = row
    return SetAside(
        view=view,
        position=Position(partition, offset),
        stream=bytes(stream).decode(),
        version=version,
        type=kind,
        organisation=organisation,
        recorded=recorded,
        cause=cause,
        reason=reason,
    )
