"""The canonical form is RFC 8785, shown against a library of its own; nothing stored could leave it."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from events import canonical
from events.catalogue import EVENTS
from events.schemas.degrees import Latitude, Longitude, degrees

EXACT = 2**53 - 1
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
KEYS = st.text(st.characters(max_codepoint=0x7F))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(VALUES)
def test_the_canonical_form_is_rfc_8785(value: Any) -> None:
    assert rfc8785.dumps(value) == canonical.to_json(value)


@given(st.floats(-180, 180))
def test_a_coordinate_has_one_spelling_that_gives_the_number_back(number: float) -> None:
    text = degrees(number)

    assert float(text) == number
    assert "e" not in text
    assert degrees(float(text)) == text


@given(st.floats(-90, 90).map(lambda number: round(number, 15)))
def test_what_a_source_writes_is_a_latitude(number: float) -> None:
    text = degrees(number)

    assert TypeAdapter(Latitude).validate_python(text) == text


@pytest.mark.parametrize("text", ["90.1", "-91", "35.0", "035", "+1", "1e1", "-0", ".5", "5.", " 5", "5\n", "", "٣"])
def test_any_other_spelling_is_no_latitude(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Latitude).validate_python(text)


def test_longitude_reaches_further() -> None:
    longitude = TypeAdapter(Longitude)

    assert [longitude.validate_python(text) for text in ("180", "-180", "90.1")] == ["180", "-180", "90.1"]


def kinds_in(annotation: Any, seen: set[Any]) -> Iterator[Any]:
    """Every type that an annotation leads to, through models and containers."""
    if annotation in seen:
        return
    seen.add(annotation)
    yield annotation
    inner = (
        [field.annotation for field in annotation.model_fields.values()]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel)
        else get_args(annotation)
    )
    for one in inner:
        if isinstance(one, type) or get_args(one):
            yield from kinds_in(one, seen)


@pytest.mark.parametrize("name", EVENTS)
def test_no_event_holds_a_fraction(name: str) -> None:
    kinds = set(kinds_in(EVENTS[name], set()))

    assert kinds
    assert float not in kinds
