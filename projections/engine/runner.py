"""The runner: follows the log and keeps the views up to date, one runner of all processes at a time."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple, NoReturn, TypeAlias

import psycopg
import structlog

from events.admission import Judged
from events.event import follow, new_folds
from events.port import EventLog, LogUnavailable, Topic
from events.stopping import stop
from events.weight import weight
from projections.base.connecting import Connection, connect
from projections.base.sharing import SHARED, forget_beyond
from projections.engine import aside, schema
from projections.engine.gathering import Gathered, gather, streams_of
from projections.engine.keeping import KEPT, Keeping
from projections.engine.loading import documents_of
from projections.engine.program import Program
from projections.engine.progress import Progress
from projections.engine.retrying import retry
from projections.engine.schema import LEADER, ViewsUnfit
from projections.engine.stumbling import Holds, SetAside, kind_of, read_all
from projections.engine.taking import Taking, refused, tell
from projections.engine.writing import OwnedElsewhere, advance, write

LARGEST_BATCH: Final = 200
"""Records in one transaction."""
REST: Final = 0.02
"""Seconds between two batches: under load one transaction then carries many events, and the log's commits go first."""
HEAVIEST_BATCH: Final = 4_000_000
"""Bytes that they weigh; one that weighs more by itself is a batch alone."""
STAND_BY: Final = 0.5
"""Seconds between attempts of one that stands by to take over."""
TOLERATED_LAG: Final = 1_000
"""Records that one who stands by may be behind the views before it reads on."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
PASSING: Final = (psycopg.Error, LogUnavailable, OwnedElsewhere, MemoryError)
"""What is tried again for as long as it lasts; an event that can't be shown is none of these."""
TRY_TO_LEAD: Final = "select pg_try_advisory_lock(%s)"

log = structlog.get_logger()


class Made(NamedTuple):
    """A batch of records, and the rows that the views get from them."""

    batch: Sequence[Judged]
    gathered: Gathered


Handover: TypeAlias = asyncio.Queue[Made | None]
"""From who makes rows to who writes them; None where no more will come."""


def batches_of(judged: Sequence[Judged]) -> Iterator[Sequence[Judged]]:
    """The records, in order, as batches of at most LARGEST_BATCH that weigh at most HEAVIEST_BATCH."""
    begin = heavy = 0
    for here, one in enumerate(judged):
        more = weight(one.message.value)
        if here > begin and (here - begin == LARGEST_BATCH or heavy + more > HEAVIEST_BATCH):
            yield judged[begin:here]
            begin, heavy = here, 0
        heavy += more
    if judged:
        yield judged[begin:]


class Runner:
    """Applies what the log accepts to the views.

    The session that holds an advisory lock leads and writes; others stand by and take over when it ends. Were two to
    write for all that, each moves the positions only from where it saw them, so one of them writes nothing.

    The rows of a batch are made while the database writes those of the batch before: each takes about as long.

    An event that can't be shown is set aside (ADR 0022), and the views go on. What another program set aside is tried
    again once this one leads, some seconds at a time, and what is recorded meanwhile is shown in between.
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
    ) -> None:
        """`eager`: apply what comes as it comes; otherwise only while somebody in this process waits for the views.

        One that is not eager leads only then, too: other processes may need the views meanwhile.
        """
        self._log = events
        self._topic = topic
        self._conninfo = conninfo
        self._progress = progress or Progress()
        self._eager = eager
        self._program = program
        self._delay = FIRST_DELAY
        self._start_over()

    def _start_over(self) -> None:
        self._folds = new_folds(self._topic)
        self._next = dict.fromkeys(self._folds, 0)
        self._unapplied: list[Judged] = []
        self._documents = Keeping(KEPT)
        self._holds: Holds = {}

    async def run(self) -> NoReturn:
        """Runs until cancelled; while log or database are away, tries again.

        Raises IntegrityAlarm and LogTruncated from the log, UnknownEvent or MalformedRecord where an event can't be
        read, and ViewsUnfit where the views are not this program's or hold more than the log.
        """
        while True:
            try:
                await self._until_needed()
                async with await connect(self._conninfo) as connection:
                    await self._stand_by(connection)
                    await self._lead(connection)
                self._delay = FIRST_DELAY
            except PASSING as fault:
                self._progress.troubled(f"the views are not written: {kind_of(fault)}")
                log.warning("views_interrupted", error=type(fault).__name__, retry_in_seconds=self._delay)
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY)

    @property
    def trouble(self) -> str:
        """What it fails at, and tries again; empty where all is well."""
        return self._progress.trouble

    async def _until_needed(self) -> None:
        if not self._eager:
            await self._progress.until_wanted()

    @property
    def _needed(self) -> bool:
        return self._eager or self._progress.wanted

    async def _stand_by(self, connection: Connection) -> None:
        """Returns when this session leads; until then it judges the log up to where the views are."""
        while True:
            await schema.ensure(connection, self._program)
            await schema.claim(connection, self._topic)
            await self._resume(connection)
            if not self._needed:
                await self._until_needed()
            leads = await (await connection.execute(TRY_TO_LEAD, (LEADER,))).fetchone()
            if leads is not None and leads[0]:
                return
            # Another writes them; how far they are behind is told by who reads.
            self._progress.troubled("")
            if sum(self._next.values()) - self._judged() > TOLERATED_LAG:
                await self._catch_up()
            await asyncio.sleep(STAND_BY)

    def _judged(self) -> int:
        return sum(fold.next_offset for fold in self._folds.values())

    async def _catch_up(self) -> None:
        until = {partition: max(offset, self._folds[partition].next_offset) for partition, offset in self._next.items()}
        async with aclosing(follow(self._log, self._topic, self._folds, until)) as batches:  # type: ignore[type-var]
            async for judged in batches:
                self._take(judged)

    async def _resume(self, connection: Connection) -> None:
        """Takes the positions as they are now. Where they were set back, what was judged has to be read again."""
        positions = await schema.positions(connection)
        ends = await self._log.ends(self._topic)
        if any(offset > ends.get(partition, 0) for partition, offset in positions.items()):
            raise ViewsUnfit("the views hold more than the log: it is another log, or an older copy of this one")
        if all(positions.get(partition, 0) >= end for partition, end in ends.items()):
            self._progress.troubled("")
        if any(offset < self._next[partition] for partition, offset in positions.items()):
            self._start_over()
        self._next = positions
        # Not cleared: a thread that was left alone may still change the old one.
        self._documents = Keeping(KEPT)
        self._holds = await aside.holds(connection)
        self._take(())

    async def _lead(self, connection: Connection) -> None:
        # Read again: whoever led may have moved on between the look at the positions and the end of its session.
        await self._resume(connection)
        log.info("views_led", topic=self._topic.name)
        left = stumbled = True
        while left or stumbled:
            left = left and await retry(self._log, self._topic, connection, self._next, self._program)
            # What was made after a batch that stumbled did not know yet what that one holds up.
            await self._resume(connection)
            until = await self._log.ends(self._topic) if left else None
            stumbled = await self._follow(connection, until)
            if not self._needed:
                return

    async def _follow(self, connection: Connection, until: Mapping[int, int] | None) -> bool:
        """Makes and writes until nobody needs the views, or up to these offsets.

        True where something was refused, and is set aside.
        """
        made: Handover = asyncio.Queue(maxsize=1)
        async with await connect(self._conninfo) as reading:
            making = asyncio.create_task(self._make(reading, made, until))
            writing = asyncio.create_task(self._write(connection, made))
            try:
                await asyncio.wait([making, writing], return_when=asyncio.FIRST_COMPLETED)
                if making.done():
                    making.result()
                    await asyncio.wait([writing])
                return writing.result()
            finally:
                await stop([making, writing])

    def _take(self, judged: Sequence[Judged]) -> list[Judged]:
        """Keeps what the views don't hold yet until it is written, and returns what of it is new."""
        new, known = (
            [one for one in of if one.position.offset >= self._next[one.position.partition]]
            for of in (judged, self._unapplied)
        )
        self._unapplied = [*known, *new]
        return new

    async def _make(self, reading: Connection, made: Handover, until: Mapping[int, int] | None) -> None:
        """Makes the rows of what is unapplied and comes, until nobody needs the views or up to these offsets."""
        await self._make_rows(self._unapplied, reading, made)
        async with aclosing(follow(self._log, self._topic, self._folds, until)) as batches:  # type: ignore[type-var]
            async for judged in batches:
                new = self._take(judged)
                if not self._needed:
                    break
                await self._make_rows(new, reading, made)
                await asyncio.sleep(REST)
        await made.put(None)

    async def _make_rows(self, judged: Sequence[Judged], reading: Connection, made: Handover) -> None:
        for batch in batches_of(judged):
            events = read_all(batch)
            streams = streams_of(events, self._program)
            if unknown := streams - self._documents.keys():
                # None of them is in a batch that is not written yet: those are the latest of the documents kept.
                self._documents.load(await documents_of(reading, unknown, self._holds, self._program))
            # In a thread: words of a long text take milliseconds, and this process may be answering requests.
            making = partial(gather, events, self._documents, self._program, holds=self._holds)
            gathered = await asyncio.to_thread(making)
            forget_beyond(SHARED, self._documents.made(streams))
            await made.put(Made(batch, gathered))

    async def _write(self, connection: Connection, made: Handover) -> bool:
        """Writes what was made, a batch in a transaction. What fails stays unapplied.

        Ends with True after a batch of which PostgreSQL refused something.
        """
        while (each := await made.get()) is not None:
            try:
                await self._write_whole(connection, each)
            except Exception as fault:
                if not refused(fault):
                    raise
                await self._write_what_is_taken(connection, each.batch)
                return True
        return False

    async def _write_whole(self, connection: Connection, made: Made) -> None:
        async with connection.transaction():
            moved = await advance(connection, self._next, made.batch)
            await write(connection, made.gathered.rows, self._program)
            await aside.add(connection, made.gathered.aside, self._program)
        await self._written(moved, made.gathered.aside)

    async def _write_what_is_taken(self, connection: Connection, batch: Sequence[Judged]) -> None:
        async with connection.transaction():
            moved = await advance(connection, self._next, batch)
            taking = Taking(connection, await aside.holds(connection), self._program)
            set_aside = await taking.take(read_all(batch))
            await aside.add(connection, set_aside, self._program)
        await self._written(moved, set_aside)

    async def _written(self, moved: dict[int, int], set_aside: Sequence[SetAside]) -> None:
        tell(set_aside)
        self._next |= moved
        self._take(())
        self._delay = FIRST_DELAY
        self._progress.troubled("")
        await self._progress.reached(self._next)
