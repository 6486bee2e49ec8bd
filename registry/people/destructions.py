"""Events that ask for keys to be destroyed: of persons who are forgotten, and of texts that are taken back."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Final, NamedTuple
from uuid import UUID

from events.catalogue import NAMES
from events.port import EventLog, Topic
from events.record import MalformedRecord, Message
from events.schemas.person import PersonForgotten
from events.schemas.text import TextTakenBack
from events.sealing import OwnerKind
from events.streams import Stream

ASKED_BY: Final = {
    OwnerKind.PERSON: NAMES[PersonForgotten],
    OwnerKind.TEXT: NAMES[TextTakenBack],
}
"""The event that asks for a key of this kind to be destroyed. Its stream names the owner."""


class Destruction(NamedTuple):
    """The owner whose key is to be destroyed."""

    kind: OwnerKind
    owner: str


def destruction(stream: str, kind: str) -> Destruction | None:
    """The destruction that an event of this stream and type asks for; None if it asks for none."""
    named = Stream(stream)
    try:
        of = OwnerKind(named.category)
        return Destruction(of, str(UUID(named.id))) if ASKED_BY[of] == kind else None
    except ValueError:
        return None


def asked_in(message: Message) -> Destruction | None:
    """The same for a message, by its headers alone: a body that can't be read hides no request."""
    try:
        headers = message.attributes()
        return destruction(headers["ce_subject"].decode(), headers["ce_type"].decode())
    except (KeyError, MalformedRecord, UnicodeDecodeError):
        return None


async def between(
    log: EventLog, topic: Topic, start: Mapping[int, int], until: Mapping[int, int]
) -> AsyncIterator[Destruction]:
    """The requests from these next offsets on, up to those. Raises what `EventLog.read` raises."""
    remaining = {partition: offset for partition, offset in start.items() if until[partition] > offset}
    if not remaining:
        return
    async with aclosing(log.read(topic, remaining, until)) as batches:  # type: ignore[type-var]
        async for batch in batches:
            for stored in batch:
                if (requested := asked_in(stored.message)) is not None:
                    yield requested
