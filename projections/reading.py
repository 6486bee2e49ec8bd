"""The views as readers get them: documents, history, search, now and as of any moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from functools import reduce
from typing import Any, Final, Self, TypeAlias
from uuid import UUID

from psycopg import sql

from events.event import Event
from events.port import EventLog, Topic
from events.record import Position
from events.schemas.zones import day_in
from projections.base.connecting import Connection
from projections.base.moments import Moment
from projections.base.pools import Pools, Sizes
from projections.base.view import Document
from projections.catalogue import PROGRAM
from projections.engine import aside, schema
from projections.engine.loading import load
from projections.engine.program import Program
from projections.engine.progress import Progress
from projections.engine.stumbling import SetAside
from projections.engine.waiting import Waiting
from projections.search.index import OwnIndex, SearchIndex
from projections.search.query import Counts, SearchPage, SearchQuery
from projections.search.searching import Searches
from projections.trial.document import stream_of
from projections.views.history import store as history
from projections.views.history.store import Changes, HistoryRow
from projections.views.record import store as record

LOOK: Final = 0.2
"""Seconds after which a reader that waits for the views looks how far they are: another node may write them."""
DEFAULT_PAGE: Final = 1_000
STANDARD: Final = Sizes()
Clock: TypeAlias = Callable[[], datetime]
__all__ = ["Changes", "HistoryRow", "SearchPage", "SearchQuery", "Views"]


class Views:
    """Reads the views. Safe for concurrent use by the tasks of one event loop.

    `progress` may be shared with a runner in the same process, so that readers that wait for it are woken at once.
    Every method raises psycopg.OperationalError (or its pool's PoolTimeout) where the database is away.
    """

    def __init__(
        self,
        pools: Pools,
        progress: Progress,
        clock: Clock,
        program: Program = PROGRAM,
        index: SearchIndex | None = None,
    ) -> None:
        self._pools, self._clock, self._program, self.progress = pools, clock, program, progress
        self.searches = Searches(
            index or OwnIndex(pools.searches.connection),
            pools.searches.connection,
            self.now,
            history.recorded,
            schema.positions,
        )
        self._waiting = Waiting(progress, self.positions)

    @classmethod
    async def open(
        cls,
        conninfo: str,
        clock: Clock,
        sizes: Sizes = STANDARD,
        progress: Progress | None = None,
        *,
        program: Program = PROGRAM,
        index: SearchIndex | None = None,
    ) -> Self:
        """Connects, and makes the tables where there are none; raises ViewsUnfit where they are not this program's.

        `clock` says which day it is, on which whether somebody can join depends. `index`: asked by searches, and closed
        with the views; without one, the first search makes one in memory.
        """
        pools = await Pools.open(conninfo, sizes)
        try:
            async with pools.reads.connection() as connection:
                await schema.ensure(connection, program)
        except BaseException:
            await pools.close()
            raise
        return cls(pools, progress or Progress(), clock, program, index)

    async def verify(self, events: EventLog, topic: Topic) -> None:
        """Raises ViewsUnfit where the views were made from records that the log does not have; LogUnavailable."""
        async with self._pools.reads.connection() as connection:
            await schema.verify(connection, events, topic)

    async def close(self) -> None:
        """Ends waiting and gives the connections back."""
        self._waiting.close()
        await self.searches.index.close()
        await self._pools.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for one read; views whose reads are not methods here are asked through it."""
        async with self._pools.reads.connection() as connection:
            yield connection

    async def document(self, trial: str, moment: Moment | None = None) -> Document | None:
        """The trial's document, now or as of the moment."""
        return await self.document_of(stream_of(trial), moment)

    async def document_of(self, stream: str, moment: Moment | None = None) -> Document | None:
        """The stream's document, now or folded from what was recorded up to the moment; None where it has none."""
        if moment is None:
            async with self.connection() as connection:
                return (await load(connection, [stream], self._program)).get(stream)
        folded = None
        if documents := self._program.documents_of(stream):
            async for events in self.pages(stream, moment):
                folded = reduce(documents.evolve, events, folded)
        return folded

    async def day(self, moment: Moment | None = None) -> date:
        """The day in Japan that a read is of: of the moment that it asks for, or today."""
        recorded = moment and moment.recorded
        if moment and moment.position:
            async with self.connection() as connection:
                recorded = await history.recorded(connection, moment)
        return day_in(None, recorded or self._clock())

    def now(self) -> datetime:
        """The moment of a read: what is public from a moment on is public by this clock."""
        return self._clock()

    async def history(
        self,
        stream: str,
        moment: Moment | None = None,
        after_version: int = 0,
        limit: int | None = DEFAULT_PAGE,
        most_bytes: int | None = None,
    ) -> list[HistoryRow]:
        """Events of a stream with what they changed, oldest first; the one that goes beyond the bytes is the last.

        A limit of None means all.
        """
        async with self.connection() as connection:
            return await history.read(connection, stream, moment, after_version, limit, most_bytes=most_bytes)

    async def events(self, stream: str) -> list[Event]:
        """All events of a stream, oldest first."""
        return [event async for events in self.pages(stream) for event in events]

    async def pages(self, stream: str, moment: Moment | None = None) -> AsyncIterator[list[Event]]:
        """All events of a stream, oldest first, so many bytes at a time: a page is let go before the next is read."""
        after = 0
        while events := await self._page(stream, moment, after):
            after = events[-1].version
            yield events

    async def _page(self, stream: str, moment: Moment | None, after: int) -> list[Event]:
        async with self.connection() as connection:
            return await history.folded(connection, stream, moment, after)

    async def changes(
        self, category: str, low: Mapping[int, int], high: Mapping[int, int], limit: int, most_bytes: int
    ) -> Changes:
        """Changes of a category's streams between two places of the log, given as next offsets by partition."""
        async with self.connection() as connection:
            return await history.between(connection, category, low, high, limit=limit, most_bytes=most_bytes)

    async def documents_of(self, streams: Collection[str]) -> dict[str, Document]:
        """The documents of those of the streams that have one, by stream."""
        async with self.connection() as connection:
            return await load(connection, streams, self._program)

    async def beyond(self, offsets: Mapping[int, int]) -> Mapping[int, int]:
        """The positions of the views, once they hold more than these next offsets, whichever process writes them."""
        while not self.progress.is_beyond(offsets):
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self.progress.grown(offsets)
                    break
            await self.progress.reached(await self.positions())
        return self.progress.positions()

    async def corrections(self, stream: str, moment: Moment | None = None) -> dict[int, list[int]]:
        """The versions of the stream's events that corrected another, by the version of the other."""
        async with self.connection() as connection:
            return await history.corrections(connection, stream, moment)

    async def last(self, stream: str, moment: Moment | None = None) -> Event | None:
        """The last event of a stream."""
        async with self.connection() as connection:
            return await history.last(connection, stream, moment)

    async def latest(
        self,
        kind: str,
        moment: Moment | None = None,
        limit: int = DEFAULT_PAGE,
        *,
        before: Position | None = None,
        most_bytes: int | None = None,
    ) -> list[HistoryRow]:
        """The last events of a type, of all streams, latest first; those that came before the one at a position."""
        async with self.connection() as connection:
            return await history.latest(connection, kind, moment, limit, before=before, most_bytes=most_bytes)

    async def naming(self, owner: str) -> list[tuple[str, dict[str, Any]]]:
        """Each stream in which something is sealed under a key of the owner, with one event's data that has it."""
        async with self.connection() as connection:
            return await history.naming(connection, owner)

    async def event_by_id(self, event: UUID, stream: str | None = None) -> Event | None:
        """The first event recorded under an id, which is a command's idempotency key; of one stream, or of any."""
        async with self.connection() as connection:
            return await history.by_id(connection, event, stream)

    async def events_under(self, key: UUID, categories: Sequence[str], organisation: str, limit: int) -> list[Event]:
        """Events under a key, which several senders may have chosen, in these categories; the organisation's first."""
        async with self.connection() as connection:
            return await history.under_key(connection, key, categories, organisation, limit)

    async def opened(self, stream: str) -> int | None:
        """The version of the event with which the trial came before the public; None while it has not."""
        async with self.connection() as connection:
            return await history.opened(connection, stream)

    async def trial_by_identifier(self, text: str) -> str | None:
        """The trial that our number, or its home registry's, names; with or without marks and `JPRN-`."""
        async with self.connection() as connection:
            return await record.by_number(connection, text)

    async def former_numbers(self) -> dict[tuple[str, str], str]:
        """The trials of partners by the numbers that they had before: (registry, number) to trial."""
        async with self.connection() as connection:
            return await record.former_numbers(connection)

    async def ours_by_number(self, text: str) -> str | None:
        """The trial that this registry gave the number to."""
        async with self.connection() as connection:
            return await record.ours_by_number(connection, text)

    async def search(self, query: SearchQuery, moment: Moment | None = None) -> SearchPage:
        """The page of trials that a query asks for, now or as of the moment; raises as `Searches.page` does."""
        return await self.searches.page(query, moment)

    async def counts(self, query: SearchQuery, moment: Moment | None = None) -> Counts:
        """How many of the trials that a query asks for have each value of each facet."""
        return await self.searches.counts(query, moment)

    async def documents(self, owned: bool | None = None) -> AsyncIterator[Document]:
        """All documents (None), those registered here (True) or partners' (False), by number, then by trial."""
        async with self.connection() as connection:
            async for document in record.documents(connection, owned):
                yield document

    async def status(self) -> dict[str, int]:
        """How many rows each table of the views has."""
        counts = {}
        async with self.connection() as connection:
            for table in self._program.tables:
                count = sql.SQL("select count(*) from {}").format(sql.Identifier(table.name))
                ((counts[table.name],),) = await (await connection.execute(count)).fetchall()
        return counts

    async def set_aside(self, stream: str | None = None, limit: int | None = None) -> list[SetAside]:
        """Events that views don't show, of one stream or of all, in the order of the log."""
        async with self.connection() as connection:
            return await aside.listed(connection, stream, limit)

    async def lacking(self) -> dict[str, int]:
        """How many events each view that lacks some lacks."""
        async with self._pools.looks.connection() as connection:
            return await aside.counts(connection)

    async def positions(self) -> dict[int, int]:
        """The next offset of each partition: all below it is in every view."""
        async with self._pools.looks.connection() as connection:
            return await schema.positions(connection)

    async def wait_for(self, position: Position, timeout: float) -> bool:  # noqa: ASYNC109
        """Whether the views hold the position, once they do or after so many seconds, whichever process writes them."""
        return await self._waiting.wait_for(position, timeout)
