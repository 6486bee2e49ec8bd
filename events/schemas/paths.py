"""Values allowed at a JSON Pointer into a stored document, by the types of the document's fields.

Members of lists are named by their items: any other list is one value, as is a person or anything sealed.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from events.canonical import to_json
from events.pointers import NEXT, ORDER, keys_of
from events.schemas import bounds, languages
from events.schemas.parties import Person
from events.schemas.values import ITEM, STORED, ItemId, Member, Prose, Sealed, SealedText, Text

ANY: Final = "*"
UNDIVIDED: Final = (Person, Sealed, SealedText)
Type: TypeAlias = Any
"""A type, or what annotates one."""


class NoSuchPath(ValueError):
    """No document of this root has a value there."""


class Place:
    """A place of documents, whichever members of lists lead to it."""

    def __init__(self, annotation: Type):
        self.door = TypeAdapter[Any](annotation)
        """Reads incoming data."""
        # With prebuilt validators the models inside would keep their bounds.
        self._stored = SchemaValidator(bounds.without_bounds(self.door.core_schema), _use_prebuilt=False)

    def holds(self, value: Any) -> bool:
        """Whether this is the stored form of a value of the place."""
        try:
            read = self._stored.validate_python(value, context=STORED)
        except ValidationError:
            return False
        # As bytes: to Python, true equals 1.
        return to_json(self.door.dump_python(read, mode="json", exclude_none=True)) == to_json(value)


_PLACES: Final[dict[tuple[type[BaseModel], tuple[str, ...]], Place]] = {}


MOST_KEYS: Final = 32
"""Of a pointer into JSON of any form: twice the levels of an extension, wherever a document holds it."""
SHORT: Final = 200
"""Characters of a pointer whose place is remembered: a sender may write a longer one, to fill memory."""


def place_at(root: type[BaseModel], pointer: str) -> Place:
    """The place that a JSON Pointer names in documents of the root. Raises NoSuchPath."""
    return _known_place(root, pointer) if len(pointer) <= SHORT else _place(root, pointer)


@lru_cache(maxsize=2_000)
def _known_place(root: type[BaseModel], pointer: str) -> Place:
    return _place(root, pointer)


def _place(root: type[BaseModel], pointer: str) -> Place:
    annotation: Type = root
    path: list[str] = []
    for key in keys_of(pointer):
        annotation, name = _within(annotation, key, path)
        path.append(name)
    known = (root, tuple(path))
    if known not in _PLACES:
        _PLACES[known] = Place(annotation)
    return _PLACES[known]


def _within(annotation: Type, key: str, path: Sequence[str]) -> tuple[Type, str]:
    """The type of what has this key, and the key, or ANY where all keys lead to that type."""
    for one in _alternatives(annotation):
        origin: Any = get_origin(one)
        if one is Any and len(path) <= MOST_KEYS:
            # Any JSON may stand here, so any key leads to any JSON.
            return annotation, ANY
        if origin is dict:
            return get_args(one)[1], ANY
        if origin is tuple and (member := _member(one)) is not None:
            return _in_list(member, key)
        if isinstance(one, type) and issubclass(one, BaseModel) and not issubclass(one, UNDIVIDED):
            if issubclass(one, Text) and languages.is_tag(key):
                return Prose, ANY
            if key in one.model_fields:
                return _types(one)[key], key
    raise NoSuchPath(f"/{'/'.join(path)} has no {key}" if path else f"there is no /{key}")


def _in_list(member: type[Member], key: str) -> tuple[Type, str]:
    if key == ORDER:
        return tuple[ItemId, ...], ORDER
    if key == NEXT or ITEM.fullmatch(key):
        return member, ANY
    raise NoSuchPath(f"{key} is no item; members of a list are named by their items, not by where they stand")


@cache
def _types(model: type[BaseModel]) -> MappingProxyType[str, Type]:
    """The fields' types with what annotates them."""
    return MappingProxyType(get_type_hints(model, include_extras=True))


def _alternatives(annotation: Type) -> Iterator[Type]:
    """The types of a union, without what annotates them."""
    origin: Any = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _alternatives(one)
    elif annotation is not NoneType:
        yield annotation


def _member(listed: Type) -> type[Member] | None:
    one = next(_alternatives(get_args(listed)[0]))
    return one if isinstance(one, type) and issubclass(one, Member) else None
