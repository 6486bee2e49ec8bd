"""The values of a registration that the upload has no element for."""

from collections import Counter

from adapters.ictrp.losses import NO_ELEMENT, unsent
from events.schemas.parties import Person
from events.schemas.registration import Registration


def test_what_has_no_element_is_counted_by_field() -> None:
    registration = {
        "public_title": {"ja": "試験", "en": "A trial"},
        "actual_size": 7,
        "actual": {"not": "a field"},
        "ethics_reviews": [{"status": "approved"}],
        "outcomes": [{"rank": "other", "measure": {"en": "Taste"}}, {"rank": "primary", "measure": {"en": "Days"}}],
        "contacts": [{"role": "site"}, {"role": "public", "person": {"family": "Hopper", "title": "Dr"}}],
        "eligibility": {"inclusion": {"en": "A"}, "criteria": {"en": "Key A"}},
    }

    assert Counter(unsent(registration, {})) == {
        "public_title.ja": 1,
        "actual_size": 1,
        "ethics_reviews[].status": 1,
        "outcomes[].rank": 1,
        "outcomes[].measure.en": 1,
        "contacts[].role": 1,
        "contacts[].person.title": 1,
        "eligibility.criteria.en": 1,
    }


def test_of_an_opened_person_is_counted_what_is_not_sent() -> None:
    sealed = {"person": "p-1", "sealed": "1." + "A" * 40}
    registration = {"contacts": [{"role": "public", "person": sealed}]}
    person = Person(family="Hopper", title="Dr")

    assert unsent(registration, {sealed["sealed"]: person}) == ["contacts[].person.title"]
    assert unsent(registration, {sealed["sealed"]: None}) == []


def test_fields_without_an_element_are_fields_of_the_registration() -> None:
    schema = Registration.model_json_schema()
    for name in NO_ELEMENT:
        assert name.split(".")[0].removesuffix("[]") in schema["properties"]
