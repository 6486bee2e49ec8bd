"""Dates of a study: as precise as they are stated, planned or come."""

from adapters.ctgov import codes
from adapters.cursor import Cursor
from events.schemas.values import StatedDate


def stated_date(struct: Cursor) -> StatedDate | None:
    """A date with its kind; a kind without a date says nothing."""
    date = struct.at("date").date()
    return StatedDate(date=date, kind=struct.at("type").word(codes.DATE_KIND)) if date else None
