"""The worst bodies of a command: wrong in as many places, and as long, as a body may be, made from its schema."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry.domain.decider import Command

HOLE = "@hole@"
FRAME = 1_000
"""Bytes that a body has around the place that is filled, at most: all places are filled with the same bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a body: where it is, of which JSON type, and a body with a hole there."""

    pointer: str
    kind: str
    body: Any


def places(model: type[Command]) -> list[Place]:
    """Every object, array, text and number of the model; a part that several places share is entered once."""
    schema = model.model_json_schema()
    found: list[Place] = []
    seen: set[str] = set()

    def walk(part: Any, pointer: str, wrap: Any) -> None:
        for branch in (part, *part.get("anyOf", ()), *part.get("oneOf", ())):
            name = branch.get("$ref", "").rpartition("/")[2]
            if name in seen:
                continue
            if name:
                seen.add(name)
                walk(schema["$defs"][name], pointer, wrap)
            if (kind := branch.get("type")) in ("object", "array", "string", "integer", "number"):
                found.append(Place(pointer, kind, wrap(HOLE)))
            for field, inner in branch.get("properties", {}).items():
                walk(inner, f"{pointer}/{field}", lambda value, field=field: wrap({field: value}))
            if isinstance(branch.get("items"), dict):
                walk(branch["items"], f"{pointer}/0", lambda value: wrap([value]))

    walk(schema, "", lambda value: value)
    return found


FILLINGS = {
    "object": ("unknown names", "one name twice at the end"),
    "array": ("numbers", "empty objects", "empty arrays", "empty texts", "nested"),
    "string": ("long", "escaped"),
    "integer": ("digits",),
    "number": ("digits",),
}


def bodies(model: type[Command], size: int, values: int) -> Iterator[tuple[str, bytes]]:
    """Each place filled in each way up to `size` bytes or `values` values; with what it is."""
    for place in places(model):
        for filling in FILLINGS[place.kind]:
            frame = json.dumps(place.body)
            body = frame.replace(f'"{HOLE}"', _filled(filling, size - FRAME, values - 100))
            yield f"{model.__name__} {place.pointer or '/'}: {filling}", body.encode()


@cache
def _filled(filling: str, size: int, values: int) -> str:
    match filling:
        case "unknown names":
            return "{" + ",".join(f'"{number:x}":0' for number in range(min(values, size // 9))) + "}"
        case "one name twice at the end":
            count = min(values, size // 9)
            return "{" + ",".join(f'"{min(number, count - 2):x}":0' for number in range(count)) + "}"
        case "nested":
            return "[" + ",".join(["[" * 150 + "]" * 150] * min(values // 151, size // 302)) + "]"
        case "long":
            return '"' + "あ" * ((size - 2) // 3) + '"'
        case "escaped":
            return '"' + "\\u3042" * ((size - 2) // 6) + '"'
        case "digits":
            return "9" * size
        case _:
            item = {"numbers": "1", "empty objects": "{}", "empty arrays": "[]", "empty texts": '""'}[filling]
            marks = 1 if filling in ("numbers", "empty texts") else 2
            return "[" + ",".join([item] * min(values // marks, size // (len(item) + 1))) + "]"
