"""Field changes: what differs between two documents, and one document with changes applied.

A document is a JSON object in which an absent key means unknown. Objects are compared key by key, lists and what is
sealed as a whole: part of a sealed value can't be opened.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

Document = dict[str, Any]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _keys(pointer: str) -> list[str]:
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]


def diff(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yields (JSON Pointer, old value, new value) for each field that differs, in key order; absent is None."""
    for key in sorted([key for key in old.keys() | new.keys() if old.get(key) is not new.get(key)]):
        before, after = old.get(key), new.get(key)
        pointer = f"{at}/{_escape(key)}"
        if _has_fields(before) and _has_fields(after):
            yield from diff(before, after, pointer)
        elif before != after:
            yield pointer, before, after


def _has_fields(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and "sealed" not in value


def apply(document: Mapping[str, Any], changes: Iterable[tuple[str, Any]]) -> Document:
    """A copy of the document with the new values put at their pointers; None removes one.

    Parents are made as needed. What no change touches is shared with the document.
    """
    after = dict(document)
    # Held, so that no other object gets the identity of one that a later change has replaced.
    own = {id(after): after}
    for pointer, value in changes:
        *parents, last = _keys(pointer)
        here = after
        for key in parents:
            here = _own(here, key, own)
        if value is None:
            here.pop(last, None)
        else:
            here[last] = value
    return after


def _own(parent: Document, key: str, own: dict[int, Document]) -> Document:
    """The object under the key, copied unless it is a copy already."""
    inner = parent.get(key)
    if inner is None or id(inner) not in own:
        inner = parent[key] = dict(inner) if isinstance(inner, Mapping) else {}
        own[id(inner)] = inner
    return inner
