"""The runner: follows the log and keeps the views up to date, one runner of all processes at a time."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final, NoReturn

import psycopg
import structlog

from events.admission import Judged
from events.event import Event, accepted, follow, new_folds
from events.port import EventLog, LogUnavailable, Topic
from projections import schema
from projections.connecting import Connection, connect
from projections.document import Document
from projections.gathering import VIEWS, gather, trials_of
from projections.progress import Progress
from projections.schema import LEADER, ViewsUnfit
from projections.writing import OwnedElsewhere, advance, load, write

LARGEST_BATCH: Final = 200
"""Records in one transaction."""
REST: Final = 0.02
"""Seconds between two batches: under load one transaction then carries many events, and the log's commits go first."""
KEPT_DOCUMENTS: Final = 500
STAND_BY: Final = 0.5
"""Seconds between attempts of one that stands by to take over."""
TOLERATED_LAG: Final = 1_000
"""Records that one who stands by may be behind the views before it reads on."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
TRY_TO_LEAD: Final = "select pg_try_advisory_lock(%s)"

log = structlog.get_logger()


class Runner:
    """Applies what the log accepts to the views.

    The session that holds an advisory lock leads and writes; others stand by and take over when it ends. Were two to
    write for all that, each moves the positions only from where it saw them, so one of them writes nothing.
    """

    def __init__(
        self, events: EventLog, topic: Topic, conninfo: str, progress: Progress | None = None, *, eager: bool = True
    ) -> None:
        """`eager`: apply what comes as it comes; otherwise only while somebody in this process waits for the views.

        One that is not eager leads only then, too: other processes may need the views meanwhile.
        """
        self._log = events
        self._topic = topic
        self._conninfo = conninfo
        self._progress = progress or Progress()
        self._eager = eager
        self._delay = FIRST_DELAY
        self._start_over()

    def _start_over(self) -> None:
        self._folds = new_folds(self._topic)
        self._next = dict.fromkeys(self._folds, 0)
        self._unapplied: list[Judged] = []
        self._documents: OrderedDict[str, Document] = OrderedDict()

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
            except (psycopg.OperationalError, psycopg.ProgrammingError, LogUnavailable, OwnedElsewhere) as fault:
                log.warning("views_interrupted", error=type(fault).__name__, retry_in_seconds=self._delay)
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY)

    async def _until_needed(self) -> None:
        if not self._eager:
            await self._progress.until_wanted()

    @property
    def _needed(self) -> bool:
        return self._eager or self._progress.wanted

    async def _stand_by(self, connection: Connection) -> None:
        """Returns when this session leads; until then it judges the log up to where the views are."""
        while True:
            await schema.ensure(connection)
            await schema.claim(connection, self._topic)
            await self._resume(connection)
            if not self._needed:
                await self._until_needed()
            leads = await (await connection.execute(TRY_TO_LEAD, (LEADER,))).fetchone()
            if leads is not None and leads[0]:
                return
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
        if any(offset < self._next[partition] for partition, offset in positions.items()):
            self._start_over()
        self._next = positions
        self._documents.clear()
        self._take(())

    async def _lead(self, connection: Connection) -> None:
        # Read again: whoever led may have moved on between the look at the positions and the end of its session.
        await self._resume(connection)
        log.info("views_led", topic=self._topic.name)
        await self._apply(connection)
        async with aclosing(follow(self._log, self._topic, self._folds)) as batches:  # type: ignore[type-var]
            async for judged in batches:
                self._take(judged)
                if not self._needed:
                    return
                await self._apply(connection)
                await asyncio.sleep(REST)

    def _take(self, judged: Sequence[Judged]) -> None:
        """Keeps what the views don't hold yet."""
        known = (*self._unapplied, *judged)
        self._unapplied = [one for one in known if one.position.offset >= self._next[one.position.partition]]

    async def _apply(self, connection: Connection) -> None:
        """Applies what is unapplied, a batch at a time. What fails stays unapplied."""
        while batch := self._unapplied[:LARGEST_BATCH]:
            events = [event for event in map(accepted, batch) if event is not None]
            try:
                async with connection.transaction():
                    moved = await advance(connection, self._next, batch)
                    await self._write(connection, events)
            except BaseException:
                self._documents.clear()
                raise
            self._next |= moved
            self._take(())
            self._delay = FIRST_DELAY
            await self._progress.reached(self._next)

    async def _write(self, connection: Connection, events: Sequence[Event]) -> None:
        unknown = trials_of(events) - self._documents.keys()
        if unknown:
            self._documents.update(await load(connection, unknown))
        # In a thread: words of a long text take milliseconds, and this process may be answering requests.
        gathered = await asyncio.to_thread(gather, events, self._documents, VIEWS)
        await write(connection, gathered)
        for trial in trials_of(events):
            self._documents.move_to_end(trial)
        while len(self._documents) > KEPT_DOCUMENTS:
            self._documents.popitem(last=False)
