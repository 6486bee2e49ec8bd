"""The parts of a command that are sealed before the log: persons, and texts that can be taken back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import is_not
from typing import Any, Final, TypeAlias, TypeVar, get_args

from pydantic import BaseModel

from events.schemas.parties import Contact, Organisation
from events.schemas.values import SealedText, Text

V = TypeVar("V")
Leaf: TypeAlias = Contact | Organisation | SealedText | Text | str


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """The kind of value to find: in fields whose type names `named`, values of `leaves`. Equal to itself alone."""

    named: tuple[type[BaseModel], ...]
    leaves: tuple[type, ...]


PARTIES: Final = Kind((Contact, Organisation), (Contact, Organisation))
TEXTS: Final = Kind((SealedText,), (SealedText, Text, str))


@cache
def _fields(kind: Kind, model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model that may contain one of the kind, at any depth."""
    return frozenset(name for name, field in model.model_fields.items() if _leads_to(kind, field.annotation))


def _leads_to(kind: Kind, annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return issubclass(annotation, kind.named) or bool(_fields(kind, annotation))
    return any(_leads_to(kind, part) for part in get_args(annotation))


def found_in(kind: Kind, value: Any) -> Iterator[Any]:
    """All of the kind in a model, at any depth, in no particular order."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, kind.leaves):
            yield here
        elif isinstance(here, tuple):
            pending.extend(here)
        elif isinstance(here, BaseModel):
            inner = [getattr(here, name) for name in _fields(kind, type(here))]
            pending += [one for one in inner if one is not None]


def replaced(kind: Kind, value: V, new: Callable[[Any], Any]) -> V:
    """The value with each of the kind replaced; a value without any is returned as the same object."""
    if isinstance(value, kind.leaves):
        return new(value)  # type: ignore[no-any-return]
    if isinstance(value, tuple):
        items = tuple([replaced(kind, item, new) for item in value])
        return items if any(map(is_not, items, value)) else value  # type: ignore[return-value]
    if not isinstance(value, BaseModel):
        return value
    changed = {}
    for name in _fields(kind, type(value)):
        if (inner := getattr(value, name)) is not None and (after := replaced(kind, inner, new)) is not inner:
            changed[name] = after
    return value.model_copy(update=changed) if changed else value
