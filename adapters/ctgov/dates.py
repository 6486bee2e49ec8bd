"""Dates of a study: as precise as they are stated, planned or come, or put to a day when the record was posted."""

from adapters.ctgov import codes
from adapters.cursor import Cursor
from events.schemas.values import StatedDate


def stated_date(struct: Cursor) -> StatedDate | None:
    """A date with its kind; a kind without a date says nothing."""
    date = struct.at("date").date()
    return StatedDate(date=date, kind=struct.at("type").word(codes.DATE_KIND)) if date else None


def posted_date(struct: Cursor) -> StatedDate | None:
    """The day on which something was posted there. `ESTIMATED` is no plan: the day was put on record later."""
    date, type_ = struct.at("date").date(), struct.at("type")
    if date is None:
        return None
    if type_.peek() == "ESTIMATED":
        type_.give_back("the day is an estimate of the past, and no plan")
        return StatedDate(date=date)
    return StatedDate(date=date, kind=type_.word(codes.DATE_KIND))
