"""The runner: the follower of the log that keeps the views up to date, one of all processes at a time."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple, TypeAlias

import psycopg

from events.follower_port import Always, Overtaken
from events.following import Following, Leading
from events.identity import WrongLog
from events.judging import Batch, Judging
from events.port import EventLog, LogUnavailable, Topic
from events.postgres.marks import PostgresMarks
from events.starting import Begin, from_the_beginning
from events.stopping import stop
from projections.base.connecting import Connection, connect
from projections.base.sharing import SHARED, forget_beyond
from projections.engine import aside, schema
from projections.engine.gathering import Gathered, gather, streams_of
from projections.engine.keeping import KEPT, Keeping
from projections.engine.loading import documents_of
from projections.engine.program import Program
from projections.engine.progress import Progress
from projections.engine.retrying import retry
from projections.engine.schema import ViewsUnfit
from projections.engine.stumbling import Holds, SetAside, read_all
from projections.engine.taking import Taking, refused, tell
from projections.engine.writing import write

PASSING: Final = (psycopg.Error, LogUnavailable, Overtaken, MemoryError)
"""Errors after which work is tried again for as long as they last; an event that can't be shown is none of them."""


class Made(NamedTuple):
    """A batch of records, and the rows that the views get from them."""

    batch: Batch
    gathered: Gathered


Handover: TypeAlias = asyncio.Queue[Made | None]
"""From the task that makes rows to the one that writes them; None at the end."""


class Runner:
    """Applies what the log accepts to the views, as a follower whose marks are the views' positions.

    The rows of a batch are made while the database writes those of the batch before: each takes about as long.

    An event that can't be shown is set aside (ADR 0022), and the views go on. Events that another program set aside are
    tried again once this one leads, some seconds at a time, and records that come meanwhile are shown in between.
    """

    def __init__(
        self,
        events: EventLog,
        topic: Topic,
        conninfo: str,
        progress: Progress | None = None,
        *,
        program: Program,
        eager: bool = True,
        begin: Begin = from_the_beginning,
    ) -> None:
        """`eager`: apply what comes as it comes; otherwise only while somebody in this process waits for the views.

        One that is not eager leads only then, too: other processes may need the views meanwhile. `begin`: where the
        judging of the log begins.
        """
        self._log = events
        self._topic = topic
        self._conninfo = conninfo
        self._progress = progress or Progress()
        self._need = Always() if eager else self._progress
        self._program = program
        self._documents = Keeping(KEPT)
        self._holds: Holds = {}
        self._following = Following(
            PostgresMarks(
                conninfo,
                schema.MARKS.follower,
                topic,
                connect=connect,
                prepare=self._ensure,
                table=schema.MARKS,
                lock=schema.LEADER,
            ),
            Judging(events, topic, begin),
            self._lead,
            failing="the views are not written",
            passing=PASSING,
            need=self._need,
            tell=self._progress.troubled,
        )

    async def run(self) -> None:
        """Runs until cancelled; while log or database are away, tries again.

        Raises IntegrityAlarm and LogTruncated from the log, UnknownEvent or MalformedRecord where an event can't be
        read, and ViewsUnfit where the views are not this program's or hold what the log does not.
        """
        try:
            await self._following.run()
        except WrongLog as fault:
            raise ViewsUnfit(f"the views contain events that the log does not: {fault.__cause__ or fault}") from fault

    @property
    def trouble(self) -> str:
        """The work that fails and is tried again; empty if all is well."""
        return self._progress.trouble

    async def _ensure(self, connection: Connection) -> None:
        await schema.ensure(connection, self._program)
        await schema.claim(connection, self._topic)

    async def _lead(self, leading: Leading[Connection]) -> None:
        some_aside = stumbled = True
        while some_aside or stumbled:
            found = {partition: mark.next_offset for partition, mark in leading.marks.items()}
            some_aside = some_aside and await retry(self._log, self._topic, leading.connection, found, self._program)
            # Batches made after one that stumbled did not yet know which streams that one holds up.
            await leading.resume()
            # Not cleared: a thread that was left alone may still change the old one.
            self._documents = Keeping(KEPT)
            self._holds = await aside.holds(leading.connection)
            until = await self._log.ends(self._topic) if some_aside else None
            stumbled = await self._show(leading, until)
            if not self._need.wanted:
                return

    async def _show(self, leading: Leading[Connection], until: Mapping[int, int] | None) -> bool:
        """Makes and writes until nobody needs the views, or up to these offsets.

        True where something was refused, and is set aside.
        """
        made: Handover = asyncio.Queue(maxsize=1)
        async with await connect(self._conninfo) as reading:
            making = asyncio.create_task(self._make(leading, reading, made, until))
            writing = asyncio.create_task(self._write(leading, made))
            try:
                await asyncio.wait([making, writing], return_when=asyncio.FIRST_COMPLETED)
                if making.done():
                    making.result()
                    await asyncio.wait([writing])
                return writing.result()
            finally:
                await stop([making, writing])

    async def _make(
        self, leading: Leading[Connection], reading: Connection, made: Handover, until: Mapping[int, int] | None
    ) -> None:
        """Makes the rows of what comes, until nobody needs the views or up to these offsets."""
        async with aclosing(leading.batches(until)) as batches:
            async for batch in batches:
                await made.put(Made(batch, await self._rows_of(batch, reading)))
        await made.put(None)

    async def _rows_of(self, batch: Batch, reading: Connection) -> Gathered:
        events = read_all(batch.judged)
        streams = streams_of(events, self._program)
        self._documents.recall(streams)
        if unknown := streams - self._documents.keys():
            # None of them is in a batch that is not written yet: those are the latest of the documents kept.
            self._documents.load(await documents_of(reading, unknown, self._holds, self._program))
        # In a thread: words of a long text take milliseconds, and this process may be answering requests.
        making = partial(gather, events, self._documents, self._program, holds=self._holds)
        gathered = await asyncio.to_thread(making)
        forget_beyond(SHARED, self._documents.made(streams))
        return gathered

    async def _write(self, leading: Leading[Connection], made: Handover) -> bool:
        """Writes the rows, a batch in a transaction. A batch that fails stays unmarked, and is made again.

        Ends with True after a batch of which PostgreSQL refused something.
        """
        while (each := await made.get()) is not None:
            try:
                await self._write_whole(leading, each)
            except Exception as fault:
                if not refused(fault):
                    raise
                await self._write_what_is_taken(leading, each.batch)
                return True
        return False

    async def _write_whole(self, leading: Leading[Connection], made: Made) -> None:
        async with leading.past(made.batch) as connection:
            await write(connection, made.gathered.rows, self._program)
            await aside.add(connection, made.gathered.aside, self._program)
        await self._written(leading, made.gathered.aside)

    async def _write_what_is_taken(self, leading: Leading[Connection], batch: Batch) -> None:
        async with leading.past(batch) as connection:
            taking = Taking(connection, await aside.holds(connection), self._program)
            set_aside = await taking.take(read_all(batch.judged))
            await aside.add(connection, set_aside, self._program)
        await self._written(leading, set_aside)

    async def _written(self, leading: Leading[Connection], set_aside: list[SetAside]) -> None:
        tell(set_aside)
        await self._progress.reached({partition: mark.next_offset for partition, mark in leading.marks.items()})
