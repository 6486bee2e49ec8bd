"""Reads a partition to its end, past gaps: a node stops at one, a check reports it and goes on."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

from events.port import EventLog, LogTruncated, Topic
from events.record import Position, Stored
from registry.checking.findings import Findings, Kind


class _Gap(NamedTuple):
    """The first missing offset and the next existing one, as far as they are known."""

    gone: int | None
    goes_on: int | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads partitions of a log up to ends that were determined before; notes gaps in the findings.

    `patience`: if a log that answers gives no record for so many seconds, there is none.
    """

    log: EventLog
    findings: Findings
    patience: float

    async def partition(self, topic: Topic, partition: int, end: int) -> AsyncGenerator[Sequence[Stored], None]:
        """All existing messages below `end`, in order. Raises LogUnavailable."""
        at = 0
        gap: _Gap | None = None
        while at < end:
            until = end if gap is None or gap.gone is None else gap.gone
            try:
                if at < until:
                    async for batch in self._batches(topic, Position(partition, at), until):
                        yield batch
                        at = batch[-1].position.offset + 1
            except TimeoutError:
                gap = _Gap(at, None)
            except LogTruncated as found:
                gap = _Gap(found.gone, found.goes_on)
                if found.gone is not None and found.gone > at:
                    continue  # messages before it are read first
            if gap is not None:
                at = self._note(topic, Position(partition, at), gap, end)
                gap = None

    async def _batches(self, topic: Topic, start: Position, until: int) -> AsyncGenerator[Sequence[Stored], None]:
        read = self.log.read(topic, {start.partition: start.offset}, {start.partition: until})
        async with aclosing(read) as batches:  # type: ignore[type-var]
            while True:
                try:
                    async with asyncio.timeout(self.patience):
                        batch = await anext(batches)
                except StopAsyncIteration:
                    return
                yield batch

    def _note(self, topic: Topic, at: Position, gap: _Gap, end: int) -> int:
        """Notes the gap in the findings, and returns the offset at which the partition continues."""
        on = end if gap.goes_on is None else min(max(gap.goes_on, at.offset + 1), end)
        last = Position(at.partition, on - 1)
        detail = f"{topic.name}: {on - at.offset} positions hold no record, up to {last}"
        self.findings.fault(Kind.GAP, at, detail)
        return on
