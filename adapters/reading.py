"""What a source's `parse` yields for each record: the record as read, or why it was refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from events.schemas.registration import Registration
from events.schemas.trial import Home, SiteAsImported, Status

MOST_FAULTS: Final = 20
"""Faults told of one record: enough to mend it, and a refusal stays readable."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One record of a source. Persons are in clear (`parties.Person`), and are sealed before they are stored."""

    place: str
    """Where it was, for people: `file, study 17 (NCT01234567)`."""
    raw: bytes
    """Exactly the bytes of this record, as they stood in the document."""
    home: Home
    """The registration itself: its home registry and number, as `events.identifiers` writes them."""
    sender: str
    """The record's sender: the home registry itself, or `who-ictrp`, which renders others' records."""
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


def place_of(file: str, record: str, number: int | None, identifier: str | None) -> str:
    """Where a record stands, for people: `file, study 17 (NCT01234567)`; `record` is what its source calls a record."""
    return f"{file}, {record} {number}" + (f" ({identifier})" if identifier else "")


def refused(place: str, identifier: str | None, reasons: Sequence[str]) -> Refused:
    """The refusal of one record, for so many reasons as people read."""
    more = f"; and {len(reasons) - MOST_FAULTS} more" if len(reasons) > MOST_FAULTS else ""
    return Refused(place, identifier, "; ".join(reasons[:MOST_FAULTS]) + more)


def faults_of(error: ValidationError) -> Iterator[str]:
    """What the data set can't hold, by field; without the value, which may be a person's."""
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        yield f"{error.title}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
