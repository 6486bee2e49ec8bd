"""JSON Pointers (RFC 6901), in which a member of a list is named by its item: `/outcomes/i3f9a0c12/measure/en`."""

from typing import Final

ITEM: Final = "item"
"""The field that names a member of a list for as long as the member exists."""
ORDER: Final = "@order"
"""In place of an item: the items of a list in their order. No item begins with this character."""
NEXT: Final = "-"
"""In place of an item: a member to be added at the end of its list, as in JSON Patch (RFC 6902)."""


def escaped(key: str) -> str:
    """The key as a pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")


def keys_of(pointer: str) -> list[str]:
    """The keys that a pointer names, from the outermost."""
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
