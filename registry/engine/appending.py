"""Putting a record into the log: its body first where no message can hold it, then until the log has it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from events.admission import Judged
from events.bodies import divided, placed, where
from events.partitions import partition_of
from events.port import Addressed, AppendUnknown, EventLog, Topic
from events.record import Message, Position, Record
from registry.engine.heads import Heads

REST: Final = 0.05
"""Seconds between two attempts."""


class Appends:
    """Whether the log takes records: not, where the last append failed, and that a moment ago."""

    LASTS: Final = 10.0
    """Seconds for which a failure counts: a node without traffic would otherwise never learn that it is over."""

    def __init__(self) -> None:
        self._failed: float | None = None

    def succeeded(self) -> None:
        """Takes note of an append."""
        self._failed = None

    def failed(self) -> None:
        """Takes note of one that may not be in the log."""
        self._failed = time.monotonic()

    @property
    def failing(self) -> bool:
        """Whether the log takes no records."""
        return self._failed is not None and time.monotonic() - self._failed < self.LASTS


class Appending:
    """Appends for one node, and remembers how that goes."""

    def __init__(self, log: EventLog, heads: Heads) -> None:
        self._log, self._heads = log, heads
        self.appends = Appends()

    async def append(self, record: Record, encoded: Message, ends: float) -> Judged:
        """Appends until the log acknowledges, and returns the fold's verdict there.

        An unknown append may have landed or land later. The same bytes again are harmless then: of two copies the
        fold accepts at most one, and both copies get the same answer.
        """
        whole = await self._with_body(record, encoded, ends)
        addressed = Addressed(partition_of(record.subject, self._heads.topic.partitions), whole)
        with self._heads.verdicts(record.subject, record.id) as verdicts:
            [position] = await self._until_there(self._heads.topic, [addressed], ends)
            self.appends.succeeded()
            return await self._heads.verdict_at(verdicts, position)

    async def _with_body(self, record: Record, encoded: Message, ends: float) -> Message:
        """The message to append for a record; a body that is too large for a message is stored in parts first.

        If we crash in between, parts remain that no record names, which does no harm.
        """
        message, parts = divided(record, encoded, self._heads.topic)
        if not parts:
            return message
        first, *_ = await self._until_there(where(self._heads.topic), parts, ends)
        return placed(message, first)

    async def _until_there(self, topic: Topic, messages: Sequence[Addressed], ends: float) -> Sequence[Position]:
        """Where the messages are, once the log has acknowledged them; raises TimeoutError."""
        while True:
            if asyncio.get_running_loop().time() > ends:
                # Before Python 3.12 the deadline's cancellation can get lost in a client's wait.
                raise TimeoutError
            try:
                return await self._log.append(topic, messages)
            except AppendUnknown:
                self.appends.failed()
                await asyncio.sleep(REST)
