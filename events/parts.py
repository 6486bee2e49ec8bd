"""Bytes that no message can hold, as messages that each hold a part of them: of partners' documents, and of bodies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from events.record import MalformedRecord, Message

PART_BYTES: Final = 512 * 1024
MOST_PARTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """The place of a message's value among the parts of a whole: the `part`th of `parts`, from 0."""

    key: str
    """Names the document of which the bytes are the content."""
    whole: str
    """Names the bytes of all parts together. One document may be stored twice, in different bytes."""
    part: int
    parts: int

    @classmethod
    def read(cls, message: Message) -> Self | None:
        """The place that the message states, or None if it is no part."""
        try:
            attributes = message.attributes()
            part, parts = int(attributes["ce_part"]), int(attributes["ce_parts"])
            key, whole = message.key.decode(), attributes["ce_whole"].decode()
        except (KeyError, MalformedRecord, ValueError):
            return None
        return cls(key, whole, part, parts) if 0 <= part < parts <= MOST_PARTS else None


def in_parts(content: bytes, *, kind: str, source: str, key: str, whole: str) -> Iterator[Message]:
    """CloudEvents of this type whose values are the content, in order; none for no content."""
    starts = range(0, len(content), PART_BYTES)
    for part, start in enumerate(starts):
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": f"{whole}/{part}",
            "ce_source": source,
            "ce_type": kind,
            "ce_whole": whole,
            "ce_part": str(part),
            "ce_parts": str(len(starts)),
            "content-type": "application/octet-stream",
        }
        headers = tuple((name, value.encode()) for name, value in attributes.items())
        yield Message(key.encode(), headers, content[start : start + PART_BYTES])
