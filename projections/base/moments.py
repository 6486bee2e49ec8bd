"""The moment that an answer is asked for "as of", and how people write one."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from events.record import WRITTEN_POSITION, Position
from events.schemas.zones import JAPAN

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)

_DATE: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
WRITTEN: Final = rf"^({_DATE}([Tt ]{_CLOCK})?|{WRITTEN_POSITION})$"
"""How one is written, for readers of a schema. Not every date of this form is a day, nor every position the log's."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The records up to and including a time; or, with a position, the log as it was just after that position.

    Of the position's own partition that is every event up to its offset, of the others every event recorded no later.
    """

    recorded: datetime | None = None
    position: Position | None = None


def moment_of(text: str) -> Moment:
    """Reads an RFC 3339 time, a date (the last instant of that day in Japan), or `partition:offset`.

    Raises ValueError on anything else. A plus sign that a URL turned into a space is taken for a plus.
    """
    if _DAY.fullmatch(text):
        midnight = datetime.combine(date.fromisoformat(text), time(), JAPAN)
        return Moment(_utc(midnight, timedelta(days=1) - timedelta(milliseconds=1)))
    repaired = re.sub(r" (?=\d{2}:\d{2}\Z)", "+", text)
    if _TIME.fullmatch(repaired):
        return Moment(_utc(datetime.fromisoformat(repaired.upper()), timedelta()))
    return Moment(position=Position.parse(text))


def _utc(moment: datetime, later: timedelta) -> datetime:
    try:
        return (moment.astimezone(UTC)) + later
    except OverflowError as fault:
        raise ValueError("beyond the years 1 to 9999") from fault
