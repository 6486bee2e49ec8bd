"""An ICTRP record as plain values: the texts of its elements, without empty ones."""

from collections.abc import Callable
from typing import Any, Final

from lxml import etree

REPEATED: Final = frozenset(
    ["contact", "country2", "hc_code", "hc_keyword", "i_code", "i_keyword", "prim_outcome", "sec_outcome",
     "sponsor_name", "secondary_id", "source_name"]
)  # fmt: skip
"""Elements of an upload that the DTD allows more than once."""
BESIDE: Final = "text()"
"""Name for text between the elements of a group."""


def values(record: etree._Element, reading: Callable[[str], str]) -> dict[str, Any]:
    """Element to its text, read by `reading`, or to the values within; a repeated one to the list of them.

    An element that should be there once and is there twice becomes a list as well, which no reader of a text takes.
    """
    found: dict[str, Any] = {}
    for child in record.iterchildren("*"):
        _add(found, str(child.tag), values(child, reading) if len(child) else reading(child.text or ""))
    beside = "".join([record.text or "", *(child.tail or "" for child in record)]).strip()
    return found | {BESIDE: beside} if beside else found


def _add(found: dict[str, Any], tag: str, value: Any) -> None:
    if value in ("", {}):
        return
    if tag in REPEATED:
        found.setdefault(tag, []).append(value)
    elif tag in found:
        found[tag] = [*found[tag], value] if isinstance(found[tag], list) else [found[tag], value]
    else:
        found[tag] = value
