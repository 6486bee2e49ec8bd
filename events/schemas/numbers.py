"""Events of registration numbers. Streams are `numbers/{series}`; one stream per series arbitrates all nodes."""

from typing import Annotated

from pydantic import Field

from events.schemas.values import Payload


class NumbersReserved(Payload):
    """A node took the numbers `first` to `first + count - 1` of the series for itself, used or not."""

    first: Annotated[int, Field(ge=1)]
    count: Annotated[int, Field(ge=1, le=10_000)]


class NumbersSetAside(Payload):
    """The numbers `first` to `last` are kept for registrations that come back from an export with their own."""

    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]
