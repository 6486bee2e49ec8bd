"""The raw documents of a trial: those that its events name, each with its sender's statements about it."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from events.event import Event
from projections.trial.document import timestamp

ENDINGS: Final[Mapping[str, str]] = MappingProxyType({"application/json": "json", "application/xml": "xml"})
"""Endings of file names by media type; any other is `bin`."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One version of a record as a partner sent it, and the event that names it."""

    source: Mapping[str, Any]
    """From the event: {registry, document, media_type, size} and, if they are stated, record and dates."""
    recorded: str
    """The time when it was recorded here, RFC 3339."""
    version: int
    """The trial's version made by the event that names the document."""

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes as received, hexadecimal."""
        digest: str = self.source["document"]
        return digest

    @property
    def file(self) -> str:
        """A name for a file of it."""
        return f"{self.digest}.{ENDINGS.get(self.source['media_type'], 'bin')}"

    def to_json(self) -> dict[str, Any]:
        """As listed in answers and on the console."""
        return {**self.source, "recorded": self.recorded, "version": self.version}


def named_in(events: Iterable[Event]) -> Iterator[RawDocument]:
    """The raw documents that events name, in their order."""
    for event in events:
        source = event.record.data.get("source")
        # Another version of the program may have written it in another form.
        if isinstance(source, Mapping) and isinstance(source.get("document"), str):
            yield RawDocument(source, timestamp(event.recorded), event.version)


async def find(pages: AsyncIterator[list[Event]], digest: str) -> RawDocument | None:
    """The first document of this SHA-256 among a trial's events; None if none of them names it."""
    async for events in pages:
        found = next((one for one in named_in(events) if one.digest == digest), None)
        if found is not None:
            return found
    return None
