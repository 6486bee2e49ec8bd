"""Takes a backup of log and vault as of one moment, while nodes may go on working.

A key is made before the first event that seals with it, and destroyed after the event that asks for that. So the vault
is read as it was after the log's ends were taken, and has every key that the log needs, unless an event that the
backup lacks asked for one to be destroyed in between. Then both are taken again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import orjson

from events import founding, moving
from events.port import EventLog, Topic
from events.postgres import belonging, vault_copy
from registry.backup.archive import LOG, VAULT, Writer
from registry.people.destructions import Destruction, between

ATTEMPTS: Final = 10
"""Attempts to take both, since keys may be destroyed during each."""
Ends = Sequence[Mapping[int, int]]


class NeverStill(Exception):
    """Keys were destroyed at each attempt to take log and vault as of one moment."""


@asynccontextmanager
async def _together(
    log: EventLog, topics: Sequence[Topic], conninfo: str
) -> AsyncIterator[tuple[vault_copy.Connection, Ends]]:
    """The vault and the ends of the log, so that neither needs anything that the other lacks."""
    for _ in range(ATTEMPTS):
        ends = await moving.ends_of(log, topics)
        async with vault_copy.snapshot(conninfo) as connection:
            later = await log.ends(topics[0])
            if not [destruction async for destruction in between(log, topics[0], ends[0], later)]:
                yield connection, ends
                return
    raise NeverStill("people were forgotten during each attempt; take the backup again")


async def back_up(
    log: EventLog, topics: Sequence[Topic], conninfo: str, writer: Writer, *, now: datetime, program: str
) -> AsyncIterator[int]:
    """Writes head, vault and log; yields the number of further lines written after each, including the vault's rows.

    Raises LogMisconfigured if the log is not founded, LogUnavailable, NeverStill.
    """
    origin = (await founding.read(log, topics[0])).origin
    async with _together(log, topics, conninfo) as (connection, ends):
        probe = await vault_copy.probe(connection)
        vault = (await belonging.read(connection)).vault
        writer.head(_head(origin.log, origin.base, topics, ends, now=now, program=program, probe=probe, vault=vault))
        async for row in vault_copy.rows(connection):
            writer.line(VAULT, orjson.dumps(row) + b"\n")
            yield 1
        writer.end(VAULT)
    async for line in moving.dump(log, topics, ends):
        writer.line(LOG, line)
        yield 1
    writer.end(LOG)


def _head(
    log: str, base: str, topics: Sequence[Topic], ends: Ends, *, now: datetime, program: str, probe: bytes, vault: str
) -> dict[str, Any]:
    """The facts about an archive that people want to know, and that a restoration needs before it begins."""
    return {
        "taken": now.isoformat(timespec="seconds"),
        "program": program,
        "log": log,
        "address": base,
        "partitions": topics[0].partitions,
        "messages": sum(sum(end.values()) for end in ends),
        "vault": probe.hex(),
        "vault_id": vault,
    }


async def destroyed(log: EventLog, topic: Topic) -> list[Destruction]:
    """The owners whose keys were destroyed according to the log, each once, in the order of kinds and ids."""
    ends = await log.ends(topic)
    return sorted({one async for one in between(log, topic, dict.fromkeys(ends, 0), ends)})
