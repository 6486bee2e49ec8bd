"""Events that a view can't take: the entries set aside for them, and the streams that they hold up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from events.admission import Accepted, Judged
from events.errors import kind_of
from events.event import Event, accepted
from events.origin import UNKNOWN
from events.record import Position, Record

Holds: TypeAlias = dict[str, dict[str, int]]
"""By stream and view, the offset of the first event that the view could not take."""

TYPE: Final = re.compile(r"[a-z0-9.-]{1,100}", re.ASCII)
ORGANISATION: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that a view does not show. `cause` is the offset of the first of its stream, often its own.

    `reason` is a kind of error and never quotes a value; it is empty for an event that only waits behind another.
    """

    view: str
    position: Position
    stream: str
    version: int
    type: str
    organisation: str
    recorded: datetime
    cause: int
    reason: str

    @property
    def waits(self) -> bool:
        """Whether it is set aside only because an earlier event of its stream is."""
        return self.cause != self.position.offset


@dataclass(frozen=True, slots=True)
class Unread:
    """An accepted record whose body can't be read: an event of which only the record's headers are known."""

    event: Event
    reason: str


Read: TypeAlias = Event | Unread


def reason_of(fault: Exception) -> str:
    """The kind of an error, with PostgreSQL's code where there is one. Messages quote values, so they stay out.

    Raises the fault itself where memory ran out, which is no property of an event.
    """
    if isinstance(fault, MemoryError):
        raise fault
    return kind_of(fault)


def read(judged: Judged) -> Read | None:
    """The event that the record is; None where it has no effect."""
    if not isinstance(judged.verdict, Accepted):
        return None
    try:
        return accepted(judged)
    except Exception as fault:
        return Unread(_by_headers(judged, judged.verdict.version), reason_of(fault))


def read_all(judged: Iterable[Judged]) -> list[Read]:
    """The events among the records."""
    return [one for one in map(read, judged) if one is not None]


def event_in(one: Read) -> Event:
    """The event, as far as it could be read."""
    return one.event if isinstance(one, Unread) else one


def hold(
    holds: Holds, event: Event, views: Iterable[str], reason: str = "", cause: int | None = None
) -> list[SetAside]:
    """Sets the event aside for the views, which from here on show nothing more of its stream.

    `cause`: the offset of the event that it waits behind, where a view does not wait behind one already.
    """
    offsets = holds.setdefault(event.record.subject, {})
    aside = []
    for view in views:
        since = offsets.setdefault(view, event.position.offset if cause is None else cause)
        one = SetAside(
            view=view,
            position=event.position,
            stream=event.record.subject,
            version=event.version,
            type=event.record.type if TYPE.fullmatch(event.record.type) else UNREADABLE,
            organisation=event.record.onbehalfof if ORGANISATION.fullmatch(event.record.onbehalfof) else "",
            recorded=event.recorded,
            cause=since,
            reason=reason,
        )
        aside.append(replace(one, reason="") if one.waits else one)
    return aside


def _by_headers(judged: Judged, version: int) -> Event:
    if judged.proposal is None:
        raise TypeError("a record that was accepted has a proposal")
    headers = {name: value.decode(errors="replace") for name, value in judged.message.headers}
    record = Record(
        id=judged.proposal.id,
        type=headers.get("ce_type", UNREADABLE),
        subject=judged.proposal.subject,
        expectedversion=judged.proposal.expectedversion,
        previoushash=judged.proposal.previoushash,
        commandhash=b"",
        actor="",
        onbehalfof=headers.get("ce_onbehalfof", ""),
        time=judged.recorded,
        data={},
        origin=UNKNOWN,
    )
    return Event(judged.position, judged.recorded, version, judged.digest, record)
