"""Field changes: what differs between two documents, and one document with changes applied.

A document is a JSON object in which an absent key means unknown. Objects are compared key by key and lists as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Document = dict[str, Any]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _keys(pointer: str) -> list[str]:
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]


def diff(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yields (JSON Pointer, old value, new value) for each field that differs, in key order; absent is None."""
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before is after:
            continue
        pointer = f"{at}/{_escape(key)}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from diff(before, after, pointer)
        elif before != after:
            yield pointer, before, after


def put(document: Document, pointer: str, value: Any) -> Document:
    """A copy of the document with one value put at the pointer; None removes it. Parents are made as needed."""
    return _put(document, _keys(pointer), value)


def _put(document: Mapping[str, Any], keys: list[str], value: Any) -> Document:
    head, *rest = keys
    inner = document.get(head)
    new = _put(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value
    kept = {key: content for key, content in document.items() if key != head}
    return kept if new is None else {**kept, head: new}


def apply(document: Document, changes: Iterable[Mapping[str, Any]]) -> Document:
    """The document after changes of the form {"field": pointer, "new": value} (an event's stored form)."""
    for change in changes:
        document = put(document, change["field"], change.get("new"))
    return document
