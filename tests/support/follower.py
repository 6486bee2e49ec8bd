"""A follower for tests: writes a row for each record that it handles, and kills itself at a named step.

`python -m tests.support.follower DRIVER ADDRESS TOPIC PARTITIONS DATABASE DIES` runs it as a process of its own.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import psycopg

from events.admission import Judged
from events.event import accepted
from events.following import Following, Lead, Leading
from events.judging import Judging
from events.port import EventLog, Topic
from events.postgres.marks import Connection, PostgresMarks
from tests.support.drivers import open_log

ROOT: Final = Path(__file__).resolve().parents[2]
NAME: Final = "toy"
TABLE: Final = (
    'create table if not exists handled (partition integer, "offset" bigint, verdict text, digest bytea, read text,'
    " times integer)"
)
INSERT: Final = "insert into handled values (%s, %s, %s, %s, %s, 1)"


class Dies(StrEnum):
    """The step at which the process kills itself, in the first batch that it gets."""

    NEVER = "never"
    BEFORE = "before"
    """Before anything of the batch is handled."""
    HANDLED = "handled"
    """After all of it is handled, before the commit."""
    COMMITTED = "committed"
    """After the commit, before anything that follows it."""


async def handle(connection: Connection, judged: Sequence[Judged]) -> None:
    """Writes a row for each record, with what could be read of it."""
    for one in judged:
        row = (one.position.partition, one.position.offset, type(one.verdict).__name__, one.digest, read(one))
        await connection.execute(INSERT, row)


def read(judged: Judged) -> str:
    """The type of the event; a follower sets aside by itself what it can't read."""
    try:
        event = accepted(judged)
        return "" if event is None else event.record.type
    except Exception as fault:
        return type(fault).__name__


def leading(dies: Dies = Dies.NEVER) -> Lead[Connection]:
    """Leads as `events.following.each` does, and dies at the named step."""

    async def lead(leading: Leading[Connection]) -> None:
        async with aclosing(leading.batches()) as batches:
            async for batch in batches:
                _die(dies, Dies.BEFORE)
                async with leading.past(batch) as connection:
                    await handle(connection, batch.judged)
                    _die(dies, Dies.HANDLED)
                _die(dies, Dies.COMMITTED)

    return lead


def _die(dies: Dies, here: Dies) -> None:
    if dies is here:
        os.kill(os.getpid(), signal.SIGKILL)


async def prepared(database: str) -> None:
    """Makes the table of what is handled."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(TABLE)


async def handled(database: str) -> list[tuple[Any, ...]]:
    """(partition, offset, verdict, what was read) in the order of partitions and offsets."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        query = 'select partition, "offset", verdict, read from handled order by partition, "offset"'
        return await (await connection.execute(query)).fetchall()


def toy(log: EventLog, topic: Topic, database: str, lead: Lead[Connection], **store: Any) -> Following[Connection]:
    """The follower, in this process."""
    return Following(PostgresMarks(database, NAME, topic, **store), Judging(log, topic), lead)


@asynccontextmanager
async def process(
    driver: str, address: str, topic: Topic, database: str, dies: Dies
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The follower in a process of its own, for as long as the context lasts."""
    own = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.follower"),
        *(driver, address, topic.name, str(topic.partitions), database, dies.value),
        cwd=ROOT,
    )
    try:
        yield own
    finally:
        if own.returncode is None:
            own.kill()
            await own.wait()


async def main(driver: str, address: str, topic: Topic, database: str, dies: Dies) -> None:
    """Follows until killed."""
    log = await open_log(driver, address, [topic])
    await toy(log, topic, database, leading(dies)).run()


if __name__ == "__main__":
    driver, address, name, partitions, database, dies = sys.argv[1:]
    asyncio.run(main(driver, address, Topic(name, int(partitions)), database, Dies(dies)))
