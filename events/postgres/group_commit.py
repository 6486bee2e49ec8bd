"""Group commit: everything that waits to be appended is written in one transaction."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from importlib.resources import files
from itertools import islice
from typing import Any, Final

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from events.port import Addressed, AppendUnknown, Topic
from events.postgres.arrays import array
from events.postgres.headers import headers_to_text
from events.record import Message, Position, Stored
from events.stopping import stop

MOST_MESSAGES: Final = 1_000
MOST_BYTES: Final = 8_000_000
CANCEL_SECONDS: Final = 5.0

CHANNEL: Final = "registry_log"
NOTIFY: Final = "select pg_notify(%s, %s)"
APPEND: Final = files(__package__).joinpath("append.sql").read_bytes()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of one append, and where their positions are awaited."""

    topic: Topic
    messages: Sequence[Addressed]
    positions: asyncio.Future[list[Position]]

    @property
    def size(self) -> int:
        """The messages' bytes."""
        return sum(addressed.message.size for addressed in self.messages)


class GroupCommit:
    """Writes appends to a topic in commits that they share: while one is under way, the next gathers.

    `committed` is called after each commit with its topic and messages, before their appends are answered. `sender`
    marks its notifications, so that a log can tell its own. `patience`: seconds that a commit may take.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        sender: str,
        committed: Callable[[Topic, Sequence[Stored]], None],
        patience: float,
    ) -> None:
        self._pool = pool
        self._patience = patience
        self._sender = sender
        self._committed = committed
        self._waiting: deque[Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._announcing: asyncio.Task[None] | None = None
        self._unannounced = False

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> list[Position]:
        """Adds messages to the next commit and waits for it; all are in one transaction. Raises AppendUnknown."""
        waiting = Waiting(topic, messages, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await waiting.positions

    async def close(self) -> None:
        """Writes what still waits, within the patience; appends that are left over raise AppendUnknown."""
        if (writing := self._writing) is not None:
            _, late = await asyncio.wait([writing], timeout=self._patience)
            if late:
                writing.cancel()
                await asyncio.wait([writing], timeout=CANCEL_SECONDS)
        if self._announcing is not None:
            await stop([self._announcing])
        while self._waiting:
            _fail(self._waiting.popleft(), TimeoutError("the log was closed"))

    async def _write(self) -> None:
        try:
            while batch := take(self._waiting):
                await self._commit_and_answer(batch)
        finally:
            self._writing = None

    async def _commit_and_answer(self, batch: Sequence[Waiting]) -> None:
        try:
            stored = await self._commit(batch)
        except (Exception, asyncio.CancelledError) as fault:  # whatever it is: nobody may be left waiting
            for waiting in batch:
                _fail(waiting, fault)
            if isinstance(fault, asyncio.CancelledError):
                raise
            # The server may have gone: the pool's other connections went with it, and are not to fail one by one.
            # They aren't asked, as one that has frozen would not answer.
            await self._pool.drain()
            return
        self._committed(batch[0].topic, stored)
        positions = (one.position for one in stored)
        for waiting in batch:
            own = list(islice(positions, len(waiting.messages)))
            if not waiting.positions.done():
                waiting.positions.set_result(own)
        self._unannounced = True
        if self._announcing is None:
            self._announcing = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        """Wakes the readers of other processes; one that misses it looks by itself a moment later."""
        # Beside the commits: within one, a notification holds a lock over the whole database until it is flushed. The
        # commits that end while one is under way share the next.
        try:
            while self._unannounced:
                self._unannounced = False
                with suppress(psycopg.Error, PoolTimeout, TimeoutError):
                    async with asyncio.timeout(self._patience), self._pool.connection() as connection:
                        await connection.execute(NOTIFY, (CHANNEL, self._sender))
        finally:
            self._announcing = None

    async def _commit(self, batch: Sequence[Waiting]) -> list[Stored]:
        """Writes the batch in one transaction; its messages in order, as the log has them now."""
        messages = [addressed.message for waiting in batch for addressed in waiting.messages]
        places = [addressed.partition for waiting in batch for addressed in waiting.messages]
        distances = distances_to_end(places)
        parameters = _parameters(batch[0].topic, places, distances, messages)
        async with asyncio.timeout(self._patience), self._pool.connection() as connection:
            advanced = await (await connection.execute(APPEND, parameters)).fetchall()
        heads = {partition: (end, recorded.astimezone(UTC)) for partition, end, recorded in advanced}
        return [
            Stored(Position(place, end - distance), recorded, message)
            for place, distance, message in zip(places, distances, messages, strict=True)
            for end, recorded in (heads[place],)
        ]


def take(waiting: deque[Waiting]) -> list[Waiting]:
    """Takes the next commit's appends, whole ones to one topic and at least one, within MOST_MESSAGES and MOST_BYTES.

    One whose caller has given up is dropped: nothing of it was sent.
    """
    batch: list[Waiting] = []
    messages = size = 0
    while waiting:
        if waiting[0].positions.done():
            waiting.popleft()
            continue
        messages += len(waiting[0].messages)
        size += waiting[0].size
        if batch and (messages > MOST_MESSAGES or size > MOST_BYTES or waiting[0].topic != batch[0].topic):
            break
        batch.append(waiting.popleft())
    return batch


def distances_to_end(places: Sequence[int]) -> list[int]:
    """How far each message will lie below its partition's next offset: 1 for a partition's last."""
    remaining = Counter(places)
    distances = []
    for place in places:
        distances.append(remaining[place])
        remaining[place] -= 1
    return distances


def _parameters(
    topic: Topic, places: Sequence[int], distances: Sequence[int], messages: Sequence[Message]
) -> dict[str, Any]:
    added = Counter(places)
    return {
        "topic": topic.name,
        "partitions": array(added),
        "messages": array(added.values()),
        "places": array(places),
        "distances": array(distances),
        "keys": [message.key for message in messages],
        "headers": [headers_to_text(message.headers) for message in messages],
        "values": [message.value for message in messages],
    }


def _fail(waiting: Waiting, fault: BaseException) -> None:
    if not waiting.positions.done():
        unknown = AppendUnknown("the commit failed, or its outcome was not heard")
        unknown.__cause__ = fault
        waiting.positions.set_exception(unknown)
