"""Items: what names a member of a list of stored JSON for as long as the member exists.

A sender may choose them. A member that comes without one is found among those that were there before: the one that is
equal, or else the first that has the same text in a field that it is known by. A member that is new gets an item made
of its list and its content, so that the same bytes give the same items wherever they are taken in.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias, get_args

from pydantic import BaseModel

from events.canonical import to_json
from events.schemas.registration import IdentifierKind, Registration
from events.schemas.trial import Site
from events.schemas.values import Member

Stored: TypeAlias = Mapping[str, Any]

DERIVED: Final = frozenset({"item", "uses"})
"""Fields that name members, and say nothing of what a member is."""
PERSONAL: Final = frozenset({"person"})
"""Fields that no item is made of: it would tell of a person after the person was forgotten."""


@cache
def lists_of(model: type[BaseModel]) -> Mapping[str, type[Member]]:
    """The model's own lists of members, by field."""
    found = {name: _member_in(field.annotation) for name, field in model.model_fields.items()}
    return MappingProxyType({name: kind for name, kind in found.items() if kind is not None})


def _member_in(annotation: Any, *, listed: bool = False) -> type[Member] | None:
    if isinstance(annotation, type) and issubclass(annotation, Member):
        return annotation if listed else None
    listed = listed or getattr(annotation, "__origin__", None) is tuple
    return next(filter(None, (_member_in(part, listed=listed) for part in get_args(annotation))), None)


def registered(registration: Stored, before: Stored = MappingProxyType({})) -> dict[str, Any]:
    """The registration with an item for each member, and its arms with the items of what they use."""
    fields = with_items(Registration, registration, before)
    if "arms" in fields and fields["arms"] is not before.get("arms"):
        fields["arms"] = _using(fields["arms"], fields.get("interventions", ()))
    return fields


def with_items(model: type[BaseModel], stored: Stored, before: Stored = MappingProxyType({})) -> dict[str, Any]:
    """The stored form of the model, with an item for each member of its lists. `before`: the stored form until now."""
    fields = dict(stored)
    for name, kind in lists_of(model).items():
        if name in stored and stored[name] is not before.get(name):
            fields[name] = _Matching(name, kind, stored[name], before.get(name, ())).members()
    return fields


def whole(content: Stored, before: Stored = MappingProxyType({})) -> dict[str, Any]:
    """{registration, sites} of a source and what else it says, with items; `before` is what it said last.

    A source knows no items: those that it comes with are found anew.
    """
    there = before.get("sites", {})
    sites = {
        name: with_items(Site, without_items(Site, site), there.get(name, {}))
        for name, site in content["sites"].items()
    }
    registration = registered(without_items(Registration, content["registration"]), before.get("registration", {}))
    return {**content, "registration": registration, "sites": sites}


def all_given(value: BaseModel) -> bool:
    """Whether each member of the value's own lists has an item."""
    lists = [getattr(value, name) for name in lists_of(type(value))]
    return all(member.item is not None for members in lists for member in members or ())


def with_old_number(registration: Stored, was: Stored) -> dict[str, Any]:
    """An adopted registration: the old registry's number joins its claims, once (TRDS item 3)."""
    claims = list(registration.get("identifiers", ()))
    claim = {"value": was["number"], "kind": IdentifierKind.REGISTRY.value, "issuer": was["registry"]}
    if not any(known["value"] == claim["value"] for known in claims):
        claims.append(claim | ({"url": was["url"]} if "url" in was else {}))
    return with_items(Registration, {**registration, "identifiers": claims}, registration)


def without_items(model: type[BaseModel], stored: Stored) -> dict[str, Any]:
    """The same with no items, as a partner says it."""
    plain = dict(stored)
    for name in lists_of(model).keys() & stored.keys():
        plain[name] = [_content(one) for one in stored[name]]
    return plain


class _Matching:
    """The members of one list while they get their items."""

    def __init__(self, name: str, kind: type[Member], new: Sequence[Stored], old: Sequence[Stored]):
        self._name, self._kind, self._new = name, kind, new
        self._items = [one.get("item") for one in new]
        chosen = set(self._items)
        self._taken = {one["item"] for one in (*new, *old) if "item" in one}
        self._free = {one["item"]: one for one in old if "item" in one and one["item"] not in chosen}

    def members(self) -> list[dict[str, Any]]:
        """The members, each with its item."""
        if None in self._items:
            self._match(lambda one: [to_json(_content(one))])
            for field in self._kind.KNOWN_BY:
                self._match(lambda one, field=field: _texts(one.get(field)))  # type: ignore[misc]
            self._derive()
        return [{**one, "item": item} for one, item in zip(self._new, self._items, strict=True)]

    def _match(self, known_by: Callable[[Stored], list[Hashable]]) -> None:
        """Gives members without an item that of the first unclaimed one that they share a key with."""
        if not self._free:
            return
        there: dict[Hashable, list[str]] = defaultdict(list)
        for item, one in reversed(self._free.items()):
            for key in known_by(one):
                there[key].append(item)
        for index, one in enumerate(self._new):
            if self._items[index] is None:
                self._items[index] = self._claimed(there, known_by(one))

    def _claimed(self, there: Mapping[Hashable, list[str]], keys: Sequence[Hashable]) -> str | None:
        for key in keys:
            while there.get(key):
                if self._free.pop(item := there[key].pop(), None) is not None:
                    return item
        return None

    def _derive(self) -> None:
        numbers: dict[bytes, Iterator[str]] = {}
        for index, one in enumerate(self._new):
            if self._items[index] is None:
                content = to_json([self._name, _impersonal(_content(one))])
                names = numbers.setdefault(content, _names(content))
                self._items[index] = item = next(name for name in names if name not in self._taken)
                self._taken.add(item)


def _names(content: bytes) -> Iterator[str]:
    """Items for members of this content, in order: most lists have one of each."""
    number = 0
    while True:
        suffix = b"" if number == 0 else str(number).encode()
        yield f"i{hashlib.sha256(content + suffix).hexdigest()[:8]}"
        number += 1


def _content(member: Stored) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name not in DERIVED}


def _impersonal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _impersonal(inner) for name, inner in value.items() if name not in PERSONAL}
    return [_impersonal(inner) for inner in value] if isinstance(value, list) else value


def _texts(value: Any) -> list[Hashable]:
    """The content of a field, as keys: a text in each of its languages, a sealed person by their id."""
    if isinstance(value, Mapping):
        named = value.get("person") if "sealed" in value else None
        return [named] if named else [pair for pair in value.items() if isinstance(pair[1], str)]
    return [] if value is None else [value]


def _using(arms: Sequence[Stored], interventions: Sequence[Stored]) -> list[Stored]:
    """Arms that name interventions, with the items of these, where each name is that of one."""
    items: dict[str, list[str]] = defaultdict(list)
    for one in interventions:
        for name in dict.fromkeys(one["name"].values()):
            items[name].append(one["item"])
    return [_with_uses(arm, items) for arm in arms]


def _with_uses(arm: Stored, items: Mapping[str, list[str]]) -> Stored:
    if "uses" in arm or "interventions" not in arm:
        return arm
    found = [items.get(name, []) for name in arm["interventions"]]
    if any(len(one) != 1 for one in found):
        return arm
    return {**arm, "uses": list(dict.fromkeys(one for [one] in found))}


def used_by(arm: Stored, interventions: Sequence[Stored]) -> list[Stored]:
    """The interventions that an arm uses by their items."""
    by_item = {one["item"]: one for one in interventions if "item" in one}
    return [by_item[item] for item in arm.get("uses", ()) if item in by_item]
