"""Each contact of a registration in an upload. TRDS items 7 and 8."""

import pytest

from adapters.exporting import Gap
from adapters.ictrp.render import render
from events.schemas.parties import Person
from tests.support.ictrp import SENDER, document, gaps, rendered, texts

SEALED = {"person": "p-1", "sealed": "1." + "A" * 40}


def test_an_empty_contact_is_sent_only_where_there_is_no_other_of_its_type() -> None:
    registration = {"contacts": [{"role": "public"}, {"role": "public", "affiliation": {"en": "Example"}}]}

    assert texts("contacts/contact/type", registration) == ["Public", "Scientific"]
    assert texts("contacts/contact/affiliation", registration) == ["Example", ""]


def test_a_contact_is_sent_with_what_is_known_and_the_rest_is_told() -> None:
    person = {
        "family": "Hopper",
        "middle": "Brewster",
        "given": "Grace",
        "email": "g@example.org",
        "country": "JP",
        "postcode": "100",
    }
    contact = {"role": "public", "affiliation": {"en": "Example"}, "person": person}
    element = rendered({"contacts": [contact]}).element.find("contacts/contact")
    assert element is not None

    assert {child.tag: child.text for child in element if child.text} == {
        "type": "Public",
        "firstname": "Grace",
        "middlename": "Brewster",
        "lastname": "Hopper",
        "country1": "Japan",
        "zip": "100",
        "email": "g@example.org",
        "affiliation": "Example",
    }
    assert gaps("7 Public", {"contacts": [contact]}) == ["sent without address, city, telephone"]


def test_a_name_that_is_not_stated_in_parts_goes_whole_into_the_last_name() -> None:
    contact = {"role": "scientific", "person": {"name": {"en": "Grace Hopper, PhD"}}}

    assert texts("contacts/contact/lastname", {"contacts": [contact]}) == ["", "Grace Hopper, PhD"]


def test_the_contact_of_a_site_is_not_sent() -> None:
    assert texts("contacts/contact/lastname", {"contacts": [{"role": "site", "person": {"family": "Hopper"}}]}) == [
        "",
        "",
    ]


def test_an_erased_person_is_sent_empty_and_told() -> None:
    contacts = [{"role": "public", "affiliation": {"en": "Example"}, "person": SEALED}]
    result = render(document({"contacts": contacts}), {SEALED["sealed"]: None}, SENDER)

    assert Gap("JP-1", "7 Public", "the person's data is erased or closed") in result.gaps
    assert result.element.findtext("contacts/contact/lastname") == ""
    assert result.element.findtext("contacts/contact/affiliation") == "Example"


def test_an_opened_person_is_sent() -> None:
    contacts = [{"role": "public", "person": SEALED}]
    result = render(document({"contacts": contacts}), {SEALED["sealed"]: Person(family="Hopper")}, SENDER)

    assert result.element.findtext("contacts/contact/lastname") == "Hopper"


def test_a_sealed_person_that_was_not_opened_is_an_error_and_no_empty_contact() -> None:
    with pytest.raises(KeyError):
        rendered({"contacts": [{"role": "public", "person": SEALED}]})
