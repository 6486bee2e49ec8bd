"""Each item of a registration in an upload, and the reported gaps."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.exporting import Gap
from adapters.ictrp.checks import faults
from adapters.ictrp.render import render
from events.schemas.registration import Registration
from tests.support.ictrp import SENDER, document, dtd, gaps, rendered, text, texts
from tests.support.registrations import REGISTRATIONS

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No deadline: a busy machine is not a fault of the rendering."""


@UNHURRIED
@given(REGISTRATIONS)
def test_any_registration_is_valid_against_whos_dtd(registration: Registration) -> None:
    schema = dtd()

    assert schema.validate(rendered(registration).element), schema.error_log


@UNHURRIED
@given(REGISTRATIONS)
def test_only_a_missing_title_keeps_a_registration_from_being_sent(registration: Registration) -> None:
    assert set(faults(rendered(registration).element)) <= {"main/public_title is empty"}


def test_an_empty_registration_has_every_element_and_tells_every_gap() -> None:
    result = rendered({})

    assert dtd().validate(result.element)
    assert {gap.item for gap in result.gaps} == {
        "4 source_name", "5 primary_sponsor", "7 Public", "8 Scientific", "9 public_title", "10 scientific_title",
        "11 country2", "12 hc_freetext", "13 i_freetext", "14 inclusion_criteria", "14 exclusion_criteria", "14 agemin",
        "14 agemax", "14 gender", "15 study_type", "15 study_design", "15 phase", "16 date_enrolment",
        "16 type_enrolment", "17 target_size", "19 prim_outcome",
    }  # fmt: skip
    assert {gap.trial for gap in result.gaps} == {"JP-1"}


def test_a_trial_is_named_by_our_number_registry_date_and_address() -> None:
    main = rendered({}).element

    assert main.findtext("main/trial_id") == "JP-1"
    assert main.findtext("main/reg_name") == "Example Registry"
    assert main.findtext("main/date_registration") == "22/11/2026"
    assert main.findtext("main/url") == "https://registry.example/v1/trials/JP-1"


def test_english_is_sent_where_there_is_english() -> None:
    registration = {"public_title": {"ja": "試験", "en": "A trial"}}

    assert text("main/public_title", registration) == "A trial"
    assert gaps("9 public_title", registration) == []


def test_japanese_alone_is_sent_and_told() -> None:
    registration = {"public_title": {"ja": "試験"}}

    assert text("main/public_title", registration) == "試験"
    assert gaps("9 public_title", registration) == ["there is no English; sent in Japanese"]


@pytest.mark.parametrize(
    ("date", "day", "gap_texts"),
    [
        ("2026-03-04", "04/03/2026", []),
        ("2026-03", "01/03/2026", ["known to the month only (2026-03); sent as its first day"]),
        ("2026", "01/01/2026", ["known to the year only (2026); sent as its first day"]),
    ],
)
def test_a_partial_date_is_sent_as_its_first_day_and_told(date: str, day: str, gap_texts: list[str]) -> None:
    registration = {"first_enrolment": {"date": date, "kind": "actual"}}

    assert text("main/date_enrolment", registration) == day
    assert text("main/type_enrolment", registration) == "actual"
    assert gaps("16 date_enrolment", registration) == gap_texts


def test_a_planned_date_is_anticipated() -> None:
    assert text("main/type_enrolment", {"first_enrolment": {"date": "2026", "kind": "anticipated"}}) == "anticipated"


def test_the_target_is_the_planned_size_and_never_the_number_enrolled() -> None:
    assert text("main/target_size", {"planned_size": 0, "actual_size": 7}) == "0"
    assert text("main/target_size", {"actual_size": 7}) == ""
    assert gaps("17 target_size", {"actual_size": 7}) == [
        "only the number enrolled is known, which has no element; sent empty"
    ]


def test_a_number_that_is_not_said_to_be_planned_or_enrolled_is_sent_and_told() -> None:
    assert text("main/target_size", {"unspecified_size": 534}) == "534"
    assert text("main/target_size", {"unspecified_size": 534, "planned_size": 500}) == "500"
    assert gaps("17 target_size", {"unspecified_size": 534}) == [
        "not known whether it is planned or enrolled; sent as it is"
    ]


def test_expanded_access_is_sent_as_interventional_said_in_the_design_and_told() -> None:
    registration = {"study_type": "expanded_access"}

    assert text("main/study_type", registration) == "interventional"
    assert text("main/study_design", registration) == "Expanded access."
    assert text("main/recruitment_status", registration) == "Other"
    assert gaps("15 study_type", registration) == ["expanded access, which WHO has no word for; sent as interventional"]


@pytest.mark.parametrize(
    ("registration", "type_", "gap_text"),
    [
        (
            {"interventions": [{"name": {"en": "Zinc"}}]},
            "interventional",
            "not stated; sent as interventional because an intervention is registered",
        ),
        ({}, "observational", "not stated; sent as observational because no intervention is registered"),
    ],
)
def test_a_study_type_that_is_not_stated_keeps_no_record_from_being_sent_and_is_told(
    registration: dict[str, Any], type_: str, gap_text: str
) -> None:
    assert text("main/study_type", registration) == type_
    assert gaps("15 study_type", registration) == [gap_text]


def test_a_design_in_one_text_is_sent_as_it_stands() -> None:
    assert text("main/study_design", {"design": {"summary": {"en": "randomised, open"}}}) == "randomised, open"


def test_a_design_in_one_text_follows_its_parts() -> None:
    registration = {"design": {"summary": {"en": "two stages"}, "purpose": "diagnostic"}}

    assert text("main/study_design", registration) == "Purpose: diagnostic. two stages"


def test_a_date_of_registration_that_is_no_day_is_sent_as_its_first_and_told() -> None:
    result = rendered({}, registered="2005-09")

    assert result.element.findtext("main/date_registration") == "01/09/2005"
    assert Gap("JP-1", "2 date_registration", "known to the month only (2005-09); sent as its first day") in result.gaps


def test_a_trial_without_a_date_of_registration_is_not_sent() -> None:
    without = {name: value for name, value in document({"public_title": {"en": "A"}}).items() if name != "registered"}

    assert faults(render(without, {}, SENDER).element) == ["main/date_registration is empty"]


def test_blanks_around_a_text_are_not_sent() -> None:
    registration = {
        "public_title": {"en": " A trial \n"},
        "condition_keywords": [{"en": " "}, {"en": "a "}, {"en": "a"}],
    }

    assert text("main/public_title", registration) == "A trial"
    assert texts("health_condition_keyword/hc_keyword", registration) == ["a"]


def test_an_observational_study_has_no_phase_and_that_is_no_gap() -> None:
    registration = {"study_type": "observational"}

    assert text("main/phase", registration) == "N/A"
    assert gaps("15 phase", registration) == []


def test_the_design_is_a_sentence() -> None:
    registration = {
        "arms": [{"label": "A"}, {"label": "B"}],
        "design": {
            "allocation": "na",
            "model": "single_group",
            "model_description": {"en": "one after another."},
            "masking": "double",
            "masked": ["participant", "care_provider"],
            "purpose": "treatment",
        },
    }

    assert text("main/study_design", registration) == (
        "2 arms. Allocation: not applicable. Intervention model: single group. One after another. "
        "Masking: double (participant, care provider). Purpose: treatment."
    )


def test_interventions_and_arms_are_lines() -> None:
    registration = {
        "interventions": [{"name": {"en": "Zinc"}, "kind": "dietary_supplement", "description": {"en": "10 mg"}}],
        "arms": [{"label": "A", "kind": "experimental", "interventions": ["Zinc"]}, {"label": "B"}],
    }

    assert text("main/i_freetext", registration) == "dietary supplement: Zinc. 10 mg\nArm A (experimental): Zinc\nArm B"
    assert texts("intervention_code/i_code", registration) == ["dietary supplement"]


def test_conditions_have_texts_codes_and_keywords() -> None:
    registration = {
        "conditions": [
            {"name": {"en": "Cold"}, "codes": [{"system": "MeSH", "code": "D003139", "term": {"en": "Common Cold"}}]},
            {"name": {"en": "Fever"}},
        ],
        "condition_keywords": [{"en": "zinc"}, {"en": "zinc"}],
    }

    assert text("main/hc_freetext", registration) == "Cold; Fever"
    assert texts("health_condition_code/hc_code", registration) == ["D003139"]
    assert texts("health_condition_keyword/hc_keyword", registration) == ["zinc", "Common Cold"]


@pytest.mark.parametrize(
    ("eligibility", "inclusion", "exclusion", "gap_texts"),
    [
        ({"inclusion": {"en": "A"}, "exclusion": {"en": "B"}, "criteria": {"en": "AB"}}, "A", "B", []),
        ({"criteria": {"en": "AB"}}, "AB", "", ["in one text with the inclusion criteria; sent there"]),
        ({"inclusion": {"en": "A"}}, "A", "", ["not known; sent empty"]),
    ],
)
def test_criteria(eligibility: dict[str, Any], inclusion: str, exclusion: str, gap_texts: list[str]) -> None:
    registration = {"eligibility": eligibility}

    assert text("criteria/inclusion_criteria", registration) == inclusion
    assert text("criteria/exclusion_criteria", registration) == exclusion
    assert gaps("14 exclusion_criteria", registration) == gap_texts


def test_an_excluded_limit_of_age_is_told() -> None:
    registration = {"eligibility": {"maximum_age": {"value": 75, "unit": "years", "inclusive": False}}}

    assert text("criteria/agemax", registration) == "75Y"
    assert gaps("14 agemax", registration) == ["the limit itself is excluded, which the element can't say"]


def test_countries_are_sent_by_their_english_names() -> None:
    registration = {"countries": ["JP", "KR", "XX"]}

    assert texts("countries/country2", registration) == ["Japan", "South Korea", "XX"]
    assert gaps("11 country2", registration) == ["XX is no country's code; sent as it is"]


def test_the_universal_trial_number_has_its_own_element() -> None:
    registration = {
        "identifiers": [
            {"value": "X-1", "kind": "sponsor", "issuer": "Example"},
            {"value": "U1111-1234-5678", "kind": "utn", "issuer": "who"},
            {"value": "Y-2", "kind": "other"},
        ]
    }

    assert text("main/utrn", registration) == "U1111-1234-5678"
    assert texts("secondary_ids/secondary_id/sec_id", registration) == ["X-1", "Y-2"]
    assert texts("secondary_ids/secondary_id/issuing_authority", registration) == ["Example", ""]
    assert gaps("3 secondary_id", registration) == ["Y-2: who issued it is not known"]


def test_a_universal_trial_number_is_sent_as_who_writes_it_whatever_it_claims_to_be() -> None:
    registration = {
        "identifiers": [
            {"value": "X-1", "kind": "utn", "issuer": "Example"},
            {"value": "UTN: U1111 1234 5678", "kind": "other", "issuer": "Example"},
            {"value": "U1111-1234-5679", "kind": "utn", "issuer": "who"},
        ]
    }

    assert text("main/utrn", registration) == "U1111-1234-5678"
    assert texts("secondary_ids/secondary_id/sec_id", registration) == ["X-1", "U1111-1234-5679"]


def test_a_number_that_only_claims_to_be_universal_stays_secondary() -> None:
    registration = {"identifiers": [{"value": "U1", "kind": "utn", "issuer": "who"}]}

    assert text("main/utrn", registration) is None
    assert texts("secondary_ids/secondary_id/sec_id", registration) == ["U1"]


def test_outcomes_are_sent_by_rank_with_time_point_and_description() -> None:
    registration = {
        "outcomes": [
            {
                "rank": "primary",
                "measure": {"en": "Days"},
                "time_point": {"en": "2 weeks"},
                "description": {"en": "Diary"},
            },
            {"rank": "secondary", "measure": {"en": "Fever"}},
            {"rank": "other", "measure": {"en": "Taste"}},
        ]
    }

    assert texts("primary_outcome/prim_outcome", registration) == ["Days\n2 weeks\nDiary"]
    assert texts("secondary_outcome/sec_outcome", registration) == ["Fever"]


def test_what_xml_cannot_hold_is_removed_and_told() -> None:
    registration = {"acronym": "A\x0bB\ufffeC", "eligibility": {"inclusion": {"en": "keeps\ttabs\nand lines"}}}

    assert text("main/acronym", registration) == "ABC"
    assert gaps("9 acronym", registration) == ["2 characters that XML can't hold were removed"]
    assert text("criteria/inclusion_criteria", registration) == "keeps\ttabs\nand lines"
