"""A check's notes on a whole log, in a temporary database on disk: a log may be larger than memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

TABLES: Final = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -32000;
create table event (stream blob, id blob, primary key (stream, id)) without rowid;
create table named (document text, stream blob, at text, primary key (document, stream)) without rowid;
create table found (document text primary key, state text) without rowid;
create table part (document text, whole text, part integer, piece blob, primary key (document, whole, part));
create table sealed (stream blob, owner text, primary key (stream, owner)) without rowid;
create table absent (owner text primary key, at text) without rowid;
create table destroyed (owner text primary key) without rowid;
"""
_UNEXPLAINED_OWNERS: Final = """
select owner, at from absent where owner not in (select owner from destroyed) order by owner
"""
_DOCUMENTS: Final = """
select named.document, min(named.at), found.state,
    max(exists (select 1 from sealed join destroyed using (owner) where sealed.stream = named.stream))
from named left join found using (document) group by named.document
"""


class Notes:
    """A private SQLite database, in the folder for temporary files, removed when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(TABLES)

    def close(self) -> None:
        """Removes it."""
        self._database.close()

    def first_time(self, stream: str, event: bytes) -> bool:
        """Whether the stream has had no event of this id before, since `begin_partition`."""
        added = self._database.execute("insert or ignore into event values (?, ?)", (_short(stream), event))
        return added.rowcount == 1

    def begin_partition(self) -> None:
        """Forgets the ids of events: a stream is in one partition."""
        self._database.execute("delete from event")

    def name(self, document: str, stream: str, at: str) -> None:
        """Notes that an event of the stream names a partner's document."""
        self._database.execute("insert or ignore into named values (?, ?, ?)", (document, _short(stream), at))

    def find(self, document: str, state: str) -> None:
        """Notes that the document is in the log, in this state; the last state found counts."""
        self._database.execute("insert or replace into found values (?, ?)", (document, state))

    def documents(self) -> Iterator[tuple[str, str, str | None, bool]]:
        """For each document that an event names: its SHA-256, where it is named, its state (None if it was not found),
        and whether an event destroyed a key that its stream seals with."""
        for document, at, state, explained in self._database.execute(_DOCUMENTS):
            yield document, at, state, bool(explained)

    def part(self, document: str, whole: str, part: int, piece: bytes, of: int) -> bytes | None:
        """Stores a part of a sealed document; once all parts are there, returns the whole and removes them."""
        self._database.execute("insert or ignore into part values (?, ?, ?, ?)", (document, whole, part, piece))
        one = (document, whole)
        [(count,)] = self._database.execute("select count(*) from part where document = ? and whole = ?", one)
        if count < of:
            return None
        pieces = self._database.execute("select piece from part where document = ? and whole = ? order by part", one)
        joined = b"".join(piece for (piece,) in pieces)
        self._database.execute("delete from part where document = ? and whole = ?", one)
        return joined

    def seal(self, owners: Iterable[str], stream: str) -> None:
        """Notes that an event of the stream seals something under the keys of these owners."""
        rows = [(_short(stream), owner) for owner in owners]
        self._database.executemany("insert or ignore into sealed values (?, ?)", rows)

    def miss(self, owner: str, at: str) -> None:
        """Notes that the key of an owner, under which the event at this place seals, is missing."""
        self._database.execute("insert or ignore into absent values (?, ?)", (owner, at))

    def destroy(self, owner: str) -> None:
        """Notes that an event asked for the owner's key to be destroyed."""
        self._database.execute("insert or ignore into destroyed values (?)", (owner,))

    def unexplained(self) -> Iterable[tuple[str, str]]:
        """Owners whose key is missing though no event asked for that, each with one place that needs it."""
        return self._database.execute(_UNEXPLAINED_OWNERS)

    def destroyed(self, at_once: int) -> Iterator[list[str]]:
        """Owners whose keys should have been destroyed, so many at a time."""
        rows = self._database.execute("select owner from destroyed order by owner")
        while found := rows.fetchmany(at_once):
            yield [owner for (owner,) in found]


def _short(stream: str) -> bytes:
    return sha256(stream.encode()).digest()[:16]
