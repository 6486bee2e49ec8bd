"""What the core asks of a partner's extension: JSON that it can store, compare and show, and nothing more."""

from typing import Any

import pytest
import rfc8785
from pydantic import ValidationError

from events.canonical import to_json
from events.changes import apply, diff
from events.schemas import extensions, trial
from events.schemas.paths import NoSuchPath, place_at
from events.schemas.registration import Registration

EXTENSION = {"certified": True, "board": {"name": {"ja": "認定委員会"}, "visits": [1, 2]}, "number": 12}


def registration(extension: Any) -> Registration:
    return Registration.model_validate({"extensions": {"jrct": extension}})


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "taken", [EXTENSION, {}, deep(extensions.DEEPEST), {"a": "x" * (extensions.BYTES - len(b'{"a":""}'))}]
)
def test_an_extension_is_stored_as_it_came_in_canonical_json(taken: dict[str, Any]) -> None:
    stored = registration(taken).to_stored()

    assert stored == {"extensions": {"jrct": taken}}
    assert to_json(stored) == rfc8785.dumps(stored)
    assert Registration.from_stored(stored) == registration(taken)


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        ({"a": 1.5}, "fraction"),
        ({"a": float("nan")}, "fraction"),
        ({"a": None}, "in place of null"),
        ({"a": 2**53}, "53 bits"),
        ({"a": "x\x00"}, "control character"),
        ({"a": "\ud800"}, "half a character"),
        ({"Name": 1}, "small letters"),
        ({"a": [{"b c": 1}]}, "small letters"),
        ({"a": {"sealed": "1.AAAA"}}, "sealed is reserved"),
        ({"person": {"name": {"en": "Grace Hopper"}}}, "person is reserved"),
        ({"a": [{"item": "i1"}]}, "item is reserved"),
        (deep(extensions.DEEPEST + 1), "16 levels"),
        ({"a": "x" * extensions.BYTES}, "200000 bytes"),
        ("text", "dictionary"),
    ],
)
def test_what_can_not_be_stored_compared_or_shown_is_refused(refused: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        registration(refused)


def test_a_name_that_no_partner_can_have_and_too_many_extensions_are_refused() -> None:
    with pytest.raises(ValidationError, match="pattern"):
        Registration.model_validate({"extensions": {"A partner": {}}})
    with pytest.raises(ValidationError, match="at most 20"):
        Registration.model_validate({"extensions": {f"p{number}": {} for number in range(21)}})


def test_a_log_of_other_bounds_stays_readable() -> None:
    stored = {"extensions": {"jrct": {"Name": "x" * 300_000}}}

    assert Registration.from_stored(stored).to_stored() == stored


def test_differences_are_told_key_by_key_and_lists_as_a_whole() -> None:
    before = registration(EXTENSION).to_stored()
    after = registration({**EXTENSION, "certified": False, "board": {"visits": [1, 2, 3]}}).to_stored()
    differences = list(diff(before, after))

    assert differences == [
        ("/extensions/jrct/board/name", {"ja": "認定委員会"}, None),
        ("/extensions/jrct/board/visits", [1, 2], [1, 2, 3]),
        ("/extensions/jrct/certified", True, False),
    ]
    assert apply(before, [(field, new) for field, _, new in differences]) == after
    changes = tuple(trial.RegistrationChange(field=field, old=old, new=new) for field, old, new in differences)
    assert trial.TrialAmended.from_stored({"changes": [one.to_stored() for one in changes]}).changes == changes


def test_a_pointer_leads_into_an_extension_as_deep_as_one_is() -> None:
    assert place_at(Registration, "/extensions/jrct/board/name/ja").holds("認定委員会")
    with pytest.raises(NoSuchPath):
        place_at(Registration, "/extensions/jrct" + "/a" * 100)
