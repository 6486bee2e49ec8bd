"""Field changes: what differs between two documents, and one document with changes applied.

A document is a JSON object in which an absent key means unknown. Objects are compared key by key, and lists whose
members have an `item` member by member. Other lists and what is sealed are compared as a whole: part of a sealed value
can't be opened. A pointer names a member by its item, never by its index: `/outcomes/i3f9a0c12/measure/en`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeGuard

from events.canonical import to_json
from events.pointers import ITEM, ORDER, escaped, keys_of

Document = dict[str, Any]
Difference: TypeAlias = tuple[str, Any, Any]

FEW: Final = 100
"""Differences in a list that are always given one by one."""


class NoSuchPlace(LookupError):
    """A pointer leads into a list without naming one of its members, into a text, or into what is sealed."""


def diff(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[Difference]:
    """Yields (JSON Pointer, old value, new value) for each field that differs, in key order; absent is None."""
    for key in sorted([key for key in old.keys() | new.keys() if old.get(key) is not new.get(key)]):
        yield from _differing(old.get(key), new.get(key), f"{at}/{escaped(key)}")


def _differing(before: Any, after: Any, pointer: str) -> Iterator[Difference]:
    if _has_fields(before) and _has_fields(after):
        yield from diff(before, after, pointer)
    elif before != after:
        old, new = members(before), members(after)
        if old is None or new is None:
            yield pointer, before, after
        else:
            yield from _of_members(old, new, pointer)


def _of_members(old: Document, new: Document, at: str) -> Iterator[Difference]:
    """Differing members, removed ones and new ones; then the order, where new ones at the end do not give it.

    Where many differ, and each of them told with its place takes more bytes than both lists, these are told instead.
    """
    found = list(_each_member(old, new, at))
    whole = (at, list(old.values()), list(new.values()))
    yield from found if len(found) <= FEW or _stored_size(found) <= _stored_size([whole]) else [whole]


def _stored_size(differences: list[Difference]) -> int:
    """Bytes of differences as an event stores them: with the names of the three."""
    return len(to_json(differences)) + len('"field":"old":"new":') * len(differences)


def _each_member(old: Document, new: Document, at: str) -> Iterator[Difference]:
    yield from (one for item in old for one in _differing(old[item], new.get(item), f"{at}/{item}"))
    yield from ((f"{at}/{item}", None, new[item]) for item in new if item not in old)
    unmoved = [*(item for item in old if item in new), *(item for item in new if item not in old)]
    if unmoved != list(new):
        yield f"{at}/{ORDER}", list(old), list(new)


def members(value: Any) -> Document | None:
    """The members of a list by their items, in order; None where it is no list, is empty, or some have no item."""
    if not isinstance(value, list) or not value:
        return None
    found = {one[ITEM]: one for one in value if isinstance(one, Mapping) and ITEM in one}
    return found if len(found) == len(value) else None


def in_list(document: Mapping[str, Any], pointer: str) -> bool:
    """Whether the pointer leads to a member of a list of the document, or to a part of one."""
    here: Any = document
    for key in keys_of(pointer)[:-1]:
        if not isinstance(here := here.get(key), Mapping):
            return isinstance(here, list)
    return False


def _has_fields(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and "sealed" not in value


def apply(document: Mapping[str, Any], changes: Iterable[tuple[str, Any]]) -> Document:
    """A copy of the document with the new values put at their pointers; None removes one.

    Objects are made as needed, and a new member goes to the end of its list. Parts that no change touches are shared
    with the document. Raises NoSuchPlace.
    """
    copy = _Copy(document)
    for pointer, value in changes:
        copy.put(keys_of(pointer), value)
    return copy.finished()


class _Members(dict[str, Any]):
    """A list while it is changed: its members by their items, in order."""


class _Copy:
    """A document that is changed: what was copied on the way to a change is its own, the rest is shared."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._whole: Document = dict(document)
        # Held, so that no other object gets the identity of one that a later change has replaced.
        self._own: dict[int, Document] = {id(self._whole): self._whole}
        self._lists: list[tuple[Document, str]] = []

    def put(self, keys: Sequence[str], value: Any) -> None:
        """Puts the value at the end of the path, or removes what is there."""
        here = self._whole
        for key in keys[:-1]:
            here = self._inner(here, key)
        if isinstance(here, _Members):
            _put_member(here, keys[-1], value)
        elif value is None:
            here.pop(keys[-1], None)
        else:
            here[keys[-1]] = value

    def _inner(self, parent: Document, key: str) -> Document:
        """The parent's value under the key, copied unless it is a copy already."""
        inner = parent.get(key)
        if inner is None and isinstance(parent, _Members):
            raise NoSuchPlace(f"the list has no member {key}")
        if inner is None or id(inner) not in self._own:
            copy = _copied(inner, key)
            if isinstance(copy, _Members):
                self._lists.append((parent, key))
            inner = parent[key] = copy
            self._own[id(inner)] = inner
        return inner

    def finished(self) -> Document:
        """The document, its lists as lists again."""
        for parent, key in self._lists:
            if isinstance(changed := parent.get(key), _Members):
                parent[key] = list(changed.values())
        return self._whole


def _copied(inner: Any, key: str) -> Document:
    if inner is None:
        return {}
    if _has_fields(inner):
        return dict(inner)
    if inner == []:
        return _Members()
    if (found := members(inner)) is None:
        raise NoSuchPlace(f"{key} has no parts that a pointer can name")
    return _Members(found)


def _put_member(list_: _Members, item: str, value: Any) -> None:
    if item == ORDER:
        if sorted(value or ()) != sorted(list_):
            raise NoSuchPlace("an order names each member once")
        for one in value:
            list_[one] = list_.pop(one)
    elif value is None:
        if list_.pop(item, None) is None:
            raise NoSuchPlace(f"the list has no member {item}")
    elif not isinstance(value, Mapping) or value.get(ITEM) != item:
        raise NoSuchPlace(f"what is put at {item} has to be a member of that item")
    else:
        list_[item] = value
