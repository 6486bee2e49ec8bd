"""The receipt of a command."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from events.event import Event
from events.record import Position


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a command is recorded, and where. Made from the event alone, so a repeat gets the same one."""

    key: UUID
    stream: str
    version: int
    position: Position
    recorded: datetime
    type: str
    site: str | None
    number: str | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """The receipt of an accepted event."""
        record = event.record
        site = record.data.get("site")
        return cls(
            key=record.id,
            stream=record.subject,
            version=event.version,
            position=event.position,
            recorded=event.recorded,
            type=record.type,
            site=site["site"] if isinstance(site, dict) else site,
            number=record.data.get("number"),
        )
