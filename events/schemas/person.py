"""Events of persons whose data is sealed. Streams are `person/{person id}`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from events.schemas.values import Payload


class PersonForgotten(Payload):
    """The person's key is destroyed, and so are the keys of the documents they appear in."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "person.forgotten.v1": PersonForgotten,
    }
)
"""By literal name. A class may be renamed, a name never."""
