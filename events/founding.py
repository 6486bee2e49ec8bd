"""Which log this is: its first record says so, and a node that opens an empty log writes one."""

import asyncio
from contextlib import aclosing
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from events.canonical import DIGEST_BYTES
from events.catalogue import name_of, payload_of
from events.origin import Origin
from events.partitions import partition_of
from events.port import Addressed, AppendUnknown, EventLog, LogMisconfigured, LogUnavailable, Topic
from events.record import MalformedRecord, Message, Record, Stored, decode, encode
from events.schemas.log import LogFounded
from events.times import restored

STREAM: Final = "log/events"
"""Fixed, so that the partition of the first record is known before anything is read."""
AGAIN_AFTER: Final = 0.1
"""Seconds after which an append of unknown outcome is looked for."""


class Founding(NamedTuple):
    """The properties of a log that its founding record states.

    `invented`: it began as a demo. `vault`: where its keys are; None in a log of an earlier program.
    """

    origin: Origin
    invented: bool
    vault: str | None = None


async def ensure(
    log: EventLog,
    topic: Topic,
    base: str,
    new_id: UUID,
    now: datetime,
    *,
    vault: str | None = None,
    invented: bool = False,
) -> Founding:
    """The log's founding; an empty log is founded with id, address and vault, and as a demo where it is to be one.

    Several nodes may found at once: the record that comes first counts, and admission refuses the others. If we crash
    after the append, the next start reads it. Raises LogMisconfigured where the log begins otherwise or has another
    number of partitions, LogUnavailable.
    """
    proposal = LogFounded(
        log=str(new_id),
        base=base.rstrip("/"),
        partitions=topic.partitions,
        invented=invented or None,
        vault=vault,
    )
    partition = partition_of(STREAM, topic.partitions)
    while not await log.end(topic, partition):
        has_records = any((await log.ends(topic)).values())
        # Asked again after the others: a node that sees another's event also sees what that node founded before.
        if await log.end(topic, partition):
            break
        if has_records:
            raise LogMisconfigured(f"{topic.name} holds records, but not the one that founds a log")
        try:
            await log.append(topic, [Addressed(partition, _message(proposal, new_id, now))])
        except AppendUnknown:
            await asyncio.sleep(AGAIN_AFTER)
    return await read(log, topic)


async def read(log: EventLog, topic: Topic) -> Founding:
    """The founding of a log that was founded; writes nothing.

    Raises LogMisconfigured where the log begins otherwise, is empty, or was restored by halves; LogUnavailable.
    """
    partition = partition_of(STREAM, topic.partitions)
    if not (end := await log.end(topic, partition)):
        raise LogMisconfigured(f"{topic.name} has no record that founds a log")
    first = await _first(log, topic, partition)
    # The partition is restored last: once it is whole, so is the log.
    if end < restored(first.message):
        raise LogMisconfigured("the restoration of the log has not finished; run it again: registry log restore")
    return of(first.message, topic)


def _message(proposal: LogFounded, event: UUID, now: datetime) -> Message:
    return encode(
        Record(
            id=event,
            type=name_of(proposal),
            subject=STREAM,
            expectedversion=0,
            previoushash=bytes(DIGEST_BYTES),
            commandhash=bytes(DIGEST_BYTES),
            actor="registry",
            onbehalfof="registry",
            time=now,
            data=proposal.to_stored(),
            origin=Origin(proposal.base, proposal.log),
            revision=proposal.REVISION,
        )
    )


async def _first(log: EventLog, topic: Topic, partition: int) -> Stored:
    async with aclosing(log.read(topic, {partition: 0}, {partition: 1})) as batches:  # type: ignore[type-var]
        async for batch in batches:
            return batch[0]
    raise LogUnavailable(f"{topic.name} has a first record, but it can't be read")


def of(first: Message, topic: Topic) -> Founding:
    """Reads the first record of a log; raises LogMisconfigured if it founds none, or one with other partitions."""
    try:
        founded = payload_of(decode(first))
    except (MalformedRecord, ValueError) as fault:
        raise LogMisconfigured(f"{topic.name} does not begin with the record that founds a log") from fault
    if not isinstance(founded, LogFounded):
        raise LogMisconfigured(f"{topic.name} does not begin with the record that founds a log")
    if founded.partitions != topic.partitions:
        raise LogMisconfigured(f"{topic.name} was founded with {founded.partitions} partitions, not {topic.partitions}")
    return Founding(Origin(founded.base, founded.log), bool(founded.invented), founded.vault)
