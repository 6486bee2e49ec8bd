"""Following the log: a follower continues from a durable mark, in one process at a time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Final, Generic, NoReturn, TypeAlias, TypeVar

import structlog

from events.admission import IntegrityAlarm, Judged
from events.errors import kind_of
from events.follower_port import Always, Need, Session, Source, Store
from events.identity import Mark, Marks, WrongLog
from events.judging import Batch
from events.port import LogMisconfigured, LogTruncated

STAND_BY: Final = 0.5
"""Seconds between attempts of one that stands by to take over."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 5.0
FINAL: Final = (IntegrityAlarm, LogMisconfigured, LogTruncated)
"""Errors that no further attempt mends: the log is not the one that was followed, or not whole."""

T = TypeVar("T")
U = TypeVar("U")
Handle: TypeAlias = Callable[[T, Sequence[Judged]], Awaitable[None]]
log = structlog.get_logger()


class Leading(Generic[T]):
    """The tools of the one follower that leads: its batches, and the transactions that move its marks."""

    def __init__(self, following: "Following[T]", session: Session[T]) -> None:
        self._following, self._session = following, session

    @property
    def connection(self) -> T:
        """The connection that leads. Between transactions each statement commits by itself."""
        return self._session.connection

    @property
    def marks(self) -> Marks:
        """The marks as last seen."""
        return self._following.marks

    async def resume(self) -> None:
        """Reads the marks again. `batches` then begins at them."""
        await self._following.resume(self._session)

    def batches(self, until: Mapping[int, int] | None = None) -> AsyncGenerator[Batch, None]:
        """Records that the marks are not past, then new ones, up to `until`, or for as long as they are needed.

        Batches may be taken before those that came earlier are written; the marks are moved in their order.
        """
        return self._following.batches(until)

    @asynccontextmanager
    async def past(self, batch: Batch) -> AsyncIterator[T]:
        """The transaction that handles a batch and moves the marks past it. If we crash in it, neither was done.

        Raises Overtaken, with nothing written, where another process has moved the marks.
        """
        async with self._session.past(self.marks, batch) as moved:
            yield self.connection
        await self._following.passed(moved)


Lead: TypeAlias = Callable[[Leading[T]], Awaitable[None]]


def each(handle: Handle[T]) -> Lead[T]:
    """Leads by handling each batch in the transaction that moves the marks past it."""

    async def lead(leading: Leading[T]) -> None:
        async with aclosing(leading.batches()) as batches:
            async for batch in batches:
                async with leading.past(batch) as connection:
                    await handle(connection, batch.judged)

    return lead


class Following(Generic[T]):
    """A follower: its work on judged records, and its progress.

    It gets every record of the log in the order of its partition: also those without effect, and those whose body can't
    be read. Whichever process is killed, each record is handled in the end; twice only as far as the handling writes
    outside the transaction that moves the mark. The handling itself has to set aside a record that it can't handle:
    after an error, it is tried again for as long as the error lasts.

    Of all processes one leads, and the others stand by: they judge the log up to the marks, and take over when the
    session of the leader ends. If two handle records nevertheless, the marks move only from the place where they were
    seen, so one of the two writes nothing. A separate follower on each node has the node's name in its own.

        async def count(connection: Connection, judged: Sequence[Judged]) -> None:
            await connection.execute("update counted set records = records + %s", (len(judged),))

        await Following(PostgresMarks(conninfo, "count", topic), Judging(events, topic), each(count)).run()
    """

    def __init__(
        self,
        store: Store[T],
        source: Source,
        lead: Lead[T],
        *,
        failing: str = "",
        passing: tuple[type[Exception], ...] = (Exception,),
        need: Need | None = None,
        tell: Callable[[str], None] = lambda trouble: None,
    ) -> None:
        """`failing`: the work that is not done while it fails, as a sentence; the kind of error follows it.

        `passing`: errors after which it tries again, except FINAL. `tell` gets its trouble, and an empty text once it
        goes on. `need`: one that is not always needed leads only while it is, as others may be in need meanwhile.
        """
        self.name = store.follower
        self.marks: Marks = {}
        self.trouble = ""
        """The work that fails and is tried again; empty if all is well."""
        self._store, self._source, self._lead = store, source, lead
        self._failing = failing or f"{self.name} does not go on"
        self._passing, self._need, self._tell = passing, need or Always(), tell
        self._delay = FIRST_DELAY
        self._leads = False
        self._noted: str | None = None

    async def run(self) -> NoReturn:
        """Runs until cancelled; while log or marks are away, or the handling fails, tries again.

        Raises FINAL: IntegrityAlarm and LogTruncated from the log, and LogMisconfigured, of which WrongLog where the
        marks are of another log, of another history or beyond the log's end. Raises errors that are not passing.
        """
        while True:
            try:
                await self._need.until_wanted()
                async with self._store.session() as session:
                    await self._until_leading(session)
                    log.info("follower_leads", follower=self.name)
                    await self._lead(Leading(self, session))
                self._delay = FIRST_DELAY
            except FINAL as fault:
                self._troubled(str(fault))
                await self._note()
                raise
            except self._passing as fault:
                self._troubled(f"{self._failing}: {kind_of(fault)}")
                log.warning("follower_interrupted", follower=self.name, error=kind_of(fault), retry_in=self._delay)
                if self._leads:  # else another may go on very well
                    await self._note()
            self._leads = False
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY)

    async def _until_leading(self, session: Session[T]) -> None:
        """Returns when this session leads; until then the log is judged up to the marks."""
        await self.resume(session)
        await self._verified(self._source.verify(self.marks))
        while True:
            await self._need.until_wanted()
            if await session.leads():
                self._leads = True
                # Again: the former leader may have moved on between the look at the marks and the end of its session.
                await self.resume(session)
                await self._verified(self._source.verify(self.marks))
                if not self.trouble:
                    await self._note()
                return
            # Another goes on; how far it is behind is worked out when somebody asks.
            self._troubled("")
            await self._source.stand_by()
            await asyncio.sleep(STAND_BY)
            await self.resume(session)

    async def resume(self, session: Session[T]) -> None:
        """Takes the marks as they are now. Raises WrongLog where one is beyond the log's end."""
        self.marks = await session.marks()
        if await self._verified(self._source.resume(self.marks)):
            self._troubled("")

    async def _verified(self, looking: Awaitable[U]) -> U:
        try:
            return await looking
        except WrongLog as fault:
            raise WrongLog(fault.kind, f"the log is not the one that {self.name} has followed: {fault}") from fault

    def batches(self, until: Mapping[int, int] | None = None) -> AsyncGenerator[Batch, None]:
        """See `Leading.batches`."""
        return self._source.batches(until, lambda: self._need.wanted)

    async def passed(self, moved: Mapping[int, Mark]) -> None:
        """Takes note that the marks moved, which shows that all is well."""
        self.marks = {**self.marks, **moved}
        self._source.passed(moved)
        self._delay = FIRST_DELAY
        self._troubled("")
        await self._note()

    def _troubled(self, trouble: str) -> None:
        self.trouble = trouble
        self._tell(trouble)

    async def _note(self) -> None:
        # A trouble that could not be noted is noted with the next batch, or attempt: otherwise the old one would stay
        # forever.
        if self._noted != (trouble := self.trouble) and await self._store.note(trouble):
            self._noted = trouble
