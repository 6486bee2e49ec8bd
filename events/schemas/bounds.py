"""How long lists and texts may be that come in. What a log holds is read without these bounds."""

from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, Field
from pydantic_core import SchemaValidator

T = TypeVar("T")

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


@cache
def unbounded(model: type[BaseModel]) -> SchemaValidator:
    """The model's validator without upper bounds of lists and texts."""
    # With those prebuilt, the models inside would keep their bounds.
    return SchemaValidator(without_bounds(model.__pydantic_core_schema__), _use_prebuilt=False)


def without_bounds(schema: Any) -> Any:
    """The core schema of pydantic's without upper bounds of lists and texts."""
    match schema:
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
