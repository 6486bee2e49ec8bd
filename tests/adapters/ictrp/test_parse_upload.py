"""The reading of a trial of an upload."""

from typing import Any

import pytest
from lxml import etree

from adapters.ictrp.parse import parse
from adapters.reading import Parsed, Refused
from tests.support.ictrp import upload_file, uploaded


def stored(**elements: str) -> dict[str, Any]:
    return uploaded(**elements).registration.to_stored()


def test_a_known_number_names_the_registry_that_sent_it() -> None:
    one = uploaded(registry="REBEC", number="RBR-3VMKT2", main__date_registration="13/06/2011")

    assert (one.home.registry, one.home.number, one.home.registered) == ("rebec", "RBR-3vmkt2", "2011-06-13")
    assert (one.sender, one.record) == ("rebec", "RBR-3VMKT2")


def test_another_number_is_its_registry_s_as_that_calls_itself() -> None:
    one = uploaded(main__url="https://registry.example/v1/trials/0190", main__date_registration="2011-06-13")

    assert (one.home.registry, one.home.number, one.sender) == ("Example Registry", "JP-1", "Example Registry")
    assert (one.home.registered, one.home.url) == ("2011-06-13", "https://registry.example/v1/trials/0190")


@pytest.mark.parametrize(("number", "registry"), [("", "Example Registry"), ("JP-1", "")])
def test_a_trial_without_a_number_or_a_registry_is_refused(number: str, registry: str) -> None:
    file = f"<trials><trial><main><trial_id>{number}</trial_id><reg_name>{registry}</reg_name></main></trial></trials>"
    (one,) = parse([file.encode()], "file")
    assert isinstance(one, Refused)

    assert one.reason == ("no registry: main.reg_name" if number else "no number: main.trial_id")


def test_a_word_that_says_nothing_elsewhere_says_what_it_says_in_an_upload() -> None:
    assert stored(main__acronym="NULL", main__date_enrolment="01/01/1900") == {
        "acronym": "NULL",
        "first_enrolment": {"date": "1900-01-01"},
    }


def test_an_escape_in_an_upload_is_the_registry_s_own() -> None:
    assert stored(main__public_title="a &lt; b<br>") == {"public_title": {"en": "a &lt; b<br>"}}


@pytest.mark.parametrize(("tag", "spelt"), [("trial_id", "Trial_ID"), ("utrn", "UTRN")])
def test_another_spelling_of_an_element_is_counted(tag: str, spelt: str) -> None:
    file = upload_file(
        etree.fromstring(f"<trial><main><trial_id>RBR-3vmkt2</trial_id><{spelt}>x</{spelt}></main></trial>")
    )
    (one,) = parse([file], "file")
    assert isinstance(one, Parsed)

    assert one.not_carried == {f"main.{spelt}": 1}


def test_kinds_and_codes_belong_to_the_text_they_stand_beside() -> None:
    assert stored(
        main__hc_freetext="Cold; Fever",
        health_condition_code__hc_code="C02",
        main__i_freetext="Zinc",
        intervention_code__i_code="dietary supplement",
    ) == {
        "conditions": [{"name": {"en": "Cold; Fever"}, "codes": [{"code": "C02"}]}],
        "interventions": [{"name": {"en": "Zinc"}, "codes": [{"code": "dietary supplement"}]}],
    }


def test_codes_of_no_text_are_not_carried() -> None:
    one = uploaded(health_condition_code__hc_code="C02", intervention_code__i_code="drug")

    assert one.registration.to_stored() == {}
    assert one.not_carried == {
        "health_condition_code.hc_code[] (codes of no condition)": 1,
        "intervention_code.i_code[] (codes of no intervention)": 1,
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Cold; Fever", ["Cold", "Fever"]),
        ("Cold;Fever", ["Cold;Fever"]),
        ("Cold; ; Fever", ["Cold; ; Fever"]),
        ("Cold;  Fever", ["Cold;  Fever"]),
    ],
)
def test_conditions_are_parted_as_our_own_upload_joins_them(text: str, names: list[str]) -> None:
    assert [one["name"]["en"] for one in stored(main__hc_freetext=text)["conditions"]] == names


@pytest.mark.parametrize(
    ("names", "person"),
    [
        (
            {"firstname": "Grace", "middlename": "B.", "lastname": "Hopper"},
            {"given": "Grace", "middle": "B.", "family": "Hopper"},
        ),
        ({"middlename": "B.", "lastname": "Hopper"}, {"middle": "B.", "family": "Hopper"}),
        ({"firstname": "Grace"}, {"given": "Grace"}),
        ({"lastname": "Grace Hopper, PhD"}, {"name": {"en": "Grace Hopper, PhD"}}),
    ],
)
def test_a_name_is_taken_in_parts_where_it_has_parts(names: dict[str, str], person: dict[str, Any]) -> None:
    elements = {f"contacts__contact__{tag}": text for tag, text in names.items()}

    assert stored(contacts__contact__type="scientific", **elements)["contacts"] == [
        {"role": "scientific", "person": person}
    ]


@pytest.mark.parametrize(
    ("type_", "reason"), [("public", "an empty contact"), ("sponsor", "a contact neither public nor scientific")]
)
def test_an_empty_contact_or_one_of_another_type_is_not_carried(type_: str, reason: str) -> None:
    one = uploaded(contacts__contact__type=type_, **({"contacts__contact__city": "Kyoto"} if type_ != "public" else {}))

    assert one.registration.contacts is None
    assert one.not_carried[f"contacts.contact[].type ({reason})"] == 1


def test_a_kind_of_date_without_the_date_is_not_carried() -> None:
    assert uploaded(main__type_enrolment="anticipated").not_carried == {
        "main.type_enrolment (anticipated or actual, of no date)": 1
    }


def test_the_universal_number_is_the_first_claim() -> None:
    claims = stored(main__utrn="U1111-1121-8947", secondary_ids__secondary_id__sec_id="NCT90000002")["identifiers"]

    assert claims == [
        {"value": "U1111-1121-8947", "kind": "utn", "issuer": "who"},
        {"value": "NCT90000002", "kind": "registry"},
    ]


def test_a_text_between_elements_is_counted() -> None:
    file = b"<trials><trial>stray<main><trial_id>RBR-3vmkt2</trial_id></main></trial></trials>"
    (one,) = parse([file], "file")
    assert isinstance(one, Parsed)

    assert one.not_carried == {"text()": 1}


@pytest.mark.parametrize(
    "broken",
    [
        "<main>RBR-3vmkt2</main>",
        "<main><trial_id>RBR-3vmkt2</trial_id><phase>1</phase><phase>2</phase></main>",
        "<main><trial_id>RBR-3vmkt2</trial_id><phase><b>1</b></phase></main>",
        "<main><trial_id>RBR-3vmkt2</trial_id></main><countries>Japan</countries>",
    ],
)
def test_a_broken_structure_is_refused_with_its_place(broken: str) -> None:
    (one,) = parse([f"<trials><trial>{broken}</trial></trials>".encode()], "file")
    assert isinstance(one, Refused)

    assert one.place.startswith("file, record 1")
    assert "not a" in one.reason


def test_a_text_longer_than_any_field_is_counted_and_refuses_nothing() -> None:
    one = uploaded(main__acronym="A" * 2001, main__study_design="B" * 100_001)

    assert one.registration.to_stored() == {}
    assert one.not_carried == {
        "main.acronym (longer than 2000 characters)": 1,
        "main.study_design (longer than 100000 characters)": 1,
    }


def test_a_word_in_place_of_a_number_is_none_and_one_in_place_of_an_issuer_is_nobody() -> None:
    record = {
        "main__utrn": "None",
        "secondary_ids__secondary_id__sec_id": "C000000079",
        "secondary_ids__secondary_id__issuing_authority": "N/A",
    }
    one = uploaded(**record)

    assert one.registration.to_stored()["identifiers"] == [{"value": "C000000079", "kind": "registry"}]
    assert one.not_carried["main.utrn (says that there is no number)"] == 1


def test_a_stated_issuer_goes_before_a_number_that_looks_like_a_registrys() -> None:
    record = {
        "secondary_ids__secondary_id__sec_id": "C000000079",
        "secondary_ids__secondary_id__issuing_authority": "Example University",
    }

    claim = {"value": "C000000079", "kind": "other", "issuer": "Example University"}
    assert stored(**record)["identifiers"] == [claim]


def test_a_stated_registry_goes_before_a_number_that_looks_like_another_s() -> None:
    one = uploaded(main__trial_id="R000045268", main__reg_name="Example Registry")

    assert (one.home.registry, one.home.number) == ("Example Registry", "R000045268")


@pytest.mark.parametrize(("word", "parties"), [("None", []), ("N/A", []), ("該当なし", []), ("Not known", None)])
def test_no_sponsor_beside_the_first_and_one_who_is_not_known_are_told_apart(
    word: str, parties: list[str] | None
) -> None:
    registration = stored(secondary_sponsor__sponsor_name=word, source_support__source_name=word)

    assert (registration.get("secondary_sponsors"), registration.get("funders")) == (parties, parties)


def test_a_contact_of_words_for_nothing_is_empty() -> None:
    record = dict.fromkeys(("firstname", "lastname", "telephone", "email", "address", "affiliation"), "N/A")
    one = uploaded(
        contacts__contact__type="public", **{f"contacts__contact__{tag}": text for tag, text in record.items()}
    )

    assert one.registration.contacts is None


def test_a_link_to_another_trial_is_not_carried() -> None:
    one = uploaded(main__trial_id="RBR-3vmkt2", main__url="https://ensaiosclinicos.gov.br/rg/RBR-4vmkt2")

    assert one.home.url is None
    assert one.not_carried["main.url (leads to another trial)"] == 1
