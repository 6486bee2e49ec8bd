"""Events that one program set aside are tried again by another; views that show them are as if nothing had failed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from events.admission import Accepted, Judged, proposal_of
from events.event import Event
from events.follower_port import Overtaken
from events.port import EventLog, Topic
from events.record import Stored
from projections.base.connecting import Connection
from projections.engine import aside
from projections.engine.loading import events_of
from projections.engine.program import Program
from projections.engine.stumbling import Read, SetAside, read
from projections.engine.taking import Taking, tell

log = structlog.get_logger()

SLICE: Final = 2.0
"""Seconds after which what was recorded meanwhile is shown first: an older program may have set aside any number."""
MOST_LISTED: Final = 1_000
"""Streams that are asked for at a time."""
OWN: Final = "select next_offset from position where partition = %s for update"


async def retry(
    events: EventLog, topic: Topic, connection: Connection, found: Mapping[int, int], program: Program
) -> bool:
    """Tries again what other programs set aside, a stream in a transaction, for SLICE seconds; whether more is left.

    `found` are the next offsets that the writer last saw; raises Overtaken where they are not there any more.
    """
    ends = asyncio.get_running_loop().time() + SLICE
    untried = await aside.untried(connection, program, MOST_LISTED)
    for tried, (stream, partition) in enumerate(untried, 1):
        async with connection.transaction():
            await _own(connection, partition, found)
            before = await aside.listed(connection, stream)
            await aside.remove(connection, stream)
            after = await _again(events, topic, connection, before, program)
        tell(after)
        log.info("set_aside_retried", before=len(before), after=len(after))
        if asyncio.get_running_loop().time() >= ends:
            return tried < len(untried) or len(untried) == MOST_LISTED
    return len(untried) == MOST_LISTED


async def _own(connection: Connection, partition: int, found: Mapping[int, int]) -> None:
    """Makes others that would move the position wait, such as a rebuild that swaps."""
    if await (await connection.execute(OWN, (partition,))).fetchone() != (found[partition],):
        raise Overtaken("another process has moved the views' positions")


async def _again(
    events: EventLog, topic: Topic, connection: Connection, before: Sequence[SetAside], program: Program
) -> list[SetAside]:
    """Shows what can be shown now: of each view, from the first event that it lacks."""
    first: dict[str, int] = {}
    for one in before:
        first[one.view] = min(one.version, first.get(one.view, one.version))

    def shown(view: str, event: Event) -> bool:
        return view not in first or event.version < first[view]

    history = program.history.name if program.history else ""
    # The history shows none of a stream whose name no text can hold.
    in_history = [] if first.get(history) == 1 else await events_of(connection, before[0].stream, program)
    in_log = await _in_log(events, topic, [one for one in before if one.view == history])
    after = await Taking(connection, {}, program, shown=shown, documents={}).take([*in_history, *in_log])
    await aside.add(connection, after, program)
    return after


async def _in_log(events: EventLog, topic: Topic, lacking: Sequence[SetAside]) -> list[Read]:
    """The events that the history lacks, as the log has them."""
    found = []
    for one in lacking:
        partition, offset = one.position
        async for batch in events.read(topic, {partition: offset}, {partition: offset + 1}):
            found += [event for event in (_read(stored, one) for stored in batch) if event is not None]
    return found


def _read(stored: Stored, one: SetAside) -> Read | None:
    """Admission's earlier verdict on the record is stored with the event that was set aside, and holds forever."""
    message = stored.message
    verdict = Accepted(one.version)
    return read(Judged(stored.position, one.recorded, verdict, message, message.digest, proposal_of(message)))
