"""Views over a log kept in memory, for tests: opened on a database, run to the log's end, dumped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import psycopg

from events.port import EventLog
from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine import aside, schema
from projections.engine.dump import dump
from projections.engine.program import Program
from projections.engine.runner import Runner
from projections.reading import Views
from tests.projections.trials import TOPIC, now
from tests.support.waiting import PATIENCE


@asynccontextmanager
async def running(
    log: EventLog, url: str, views: Views | None = None, program: Program = PROGRAM
) -> AsyncIterator[asyncio.Task[None]]:
    """A runner for as long as the context lasts. A fault of its own is raised at the end."""
    task = asyncio.create_task(Runner(log, TOPIC, url, views.progress if views else None, program=program).run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until_held(log: EventLog, views: Views) -> None:
    """Returns when the views hold all that is in the log now."""
    ends = await log.ends(TOPIC)

    async def all_shown() -> bool:
        positions = await views.positions()
        return all(positions.get(partition, 0) >= end for partition, end in ends.items())

    await eventually(all_shown)


async def _tried(url: str, program: Program) -> bool:
    async with await connect(url) as connection:
        return not await aside.untried(connection, program, 1)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns when a condition that lives in the database holds; raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def project(log: EventLog, url: str, program: Program = PROGRAM) -> None:
    """Brings the views to the end of the log, and tries again what another program set aside."""
    views = await Views.open(url, now)
    try:
        async with running(log, url, program=program):
            await until_held(log, views)
            await eventually(partial(_tried, url, program))
    finally:
        await views.close()


async def cut_off_leader(database: psycopg.AsyncConnection) -> int:
    """Ends the session of the runner that leads; how many there were."""
    ended = await database.execute(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = %s", (schema.LEADER,)
    )
    return ended.rowcount


async def dumped(url: str) -> list[bytes]:
    return [line async for line in dump(url, program=PROGRAM)]
