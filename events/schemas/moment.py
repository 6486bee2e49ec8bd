"""A valid time that may be more than a day: `on` of the events that know the minute, and where."""

import re
from datetime import datetime
from typing import Annotated, Final, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from events.schemas.bounds import at_the_door
from events.schemas.values import PartialDate, Value
from events.schemas.zones import ZoneName, zone

_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@at_the_door
def _with_offset(text: str) -> str:
    try:
        datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
    except ValueError as fault:
        raise ValueError("write a time with its offset, as 2026-11-22T09:30:00+09:00") from fault
    return text


OffsetTime: TypeAlias = Annotated[
    str,
    AfterValidator(_with_offset),
    Field(json_schema_extra={"pattern": f"^{_TIME.pattern}$", "examples": ["2026-11-22T09:30:00+09:00"]}),
]
"""RFC 3339 with the offset that it was said with, kept as it was written."""


class Moment(Value):
    """When something holds in the world: a day, where known the time on it, and the zone whose clocks show it."""

    date: PartialDate
    """As precise as it is known; a whole day where `at` is given."""
    at: OffsetTime | None = None
    zone: ZoneName | None = None

    @model_validator(mode="after")
    @at_the_door
    def _agrees(self) -> Self:
        if self.at is None:
            return self
        at = datetime.fromisoformat(self.at)
        if self.date != at.date().isoformat():
            raise ValueError(f"the date is {self.date}, and the time is on {at.date()}")
        if self.zone is not None and at.astimezone(zone(self.zone)).utcoffset() != at.utcoffset():
            raise ValueError(f"clocks in {self.zone} did not have this offset then")
        return self
