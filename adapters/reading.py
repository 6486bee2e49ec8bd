"""What a source's `parse` yields for each record: the record as read, or why it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from events.schemas.registration import Registration
from events.schemas.trial import Home, SiteAsImported, Status


@dataclass(frozen=True, slots=True)
class Parsed:
    """One record of a source. Persons are in clear (`values.Person`): whoever stores it seals them first."""

    place: str
    """Where it was, for people: `file, study 17 (NCT01234567)`."""
    raw: bytes
    """Exactly the bytes of this record, as they stood in the document."""
    home: Home
    """The registration itself: its home registry and number, as `events.identifiers` writes them."""
    sender: str
    """Who sent the record: the home registry itself, or `who-ictrp`, which renders others' records."""
    record: str
    """The record's number as the sender writes it."""
    registration: Registration
    status: Status
    sites: tuple[SiteAsImported, ...]
    retrieved: str | None
    """The source's own date of this version, as it states it (a partial date)."""
    carried: int
    """How many scalar values of the source are held by the fields above."""
    not_carried: Mapping[str, int]
    """The other scalar values: path, with `[]` for a position in a list, to how many. A reason may follow the path."""
    given_out: str | None = None
    """The day of the source's data that the record was taken from, where it states that (a partial date)."""
    cleaned: Mapping[str, int] = field(default_factory=dict)
    """The texts that lost characters which no text of ours may have: path to how many."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One record, or one stretch of a document, that can't be taken."""

    place: str
    identifier: str | None
    reason: str
