"""What of a registration the upload has no element for."""

from collections import Counter

from adapters.ictrp.losses import NO_ELEMENT, unsent
from events.schemas.registration import Registration


def test_what_has_no_element_is_counted_by_field() -> None:
    registration = {
        "public_title": {"ja": "試験", "en": "A trial"},
        "actual_size": 7,
        "actual": {"not": "a field"},
        "ethics_reviews": [{"status": "approved"}],
        "outcomes": [{"rank": "other", "measure": {"en": "Taste"}}, {"rank": "primary", "measure": {"en": "Days"}}],
        "contacts": [{"role": "site", "title": "Dr"}],
        "eligibility": {"inclusion": {"en": "A"}, "criteria": {"en": "Key A"}},
    }

    assert Counter(unsent(registration)) == {
        "public_title.ja": 1,
        "actual_size": 1,
        "ethics_reviews[].status": 1,
        "outcomes[].rank": 1,
        "outcomes[].measure.en": 1,
        "contacts[].role": 1,
        "contacts[].title": 1,
        "eligibility.criteria.en": 1,
    }


def test_fields_without_an_element_are_fields_of_the_registration() -> None:
    schema = Registration.model_json_schema()
    for name in NO_ELEMENT:
        assert name.split(".")[0].removesuffix("[]") in schema["properties"]
