"""Changes hold what their place may hold: a stored event never says what no registration can be."""

from typing import Any

import pytest
from pydantic import ValidationError

from events.schemas import trial as happened
from events.schemas.registration import Registration
from events.schemas.trial import RegistrationChange, Whole, WholeChange
from registry.domain.trial.examples import REGISTRATION
from tests.support.trials import SEALED

OUTCOME = {"item": "final", "rank": "primary", "measure": {"en": "Survival"}}
RIGHT: tuple[tuple[str, Any], ...] = (
    ("/phase", "2"),
    ("/acronym", "ABC"),
    ("/planned_size", 12),
    ("/public_title/ja", "試験"),
    ("/public_title/zh-Hant", "試驗"),
    ("/countries", ["JP"]),
    ("/eligibility/minimum_age", "unlimited"),
    ("/eligibility/minimum_age/value", 20),
    ("/outcomes", [OUTCOME]),
    ("/outcomes/final", OUTCOME),
    ("/outcomes/final/measure/en", "Death"),
    ("/outcomes/@order", ["final", "first"]),
    ("/contacts/office/person", SEALED),
    ("/ethics_reviews/kyoto/contact/affiliation/en", "Kyoto"),
    ("/ctgov", {}),
)
WRONG: tuple[tuple[str, Any], ...] = (
    ("/phase", "banana"),
    ("/phase", {"en": None}),
    ("/nothing", "x"),
    ("/planned_size", "12"),
    ("/planned_size", True),
    ("/public_title/English", "x"),
    ("/public_title", {"en": "x", "ja": None}),
    ("/public_title", {}),
    ("/outcomes/0/measure/en", "Death"),
    ("/outcomes/0", OUTCOME),
    ("/outcomes/final", {**OUTCOME, "description": None}),
    ("/outcomes/final", {**OUTCOME, "rank": "banana"}),
    ("/outcomes/final/rank/en", "x"),
    ("/outcomes/@order", [0, 1]),
    ("/countries/0", "JP"),
    ("/contacts/office/person/sealed", "1.AA"),
    ("/contacts/office/person/name/en", "Hanako"),
    ("/completion", {"date": "2026-11-22", "kind": "actual", "note": "x"}),
    ("/completion/date", "2026-02-30"),
    ("/registration/phase", "2"),
)


@pytest.mark.parametrize(("field", "value"), RIGHT)
def test_a_change_takes_what_its_place_holds(field: str, value: Any) -> None:
    changed = RegistrationChange(field=field, old=value, new=value)
    of_whole = WholeChange(field=f"/registration{field}", new=value)

    assert changed.to_stored() == {"field": field, "old": value, "new": value}
    assert of_whole.to_stored() == {"field": f"/registration{field}", "new": value}


def test_an_event_takes_changes_as_they_were_made_and_looks_at_those_that_come_as_json() -> None:
    made = RegistrationChange(field="/phase", old="1", new="2")
    assert happened.TrialAmended(changes=(made,)).changes == (made,)

    with pytest.raises(ValidationError, match="what is given for /phase is not in stored form"):
        happened.TrialAmended.model_validate({"changes": [made.to_stored(), {"field": "/phase", "new": "banana"}]})


@pytest.mark.parametrize("side", ["old", "new"])
@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_change_refuses_what_its_place_can_not_hold(field: str, value: Any, side: str) -> None:
    with pytest.raises(ValidationError):
        RegistrationChange.model_validate({"field": field, side: value})
    with pytest.raises(ValidationError):
        WholeChange.model_validate({"field": f"/registration{field}", side: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("/home/url", "https://example.org"),
        ("/status/authorisation", "revoked"),
        ("/status/why/en", "Slow"),
        ("/sites/kyoto", {"site": "kyoto", "name": {"ja": "京都"}, "recruitment": "closed"}),
        ("/sites/kyoto/recruitment", "closed"),
        ("/sites/kyoto/contacts/i1/role", "site"),
    ],
)
def test_changes_of_imports_point_into_the_whole(field: str, value: Any) -> None:
    assert WholeChange(field=field, new=value).new == value
    with pytest.raises(ValidationError, match="there is no"):
        RegistrationChange(field=field, new=value)


def test_an_event_takes_changes_of_its_own_root_alone() -> None:
    assert happened.TrialAmended(changes=[RegistrationChange(field="/phase", new="2")])
    with pytest.raises(ValidationError):
        happened.TrialAmended(changes=[WholeChange(field="/registration/phase", new="2")])


def test_what_a_log_holds_is_read_as_it_is() -> None:
    """By the gate of its type and revision, and not value by value: what was taken once stays readable."""
    stored = {"changes": [{"field": "/phase", "new": "banana"}]}

    assert happened.TrialAmended.from_stored(stored).to_stored() == stored


def test_every_value_of_a_whole_registration_may_stand_where_it_stands() -> None:
    stored = Registration.model_validate(REGISTRATION).to_stored()

    for name, value in stored.items():
        assert RegistrationChange(field=f"/{name}", new=value).new == value
    assert WholeChange(field="/registration", new=stored).ROOT is Whole
