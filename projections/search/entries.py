"""Reading the content of an index from the views: entries with their words, and the progress of the views."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from projections.base.connecting import Connection
from projections.base.scripts import script
from projections.search.mark import Mark
from projections.search.shape import Entry

VIEW: Final = "search"
"""The view that keeps the entries."""
WINDOW: Final = 4_000
"""Offsets of a partition that are read at a time."""
IN_WINDOW: Final = script(__package__, "entries.sql", "columns.sql")
OF_TRIALS: Final = script(__package__, "of_trials.sql", "columns.sql")
IDENTITY: Final = "select 'search'::regclass::oid || ' ' || obj_description('position'::regclass)"
POSITIONS: Final = "select partition, next_offset, encode(digest, 'hex') from position"
STUMBLED: Final = "select encode(stream, 'hex'), min(cause) from set_aside where view = %s group by stream"


@dataclass(frozen=True, slots=True)
class Window:
    """Offsets of a partition, from `low` to below `high`."""

    partition: int
    low: int
    high: int


@asynccontextmanager
async def snapshot(connection: Connection) -> AsyncIterator[Connection]:
    """All that is read within is of one moment."""
    async with connection.transaction():
        await connection.execute("set transaction isolation level repeatable read, read only")
        yield connection


async def state(connection: Connection) -> Mark:
    """How far the views have come, as the mark of an index that holds all of them."""
    row = await (await connection.execute(IDENTITY)).fetchone()
    rows = await (await connection.execute(POSITIONS)).fetchall()
    stumbled = await (await connection.execute(STUMBLED, (VIEW,))).fetchall()
    return Mark(
        positions={partition: offset for partition, offset, _ in rows},
        views=str(row[0]) if row else "",
        digests={partition: digest for partition, _, digest in rows},
        stumbled={bytes.fromhex(stream).decode(errors="replace"): cause for stream, cause in stumbled},
    )


def windows(done: Mapping[int, int], until: Mapping[int, int]) -> list[Window]:
    """The windows between two sets of next offsets, WINDOW offsets at a time."""
    return [
        Window(partition, low, min(low + WINDOW, end))
        for partition, end in sorted(until.items())
        for low in range(done.get(partition, 0), end, WINDOW)
    ]


async def between(connection: Connection, window: Window) -> list[Entry]:
    """The entries that begin or end in the window."""
    parameters = {"partition": window.partition, "low": window.low, "high": window.high}
    return [Entry(*row) for row in await (await connection.execute(IN_WINDOW, parameters)).fetchall()]


async def of_trials(connection: Connection, trials: Sequence[str]) -> list[Entry]:
    """All entries of the trials."""
    return [Entry(*row) for row in await (await connection.execute(OF_TRIALS, {"trials": list(trials)})).fetchall()]
