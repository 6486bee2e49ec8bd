"""Events of texts under keys of their own. Streams are `text/{text id}`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from events.schemas.values import Payload


class TextTakenBack(Payload):
    """The text's key is destroyed, and so are the keys of the partners' documents that say it."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "text.taken-back.v1": TextTakenBack,
    }
)
"""By literal name. A class may be renamed, a name never."""
