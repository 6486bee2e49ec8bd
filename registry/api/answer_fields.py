"""Fields that answers have in common."""

from typing import Annotated

from pydantic import Field

from events.record import WRITTEN_POSITION

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-22T00:30:00.000Z"])]
"""RFC 3339 in UTC with milliseconds."""
At = Annotated[str, Field(pattern=f"^{WRITTEN_POSITION}$", examples=["3:141"])]
"""A position in the log, `partition:offset`."""
Version = Annotated[int, Field(ge=1)]
Link = Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]
