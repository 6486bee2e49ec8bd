"""The results of a source's `parse`: for each record, the record as read, or the reason of its refusal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from events.schemas.registration import Registration
from events.schemas.trial import Home, SiteAsImported, Status

MOST_FAULTS: Final = 20
"""Faults reported of one record: enough to mend it, while a refusal stays readable."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One record of a source. Persons are in clear (`parties.Person`), and are sealed before they are stored."""

    place: str
    """Its place, for people: `file, study 17 (NCT01234567)`."""
    raw: bytes
    """Exactly the bytes of this record in the document."""
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
    """Number of scalar values of the source that the fields above contain."""
    not_carried: Mapping[str, int]
    """The other scalar values: path, with `[]` for a position in a list, to number. A reason may follow the path."""
    given_out: str | None = None
    """The day of the source's data that the record was taken from, if stated (a partial date)."""
    cleaned: Mapping[str, int] = field(default_factory=dict)
    """The texts that lost characters which no text of ours may have: path to number."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One record, or one stretch of a document, that is refused."""

    place: str
    identifier: str | None
    reason: str


def place_of(file: str, record: str, number: int | None, identifier: str | None) -> str:
    """A record's place, for people: `file, study 17 (NCT01234567)`; `record` is its source's word for a record."""
    return f"{file}, {record} {number}" + (f" ({identifier})" if identifier else "")


def refused(place: str, identifier: str | None, reasons: Sequence[str]) -> Refused:
    """The refusal of one record, with no more reasons than people read."""
    more = f"; and {len(reasons) - MOST_FAULTS} more" if len(reasons) > MOST_FAULTS else ""
    return Refused(place, identifier, "; ".join(reasons[:MOST_FAULTS]) + more)


def faults_of(error: ValidationError) -> Iterator[str]:
    """The values that the data set can't hold, by field, without the value itself, which may be a person's."""
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        yield f"{error.title}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
