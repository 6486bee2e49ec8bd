"""Dates of a study: in their stated precision, planned or actual, or the day on which the record was posted."""

from adapters.ctgov import codes
from adapters.cursor import Cursor
from events.schemas.values import StatedDate


def stated_date(struct: Cursor) -> StatedDate | None:
    """A date with its kind; a kind without a date is ignored."""
    date = struct.at("date").date()
    return StatedDate(date=date, kind=struct.at("type").word(codes.DATE_KIND)) if date else None


def posted_date(struct: Cursor) -> StatedDate | None:
    """The day on which something was posted there. `ESTIMATED` is not a plan: the day was recorded later."""
    date, type_ = struct.at("date").date(), struct.at("type")
    if date is None:
        return None
    if type_.peek() == "ESTIMATED":
        type_.give_back("the day is an estimate of the past, and no plan")
        return StatedDate(date=date)
    return StatedDate(date=date, kind=type_.word(codes.DATE_KIND))
