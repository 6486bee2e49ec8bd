"""Building a partition's share of the views from nothing, in this process or in another beside it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from events import canonical
from events.admission import Judged, PartitionFold
from events.event import Event, accepted, follow
from events.port import EventLog, Topic
from projections.connecting import NEXT, Connection, connect
from projections.document import Document
from projections.gathering import Gathered, gather, trials_of
from projections.search.project import PAST, SEARCH, ended
from projections.table import Key, Row
from projections.writing import advance, write

CHUNK: Final = 1_000
"""Records between two writes."""
UNHURRIED: Final = "select set_config('synchronous_commit', 'off', false)"

Opener: TypeAlias = Callable[[], Awaitable[EventLog]]
"""Opens the log; it can be sent to another process."""
Told: TypeAlias = Callable[[int], None]
"""Is told the next offset after each write."""


@dataclass(frozen=True, slots=True)
class Share:
    """What is to be built: the views of one partition, of its records below an offset."""

    topic: Topic
    partition: int
    until: int
    views: tuple[str, ...]


async def build(log: EventLog, connection: Connection, share: Share, told: Told = lambda offset: None) -> PartitionFold:
    """Writes the rows into empty views, and returns the fold of the partition as it stands then.

    Documents are kept as JSON, in a fraction of the memory of objects. An entry of the search is kept until another
    follows it, so that each is written once, where it is to stay.
    """
    fold = PartitionFold(share.partition)
    folds, until = {share.partition: fold}, {share.partition: share.until}
    documents: dict[str, bytes] = {}
    entries: dict[str, Row] = {}
    latest: Gathered = {}
    async with aclosing(follow(log, share.topic, folds, until)) as batches:  # type: ignore[type-var]
        async for judged in batches:
            for start in range(0, len(judged), CHUNK):
                chunk = judged[start : start + CHUNK]
                gathered = _gathered(events_of(chunk), documents, share.views)
                for table in [table for table in gathered if table.latest]:
                    latest.setdefault(table, {}).update(gathered.pop(table))
                gathered[PAST] = _ended(gathered.pop(SEARCH, {}), entries)
                async with connection.transaction():
                    await advance(connection, {share.partition: chunk[0].position.offset}, chunk)
                    await write(connection, gathered)
                told(chunk[-1].position.offset + 1)
    latest[SEARCH] = {(row[0], row[1]): (row,) for row in entries.values()}
    async with connection.transaction():
        await write(connection, latest)
    return fold


def build_beside(opener: Opener, conninfo: str, share: Share) -> PartitionFold:
    """The same in a process of its own, with connections of its own."""

    async def run() -> PartitionFold:
        log = await opener()
        try:
            async with await connect(conninfo, NEXT) as connection:
                await connection.execute(UNHURRIED)
                return await build(log, connection, share)
        finally:
            await log.close()

    return asyncio.run(run())


def events_of(judged: Sequence[Judged]) -> list[Event]:
    """The events among the records."""
    return [event for event in map(accepted, judged) if event is not None]


def _ended(rows: Mapping[Key, tuple[Row, ...]], entries: dict[str, Row]) -> dict[Key, tuple[Row, ...]]:
    """Takes the entries, in the order of their events, for those that hold; returns those that they follow, as past."""
    past: dict[Key, tuple[Row, ...]] = {}
    for (trial, _), (row,) in rows.items():
        if (before := entries.get(trial)) is not None:
            past[before[:2]] = (ended(before, row),)
        entries[trial] = row
    return past


def _gathered(events: list[Event], documents: dict[str, bytes], views: Collection[str]) -> Gathered:
    known = trials_of(events) & documents.keys()
    opened: dict[str, Document] = {trial: canonical.from_json(documents[trial]) for trial in known}
    gathered = gather(events, opened, views)
    documents.update({trial: canonical.to_json(document) for trial, document in opened.items()})
    return gathered
