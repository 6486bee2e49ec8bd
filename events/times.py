"""When the registry came to know a record: by the log's own clock, or as the log said that it was restored from.

A store that stamps messages itself, as Kafka does, gives a restored log the time of the restoration. So the restoration
states each message's first recorded time in a header of its own, beside the record and in no digest, and at the
beginning of each partition how many messages it restored. Only these many are believed: what a node appends later, or
somebody else, bears the store's time whatever its headers say.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from events.record import OWN, Message, Stored

RECORDED: Final = f"{OWN}recorded"
"""Header: milliseconds since 1970 (UTC), in decimal digits."""
RESTORED: Final = f"{OWN}restored"
"""Header of a partition's first message: how many messages were restored from there on."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class RecordedTimes:
    """The recorded times of one partition, read from its beginning. They never run backwards."""

    restored: int = 0
    latest: datetime | None = None

    def of(self, stored: Stored) -> datetime:
        """The recorded time of the next message; as known at a moment then names a prefix of the partition."""
        if stored.position.offset == 0:
            self.restored = restored(stored.message)
        stated = _number(stored.message, RECORDED) if stored.position.offset < self.restored else None
        recorded = stored.recorded if stated is None else EPOCH + timedelta(milliseconds=stated)
        self.latest = recorded if self.latest is None else max(self.latest, recorded)
        return self.latest


def restored(first: Message) -> int:
    """How many messages were restored into the partition that begins with this one; 0 where it grew by itself."""
    return _number(first, RESTORED) or 0


def stated(message: Message, recorded: datetime, first_of: int | None) -> Message:
    """The message with its recorded time stated, and where it begins a partition, how many are restored into it."""
    headers = [(RECORDED, b"%d" % ((recorded - EPOCH) // timedelta(milliseconds=1)))]
    if first_of is not None:
        headers.append((RESTORED, b"%d" % first_of))
    return replace(message, headers=(*bare(message).headers, *headers))


def bare(message: Message) -> Message:
    """The message without the headers that a log adds."""
    return replace(message, headers=tuple(header for header in message.headers if not header[0].startswith(OWN)))


def _number(message: Message, name: str) -> int | None:
    """The number in a header; None where it is missing, or none that a restoration writes."""
    text = dict(message.headers).get(name, b"")
    return int(text) if text.isdigit() and len(text) <= len("9" * 15) else None
