"""Amendments name members of lists by their items: what they name exists, and becomes what a registration can be."""

from typing import Any

import pytest
from pydantic import ValidationError

from events.schemas.parties import Contact, Person
from events.schemas.values import Sealed
from registry.domain.decider import Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.edits import edited
from registry.domain.trial.state import Trial
from registry.people.sealable import PARTIES, found_in, replaced
from tests.registry.domain.test_trial import CONTEXT, after
from tests.support.trials import SEALED, sealed_registration, without_items

FIRST = {"item": "first", "rank": "secondary", "measure": {"en": "Pain"}}
SECOND = {"item": "second", "rank": "secondary", "measure": {"en": "Sleep"}, "time_point": {"en": "week 12"}}
THIRD = {"rank": "secondary", "measure": {"en": "Walking"}}


def amend(*edits: tuple[str, Any], **fields: Any) -> do.AmendTrial:
    listed = [{"field": field, "value": value} for field, value in edits]
    return do.AmendTrial.model_validate({"reason": "Better", "edits": listed, **fields})


def draft(**fields: Any) -> Trial:
    state = after(do.RegisterTrial(registration=sealed_registration(outcomes=[FIRST, SECOND], **fields)))
    assert state is not None
    return state


def amended(*edits: tuple[str, Any], state: Trial | None = None, **fields: Any) -> dict[str, Any]:
    trial = after(amend(*edits, **fields), state=state or draft())
    assert trial is not None
    return dict(trial.registration)


def test_a_part_of_a_member_is_changed_and_that_alone_is_told() -> None:
    event = decide(draft(), amend(("/outcomes/second/measure/en", "Rest")), CONTEXT)

    assert event is not None
    assert event.to_stored() == {
        "changes": [{"field": "/outcomes/second/measure/en", "old": "Sleep", "new": "Rest"}],
    }
    assert amended(("/outcomes/second/time_point", None))["outcomes"][1].keys() == {"item", "rank", "measure"}


def test_members_are_added_removed_replaced_and_ordered() -> None:
    outcomes = amended(
        ("/outcomes/-", THIRD),
        ("/outcomes/last", {**THIRD, "rank": "primary"}),
        ("/outcomes/first", None),
        ("/outcomes/second", {"rank": "other", "measure": {"ja": "睡眠"}}),
    )["outcomes"]

    assert [one["item"] for one in outcomes][::2] == ["second", "last"]
    assert without_items(outcomes[1]) == THIRD
    assert outcomes[0] == {"item": "second", "rank": "other", "measure": {"ja": "睡眠"}}
    ordered = amended(("/outcomes/@order", ["second", "first"]))
    assert [one["item"] for one in ordered["outcomes"]] == ["second", "first"]


def test_a_list_that_nothing_is_known_of_begins_with_its_first_member() -> None:
    assert without_items(amended(("/references/-", {"pmid": "1"}))["references"]) == [{"pmid": "1"}]
    assert amended(("/references/paper", {"pmid": "1"}))["references"] == [{"item": "paper", "pmid": "1"}]
    assert amended(("/eligibility/population/en", "All"))["eligibility"]["population"] == {"en": "All"}


def test_whole_fields_and_edits_come_together() -> None:
    registration = amended(("/outcomes/first", None), registration={"planned_size": 7})

    assert (registration["planned_size"], len(registration["outcomes"])) == (7, 1)


def test_an_intervention_that_arms_use_can_be_renamed_and_not_removed() -> None:
    care = {"item": "care", "name": {"en": "Care"}}
    state = draft(interventions=[care], arms=[{"label": "A", "uses": ["care"]}])

    assert amended(("/interventions/care/name/en", "Usual care"), state=state)["arms"][0]["uses"] == ["care"]
    with pytest.raises(Rejection, match="unknown-intervention"):
        decide(state, amend(("/interventions/care", None)), CONTEXT)


@pytest.mark.parametrize(
    "edit",
    [
        ("/outcomes/0/measure/en", "Rest"),
        ("/outcomes/0", None),
        ("/phase", "banana"),
        ("/phase/en", "2"),
        ("/nothing", "x"),
        ("/registration/phase", "2"),
        ("/planned_size", "12"),
        ("/acronym", "a\nb"),
        ("/public_title/en", "x" * 2_001 + "\x00"),
        ("/outcomes/second", {"rank": "secondary"}),
        ("/outcomes/second", {**SECOND, "note": "x"}),
        ("/outcomes/Second", SECOND),
        ("/outcomes/second/item", "third"),
        ("/outcomes/second/item", None),
        ("/contacts/office/person", {"name": {"en": "Hanako"}}),
        ("/contacts/office/person", SEALED),
        ("/contacts/office/person/name/en", "Hanako"),
        ("/primary_sponsor/person", {"name": {"en": "Hanako"}}),
    ],
)
def test_what_no_registration_can_hold_is_refused_at_the_door(edit: tuple[str, Any]) -> None:
    with pytest.raises(ValidationError):
        amend(edit)


RANKS, TEXT = (
    "Input should be 'primary', 'secondary' or 'other'",
    "Value error, give the text in Japanese (ja), in English (en), or both",
)


@pytest.mark.parametrize(
    ("edit", "at", "kind", "message"),
    [
        (("/nothing", "x"), "field", "no_such_field", "there is no /nothing"),
        (
            ("/outcomes/second/item", "third"),
            "field",
            "item_stays",
            "a member keeps its item; to replace the member, remove it and add one",
        ),
        (("/planned_size", "12"), "value", "value_of_field", "Input should be a valid integer"),
        (("/outcomes/second", {"rank": "secondary"}), "value", "value_of_field", "/measure: Field required"),
        (
            ("/outcomes", [{"rank": "x", "measure": {}}] * 4),
            "value",
            "value_of_field",
            f"/0/rank: {RANKS}; /0/measure: {TEXT}; /1/rank: {RANKS}; /1/measure: {TEXT}; /2/rank: {RANKS}",
        ),
        (
            ("/contacts/-", {"role": "boss", "person": {"email": ["secret@example.jp"]}}),
            "value",
            "value_of_field",
            "/role: Input should be 'public', 'scientific' or 'site'; /person/Sealed/sealed: Field required; "
            "/person/Sealed/email: Extra inputs are not permitted; "
            "/person/Person/email: Input should be a valid string",
        ),
        (
            ("/primary_sponsor/person", {"name": {"en": "Hanako"}}),
            "value",
            "person_alone",
            "give the whole contact or organisation that the person is of",
        ),
    ],
)
def test_a_fault_is_told_by_its_place_in_the_value_and_without_what_was_sent(
    edit: tuple[str, Any], at: str, kind: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        amend(edit)

    assert [(fault["type"], fault["loc"], fault["msg"]) for fault in refused.value.errors()] == [
        (kind, ("edits", 0, at), message)
    ]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("/outcomes/third/measure/en", "Rest"), "the list has no member third"),
        (("/outcomes/first", {**SECOND}), "the member at first says that it is second"),
        (("/outcomes/@order", ["first"]), "an order names each member once"),
        (("/outcomes/first/measure", None), "Field required"),
    ],
)
def test_why_the_registration_does_not_bear_it_is_said(edit: tuple[str, Any], message: str) -> None:
    with pytest.raises(Rejection) as refused:
        decide(draft(), amend(edit), CONTEXT)

    assert [fault.message for fault in refused.value.faults] == [message]


def test_what_edits_make_is_as_a_log_has_it() -> None:
    edits = amend(("/countries", ["JP", "KR"]), ("/study_type", "observational"), ("/outcomes/-", THIRD)).edits
    registration = edited(draft().registration, edits)

    assert registration["countries"] == ["JP", "KR"]
    assert {type(registration["study_type"]), type(registration["outcomes"][-1]["rank"])} == {str}


@pytest.mark.parametrize(
    ("edits", "rule", "field"),
    [
        ([("/outcomes/third/measure/en", "Rest")], "item-unknown", "/edits/0/field"),
        ([("/phase", "2"), ("/outcomes/third", None)], "item-unknown", "/edits/1/field"),
        ([("/outcomes/-", None)], "item-unknown", "/edits/0/field"),
        ([("/outcomes/-/measure/en", "Rest")], "item-unknown", "/edits/0/field"),
        ([("/outcomes/first", {**SECOND})], "item-unknown", "/edits/0/field"),
        ([("/outcomes/@order", ["first"])], "item-unknown", "/edits/0/field"),
        ([("/outcomes/-", SECOND)], "item-twice", "/registration/outcomes"),
        ([("/outcomes/first/measure", None)], "missing", "/registration/outcomes/0/measure"),
        ([("/acronym", None)], "no-change", "/registration"),
        ([("/first_enrolment", {"date": "2027", "kind": "actual"})], "date-in-future", "/registration/first_enrolment"),
    ],
)
def test_what_the_registration_does_not_bear_is_refused_by_name(
    edits: list[tuple[str, Any]], rule: str, field: str
) -> None:
    with pytest.raises(Rejection) as refused:
        decide(draft(), amend(*edits), CONTEXT)

    assert [(fault.rule, fault.field) for fault in refused.value.faults] == [(rule, field)]


def test_a_command_changes_something_by_fields_or_by_edits() -> None:
    with pytest.raises(ValidationError, match="give registration, edits, or both"):
        do.AmendTrial.model_validate({"reason": "Better"})
    assert do.AmendTrial.model_validate({"reason": "Better", "registration": {}})


def test_persons_in_edits_are_found_to_be_sealed() -> None:
    person = {"name": {"en": "Hanako"}, "email": "hanako@example.org"}
    office = {"role": "public", "person": person}
    review = {"status": "approved", "contact": office}
    command = amend(
        ("/contacts/-", office), ("/ethics_reviews/kyoto", review), ("/contacts", [office]), ("/phase", "2")
    )
    found = [one for one in found_in(PARTIES, command) if isinstance(one, Contact)]
    sealed = replaced(PARTIES, command, lambda one: one.model_copy(update={"person": Sealed(**SEALED)}))

    assert [one.person for one in found] == [Person.model_validate(person)] * 3
    assert "hanako" not in sealed.model_dump_json()


def test_edits_say_in_a_digest_what_was_sent() -> None:
    command = amend(("/outcomes/-", THIRD), ("/phase", "2"), ("/acronym", None))

    assert command.to_content()["edits"] == [
        {"field": "/outcomes/-", "value": THIRD},
        {"field": "/phase", "value": "2"},
        {"field": "/acronym", "value": None},
    ]
