"""The log kept in PostgreSQL tables: offsets, commits and recorded times of a partition are in one order."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

import psycopg
import stamina
from psycopg_pool import PoolClosed, PoolTimeout

from events.port import (
    Addressed,
    AppendUnknown,
    LogTruncated,
    LogUnavailable,
    Topic,
    refuse_unfit,
    unread_offsets,
)
from events.postgres.arrays import array
from events.postgres.arrivals import POLL_SECONDS, Arrivals
from events.postgres.connections import connections
from events.postgres.echo import Echoes
from events.postgres.group_commit import CHANNEL, GroupCommit
from events.postgres.headers import headers_from_text
from events.postgres.opening import prepare
from events.record import Message, Position, Stored

READ_ROWS: Final = 2_000
READ_BYTES: Final = 8_000_000

READ: Final = files(__package__).joinpath("read.sql").read_bytes()
AWAY: Final = (psycopg.OperationalError, psycopg.errors.TransactionTimeout, TimeoutError)
ENDS: Final = b"select partition, next_offset from log.head where topic = %(topic)s"
END: Final = b"select next_offset from log.head where topic = %(topic)s and partition = %(partition)s"

TOPIC_ID: Final = b"select id from log.topic where name = %(topic)s"


class Row(NamedTuple):
    """A row of read.sql; all but the first two are None where the partition has nothing to read."""

    partition: int
    next_offset: int
    offset: int | None
    recorded: datetime
    key: bytes
    headers: str
    value: bytes


class PostgresEventLog:
    """An EventLog in the schema `log` of a database. Made by `open`.

    An append of several messages is one transaction: all of them are in the log, or none.
    """

    def __init__(self, conninfo: str, topics: Sequence[Topic], patience: float) -> None:
        self._topics = frozenset(topics)
        self._patience = patience
        self._pool = connections(conninfo, patience)
        own = uuid4().hex
        self._arrivals = Arrivals(conninfo, CHANNEL, own)
        self._echoes = Echoes()
        self._commits = GroupCommit(self._pool, own, self._committed, patience)

    @classmethod
    async def open(cls, conninfo: str, topics: Sequence[Topic], patience: float = 30.0, *, create: bool = True) -> Self:
        """Creates the schema and the topics where they are missing (unless `create` is false), and checks them.

        `patience`: seconds to bear with a database that is away. Raises LogUnavailable, or LogMisconfigured, which
        names everything that is wrong.
        """
        log = cls(conninfo, topics, patience)
        try:
            await log._pool.open()
            async with asyncio.timeout(patience), log._pool.connection() as connection:
                await prepare(connection, topics, create)
        except AWAY as fault:
            await log.close()
            raise LogUnavailable("the database of the log can't be reached") from fault
        except BaseException:
            await log.close()
            raise
        return log

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        """See `EventLog.append`. While the database is away it waits, up to the log's patience."""
        refuse_unfit(topic, messages)
        self._refuse_unopened(topic)
        if not messages:
            return []
        try:
            async with asyncio.timeout(self._patience):
                return await self._commits.append(topic, messages)
        except TimeoutError as fault:
            raise AppendUnknown(f"no commit in {self._patience:g} s") from fault

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        """See `EventLog.read`. Asks the database unless all that may have come was committed by this process."""
        self._refuse_unopened(topic)
        wanted, clock = dict(start), asyncio.get_running_loop().time
        due, elsewhere, last_look = True, 0, 0.0
        with self._echoes.listening(topic) as echo:
            while unread := unread_offsets(wanted, until):
                arrival = self._arrivals.next
                if due or elsewhere != self._arrivals.elsewhere or clock() - last_look >= POLL_SECONDS:
                    elsewhere, last_look = self._arrivals.elsewhere, clock()
                    batch = messages_of(topic, unread, await self._rows(topic, unread))
                    due = bool(batch)  # one answer may not hold all
                else:
                    batch, due = echo.take(unread)
                if batch:
                    wanted |= {stored.position.partition: stored.position.offset + 1 for stored in batch}
                    yield batch
                elif not due:
                    await self._arrivals.wait(arrival)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        """See `EventLog.ends`."""
        self._refuse_unopened(topic)
        return dict(await self._fetch(ENDS, {"topic": topic.name}))

    async def end(self, topic: Topic, partition: int) -> int:
        """See `EventLog.end`."""
        self._refuse_unopened(topic)
        [(end,)] = await self._fetch(END, {"topic": topic.name, "partition": partition})
        return int(end)

    async def topic_id(self, topic: Topic) -> str:
        """See `EventLog.topic_id`."""
        self._refuse_unopened(topic)
        [(made,)] = await self._fetch(TOPIC_ID, {"topic": topic.name})
        return str(made)

    async def close(self) -> None:
        """See `EventLog.close`; reads under way raise LogUnavailable. Bounded, even where the database is frozen."""
        await self._commits.close()
        await self._pool.close()
        await self._arrivals.close()

    def _committed(self, topic: Topic, messages: Sequence[Stored]) -> None:
        self._echoes.tell(topic, messages)
        self._arrivals.ring()

    async def _rows(self, topic: Topic, unread: Mapping[int, range]) -> list[Row]:
        parameters = {
            "topic": topic.name,
            "partitions": array(unread),
            "starts": array(offsets.start for offsets in unread.values()),
            "stops": array(offsets.stop for offsets in unread.values()),
            "rows": max(1, READ_ROWS // len(unread)),
            "bytes": READ_BYTES,
        }
        return [Row(*row) for row in await self._fetch(READ, parameters)]

    async def _fetch(self, query: bytes, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Asks again while the database is away, up to the log's patience; then raises LogUnavailable."""
        try:
            async with asyncio.timeout(self._patience):
                async for attempt in stamina.retry_context(
                    on=_is_passing, attempts=None, timeout=self._patience, wait_initial=0.05, wait_max=1.0
                ):
                    with attempt:
                        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
                            return await (await cursor.execute(query, parameters)).fetchall()
        except AWAY as fault:
            raise LogUnavailable("the database of the log can't be reached") from fault
        raise AssertionError("a retry ends with an answer or an error")

    def _refuse_unopened(self, topic: Topic) -> None:
        if topic not in self._topics:
            raise ValueError(f"the log was not opened for {topic}")


def messages_of(topic: Topic, unread: Mapping[int, range], rows: Sequence[Row]) -> list[Stored]:
    """The messages in the rows of read.sql; raises LogTruncated where they don't follow on what was read before."""
    expected = {partition: offsets.start for partition, offsets in unread.items()}
    messages = []
    for row in rows:
        at = expected[row.partition]
        if row.offset is None:
            if row.next_offset < at:
                raise LogTruncated(
                    f"{topic.name}: partition {row.partition} ends at {row.next_offset}, "
                    f"before the offset {at} to read from"
                )
            if row.next_offset > at:
                # The end is of the same moment as the messages: a reader that waited for more would wait for ever.
                raise LogTruncated(f"{topic.name}: offset {at} of partition {row.partition} is gone", at)
            continue
        if row.offset != at:
            raise LogTruncated(
                f"{topic.name}: offset {at} of partition {row.partition} is gone, the next there is {row.offset}",
                at,
                row.offset,
            )
        expected[row.partition] += 1
        message = Message(row.key, headers_from_text(row.headers), row.value)
        messages.append(Stored(Position(row.partition, row.offset), row.recorded.astimezone(UTC), message))
    return messages


def _is_passing(fault: Exception) -> bool:
    """Whether the database may be back after a while; the pool has been patient already where it gave up."""
    return isinstance(fault, psycopg.OperationalError) and not isinstance(fault, PoolTimeout | PoolClosed)
