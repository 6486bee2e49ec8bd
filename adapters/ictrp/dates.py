"""Dates as the registries write them in ICTRP files."""

import re

from pydantic import TypeAdapter, ValidationError

from adapters.cursor import Cursor
from events.schemas.values import PartialDate

_DATE: TypeAdapter[str] = TypeAdapter(PartialDate)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:[AP]M|Z)?)?"
_SHAPES = tuple(
    re.compile(shape + _TIME, re.ASCII | re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[-/](?P<month>\d{1,2})[-/](?P<year>\d{4})",
        r"(?P<day>\d{1,2})[ -](?P<name>[a-z]{3,9})\.?,?[ -](?P<year>\d{4})",
        r"(?P<name>[a-z]{3,9})\.? +(?:(?P<day>\d{1,2}),? +)?(?P<year>\d{4})",
    )
)
"""The year first, or the day first: no register of ICTRP writes the month first in figures, so none is ever tried."""
_SENTINEL = "1900-01-01"


def partial(text: str) -> str | None:
    """The date in its written precision; None if no register writes dates in this form."""
    for shape in _SHAPES:
        if match := shape.fullmatch(text.strip()):
            return _valid(match.groupdict())
    return None


def _valid(found: dict[str, str | None]) -> str | None:
    year, day = found["year"], found.get("day")
    name = (found.get("name") or "")[:3].lower()
    month = str(_MONTHS.index(name) + 1) if name in _MONTHS else found.get("month")
    if name and month is None:
        return None
    try:
        return _DATE.validate_python("-".join(part.zfill(2) for part in (year, month, day) if part))
    except ValidationError:
        return None


def date(cell: Cursor) -> str | None:
    """The date of a cell; one that can't be read, or the table's mark of a missing date, counts as not carried."""
    text = cell.text()
    found = partial(text) if text else None
    if text and found is None:
        cell.give_back("no date that can be read")
    return found


def stated(cell: Cursor) -> str | None:
    """As `date`, for WHO's export, where 1 January 1900 stands for a missing date."""
    found = date(cell)
    if found == _SENTINEL:
        cell.give_back("1900-01-01 stands for a missing date")
        return None
    return found
