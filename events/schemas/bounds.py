"""Bounds of incoming data only, as the length of lists and texts. Stored data is read without them."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, Field
from pydantic_core import SchemaValidator

T = TypeVar("T")
Check = TypeVar("Check", bound=Callable[..., Any])

UpTo100: TypeAlias = Annotated[tuple[T, ...], Field(max_length=100)]
UpTo1000: TypeAlias = Annotated[tuple[T, ...], Field(max_length=1_000)]
UpTo10000: TypeAlias = Annotated[tuple[T, ...], Field(max_length=10_000)]
"""Lists by how many items they may have: several times what any of the samples has."""
SHORT_TEXT: Final = 2_000
"""Characters of a title, a name or a reason in each language. The longest title of the samples has 494."""

SAID_BYTES: Final = 20_000
"""Bytes in UTF-8 of a why in all its languages: of two, each may be as long as a SHORT_TEXT can be."""
LANGUAGES: Final = 60
"""Languages of one text; the European Union's register has texts in 26."""


_AT_THE_DOOR: Final[set[Any]] = set()


def at_the_door(check: Check) -> Check:
    """Marks a validator of what comes in, which gives back what it gets; it is not called for what a log holds."""
    _AT_THE_DOOR.add(check)
    return check


@cache
def unbounded(model: type[BaseModel]) -> SchemaValidator:
    """The model's validator without upper bounds of lists and texts, and without what is asked at the door alone."""
    # With those prebuilt, the models inside would keep their bounds.
    return SchemaValidator(without_bounds(model.__pydantic_core_schema__), _use_prebuilt=False)


def without_bounds(schema: Any) -> Any:
    """The core schema of pydantic's without upper bounds of lists and texts, and what is asked at the door alone."""
    match schema:
        case {"function": {"function": check}, "schema": inner} if getattr(check, "__func__", check) in _AT_THE_DOOR:
            named = {"ref": schema["ref"]} if "ref" in schema else {}
            return without_bounds(inner) | named
        case dict():
            return {
                key: without_bounds(inner)
                for key, inner in schema.items()
                if not (key == "max_length" and isinstance(inner, int))
            }
        case list():
            return [without_bounds(inner) for inner in schema]
        case tuple():
            return tuple(without_bounds(inner) for inner in schema)
        case _:
            return schema
