"""The content rules of an upload find faults that a DTD does not."""

import copy

import pytest
from lxml import etree

from adapters.ictrp.checks import FILLED, RULES, faults
from tests.support.ictrp import SHARED, rendered

GOOD = rendered(
    {
        "public_title": {"en": "A trial"},
        "study_type": "interventional",
        "phase": "2-3",
        "first_enrolment": {"date": "2026-03-04", "kind": "actual"},
        "planned_size": 5,
        "eligibility": {"sex": "all", "minimum_age": {"value": 18, "unit": "years"}, "maximum_age": "unlimited"},
        "identifiers": [{"value": "U1111-1234-5678", "kind": "utn"}],
    }
).element
WRONG = {
    "main/utrn": "U1111-1234",
    "main/date_registration": "2026-11-22",
    "main/date_enrolment": "30/02/2026",
    "main/type_enrolment": "ACTUAL",
    "main/target_size": "about 5",
    "main/recruitment_status": "recruiting",
    "main/url": "registry.example",
    "main/study_type": "Interventional study",
    "main/phase": "III",
    "criteria/agemin": "18 Years",
    "criteria/agemax": "no limit",
    "criteria/gender": "Both",
    "contacts/contact/type": "public",
}


def broken(path: str, text: str) -> list[str]:
    trial = copy.deepcopy(GOOD)
    element = trial.find(path)
    assert element is not None
    element.text = text
    return faults(trial)


def test_a_trial_that_says_all_it_must_has_no_fault() -> None:
    assert faults(GOOD) == []


def test_every_rule_has_something_that_breaks_it() -> None:
    assert set(WRONG) == set(RULES)


@pytest.mark.parametrize(("path", "text"), WRONG.items(), ids=WRONG.keys())
def test_a_wrong_content_is_found(path: str, text: str) -> None:
    found = broken(path, text)

    assert any(fault.startswith(path) and repr(text) in fault for fault in found)


@pytest.mark.parametrize("path", FILLED)
def test_an_empty_element_that_must_not_be_empty_is_found(path: str) -> None:
    assert broken(path, "") == [f"{path} is empty"]
    assert broken(path, " \n") == [
        *[f"{path} is empty"],
        *[fault for fault in broken(path, " \n") if "is empty" not in fault],
    ]


@pytest.mark.parametrize("path", ["main/date_enrolment", "main/phase", "criteria/agemax", "criteria/gender"])
def test_another_element_may_be_empty(path: str) -> None:
    assert broken(path, "") == []


def test_a_missing_type_of_contact_is_found() -> None:
    trial = copy.deepcopy(GOOD)
    contacts = trial.find("contacts")
    assert contacts is not None
    contacts.remove(contacts[0])

    assert faults(trial) == ["contacts has no contact of type Public"]


def test_an_element_of_another_kind_has_faults_and_raises_nothing() -> None:
    assert len(faults(etree.Element("other"))) == len(FILLED) + 2


def test_a_real_upload_that_the_dtd_lets_through_is_found_out() -> None:
    file = SHARED / "samples" / "ictrp_upload" / "rebec_57_upload.xml"
    if not file.exists():
        pytest.skip("../shared/formats/samples is not here")
    trials = etree.fromstring(file.read_bytes()).findall("trial")

    assert len(trials) == 57
    assert all("main/study_type is empty" in faults(trial) for trial in trials)
