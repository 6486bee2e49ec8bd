"""Pages of so many bytes: an answer takes little memory, however large and many the items are."""

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web

from events.canonical import to_json

PAGE_BYTES: Final = 1_000_000
"""Bytes of items after which a page ends; the item that exceeds them is its last."""


def page(items: Iterable[tuple[str, Any]], most_bytes: int, most: int) -> tuple[list[Any], str | None]:
    """The first items, of (key, item), and the key of the last one if more follow.

    At most one item more than the page has is taken.
    """
    taken: list[Any] = []
    size, last = 0, ""
    for key, item in items:
        if len(taken) == most or size > most_bytes:
            return taken, last
        taken.append(item)
        size, last = size + len(to_json(item)), key
    return taken, None


def following(request: web.Request, **query: str) -> str:
    """The address of the next page."""
    return str(request.rel_url.update_query(query))
