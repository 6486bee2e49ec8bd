"""Streams as the views have them: the documents that further events change, and the events themselves."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import cache

from psycopg import sql

from events.event import Event
from events.streams import Stream
from projections.base.connecting import Connection
from projections.base.view import Document, Documents, View
from projections.engine.program import Program, category_of
from projections.engine.stumbling import Holds


async def load(connection: Connection, streams: Collection[str], program: Program) -> dict[str, Document]:
    """The documents of those of the streams that have one, by stream."""
    found: dict[str, Document] = {}
    for category, documents in program.documents.items():
        if of := [stream for stream in streams if category_of(stream) == category]:
            ids = [Stream(stream).id for stream in of]
            cursor = await connection.execute(_select(documents.table.name, documents.table.key[0]), (ids,))
            found |= {Stream.of(category, name): document for name, document in await cursor.fetchall()}
    return found


@cache
def _select(table: str, name: str) -> bytes:
    statement = sql.SQL("select {name}, document from {table} where {name} = any(%s)")
    return statement.format(name=sql.Identifier(name), table=sql.Identifier(table)).as_bytes()


async def events_of(connection: Connection, stream: str, program: Program) -> list[Event]:
    """The stream's events that the history shows, oldest first."""
    history = program.history
    if history is None or history.event_of is None:
        return []
    [table] = history.tables
    name, version = map(sql.Identifier, table.key)
    statement = sql.SQL("select {columns} from {table} where {name} = %s order by {version}").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        table=sql.Identifier(table.name),
        name=name,
        version=version,
    )
    return [history.event_of(row) for row in await (await connection.execute(statement, (stream,))).fetchall()]


async def documents_of(
    connection: Connection, streams: Iterable[str], holds: Holds, program: Program
) -> dict[str, Document]:
    """The documents that further events of the streams change.

    The view that keeps them holds them, or, where it could not take one, all events that lead to it are in the history.
    """
    # PostgreSQL can't even be asked for a name that no text holds.
    possible = {stream for stream in streams if "\0" not in stream}
    folded = {stream for stream in possible if _lacks(program.keeper_of(stream), stream, holds)}
    documents = await load(connection, possible - folded, program)
    for stream in folded:
        if not _lacks(program.history, stream, holds):
            # If they can't be folded, there is no document, and the next event is set aside for that reason.
            with suppress(Exception):
                documents[stream] = _fold(await events_of(connection, stream, program), program.documents_of(stream))
    return documents


def _lacks(view: View | None, stream: str, holds: Holds) -> bool:
    return view is not None and view.name in holds.get(stream, {})


def _fold(events: Iterable[Event], documents: Documents | None) -> Document:
    """The document after the events; raises LookupError where there is none."""
    folded: Document | None = None
    for event in events:
        folded = documents.evolve(folded, event) if documents else None
    if folded is None:
        raise LookupError("there is no event")
    return folded
