"""The process that keeps the views, and this server's search index of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import stamina

from events.admission import PartitionFold
from events.identity import LogIdentity, identify, verify_marks
from events.port import EventLog, LogUnavailable
from events.postgres.snapshots import PostgresSnapshots
from events.starting import Begin, Starting, from_the_beginning
from events.stopping import all_of
from projections.engine.program import Program
from projections.engine.progress import ForwardedProgress, Progress
from projections.engine.runner import Runner
from projections.search.folder import Folder
from projections.search.follower import Follower, Standing
from projections.search.index import SharedIndex, standing_of
from registry.people.keys import snapshots_key
from registry.process.beside import Tell
from registry.settings import Settings
from registry.wiring.stores import Pool, open_log, pool_of, topics


async def project(settings: Settings, url: str, program: Program, tell: Tell) -> None:
    """Keeps the views and the index until cancelled, and sends their progress; raises as `Runner.run` does.

    It waits for a log that is away, also at the start, as the server's own process does. Of all servers one at a time
    writes the views; each writes its own index.
    """
    async for attempt in stamina.retry_context(on=LogUnavailable, attempts=None, timeout=None, wait_max=2.0):
        with attempt:
            log = await open_log(settings, url)
    topic, progress, begin = topics(settings)[0], ForwardedProgress(tell), _beginning(settings, url, log)
    runner = Runner(log, topic, url, progress, program=program, begin=begin)
    index = Follower(_folder(settings), verify=partial(verify_marks, log, topic), tell=tell)
    try:
        await all_of([runner.run(), index.run(url, progress)])
    finally:
        await log.close()


async def take_note(progress: Progress, index: SharedIndex | None, message: Any) -> None:
    """Takes a message that `project` sends from its process."""
    if isinstance(message, Standing):
        if index is not None:
            await index.hear(message)
    else:
        await progress.hear(message)


def shared_index(settings: Settings) -> SharedIndex:
    """The index of this server, as its API process reads it."""
    return SharedIndex(_folder(settings), 2 * settings.searches_at_once)


def search_index_row(settings: Settings, read: Mapping[int, int]) -> dict[str, Any]:
    """How this machine's index stands, for operators; `read`: next offsets of the log."""
    unfit, mark = standing_of(_folder(settings))
    if mark is None:
        return {"search index": unfit}
    behind = sum(max(offset - mark.positions.get(partition, 0), 0) for partition, offset in read.items())
    aside = {"search index lacks": ", ".join(sorted(mark.aside))} if mark.aside else {}
    return {"search index behind by": behind, **aside}


def _folder(settings: Settings) -> Folder:
    return Folder(settings.search_index or settings.data / "search-index" / str(settings.port))


async def starting(settings: Settings, pool: Pool, log: EventLog, identity: LogIdentity) -> Starting:
    """The places where folds of the events topic begin, from snapshots in the database."""
    snapshots = PostgresSnapshots(pool)
    await snapshots.create()
    return Starting(log, topics(settings)[0], identity, snapshots, snapshots_key(settings))


def _beginning(settings: Settings, url: str, log: EventLog) -> Begin:
    """The places where a process without a node begins, read only when needed: log and database may be away before."""

    async def begin(at_most: Mapping[int, int]) -> Mapping[int, PartitionFold]:
        async with pool_of(settings, url) as pool:
            found = await starting(settings, pool, log, await identify(log, topics(settings)[0]))
            return await found.folds(at_most)

    return begin if settings.snapshot_every else from_the_beginning
