"""The place in a list of trials from which the next page goes on, as it is written in links.

It names a state of the log, so that every node gives the same next page, whatever was recorded since.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from events import leb128
from events.canonical import to_json
from projections.search.query import SearchQuery

PATTERN: Final = r"^[0-9]{1,9}\.[0-9]{8}\.[0-9a-f]{12}\.[A-Za-z0-9_-]{0,20000}$"
_PAGE_ALONE: Final = frozenset({"cursor", "limit"})
"""Fields of a query that choose the page, not the results."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of a page: `skip` trials come before it.

    `positions`: next offsets by partition of the results; none as of a moment, which determines them itself. `day`: the
    day for which joining is asked. `query`: a digest of it.
    """

    skip: int
    day: date
    query: str
    positions: Mapping[int, int]

    def __str__(self) -> str:
        last = max(self.positions, default=-1)
        offsets = leb128.encode(self.positions.get(partition, 0) for partition in range(last + 1))
        packed = base64.urlsafe_b64encode(offsets).rstrip(b"=").decode()
        return f"{self.skip}.{self.day.isoformat().replace('-', '')}.{self.query}.{packed}"


def read(text: str) -> Cursor:
    """Raises ValueError where the text is none."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError("no cursor")
    skip, day, query, packed = text.split(".")
    offsets = leb128.decode(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    year, month_and_day = int(day[:4]), int(day[4:])
    return Cursor(int(skip), date(year, month_and_day // 100, month_and_day % 100), query, dict(enumerate(offsets)))


def digest(query: SearchQuery, moment: object) -> str:
    """A digest that distinguishes a query as of a moment from others; the length of its pages doesn't matter."""
    content = [query.model_dump(mode="json", exclude=set(_PAGE_ALONE)), str(moment)]
    return hashlib.sha256(to_json(content)).hexdigest()[:12]
