"""Events of registration numbers. Streams are `numbers/{series}`; one stream per series arbitrates all nodes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

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


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "numbers.reserved.v1": NumbersReserved,
        "numbers.set-aside.v1": NumbersSetAside,
    }
)
"""By literal name. A class may be renamed, a name never."""
