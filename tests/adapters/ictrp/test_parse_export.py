"""The reading of a record of WHO's web export; `test_traps.py` has the damage by WHO's tables."""

from typing import Any

import pytest

from adapters.ictrp.parse import parse
from adapters.reading import Refused
from events.schemas.registration import StudyType
from tests.support.ictrp import export_file, exported, stored_export


def test_a_number_that_no_grammar_knows_is_named_by_its_register() -> None:
    one = exported("JPRN-X1", Source_Register="JPRN")

    assert (one.home.registry, one.home.number) == ("JPRN", "X1")
    assert one.carried == 2


def test_a_record_that_no_register_is_named_for_is_refused() -> None:
    (one,) = parse([export_file({"TrialID": "X1", "Public_title": "A title"})], "file")

    assert one == Refused("file, record 1 (X1)", "X1", "no registry: Source_Register")


def test_an_element_that_is_there_twice_is_refused() -> None:
    file = export_file({"TrialID": "NCT90000001", "Phase": "N/A"}).replace(b"</Trial>", b"<Phase>1</Phase></Trial>")
    (one,) = parse([file], "file")
    assert isinstance(one, Refused)

    assert one.reason == "Phase: not a text"


def test_a_broken_record_is_refused_alone() -> None:
    file = export_file({"TrialID": "NCT90000001"}, {"TrialID": "NCT90000002"}, {"TrialID": "NCT90000003"})
    broken = file.replace(b"<TrialID>NCT90000002", b"<TrialID>NCT90000002<i>")
    refusals = [one for one in parse([broken], "file") if isinstance(one, Refused)]

    assert [one.place for one in refusals] == ["file, record 2"]
    assert len(list(parse([broken], "file"))) == 3


def test_an_element_of_tomorrow_is_counted_and_refuses_nothing() -> None:
    assert exported(Moon_phase="full").not_carried == {"Moon_phase": 1}


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Interventional study", {"study_type": "interventional"}),
        ("INTERVENTIONAL", {"study_type": "interventional"}),
        ("Observational [Patient Registry]", {"study_type": "observational", "design": {"patient_registry": True}}),
        ("Expanded Access", {"study_type": "expanded_access"}),
        ("Diagnostic test", {"design": {"purpose": "diagnostic"}}),
        ("Health services reaserch", {"design": {"purpose": "health_services_research"}}),
        ("Prognosis study", {}),
        ("BA/BE", {}),
    ],
)
def test_a_study_type_is_one_a_purpose_or_neither(type_: str, expected: dict[str, Any]) -> None:
    one = exported(Study_type=type_)

    assert one.registration.to_stored() == expected
    assert bool(one.not_carried) == (not expected)


def test_every_study_type_of_ours_can_be_read() -> None:
    read = {
        exported(Study_type=word).registration.study_type
        for word in ("Interventional", "Observational", "Expanded Access")
    }

    assert read == set(StudyType)


def test_clinicaltrials_gov_s_interventions_are_parted_at_its_kinds() -> None:
    assert stored_export(Intervention="Drug: arbidol;Dietary Supplement: Zinc; 10 mg;Other: X")["interventions"] == [
        {"name": {"en": "arbidol"}, "kind": "drug"},
        {"name": {"en": "Zinc; 10 mg"}, "kind": "dietary_supplement"},
        {"name": {"en": "X"}, "kind": "other"},
    ]


def test_another_register_s_interventions_are_one_text() -> None:
    text = "Experimental group:Drug A;Control group:none;"

    assert stored_export("ChiCTR2000029953", Intervention=text)["interventions"] == [{"name": {"en": text}}]


def test_conditions_are_parted_only_where_who_joined_them() -> None:
    assert [one["name"]["en"] for one in stored_export(Condition="COVID-19;Sepsis")["conditions"]] == [
        "COVID-19",
        "Sepsis",
    ]
    assert [one["name"]["en"] for one in stored_export(Condition="Virus; Pneumonia")["conditions"]] == [
        "Virus; Pneumonia"
    ]
    assert len(stored_export("ChiCTR2000029953", Condition="COVID-19;U07.100x001")["conditions"]) == 1


def test_outcomes_are_parted_only_where_each_ends_in_a_semicolon() -> None:
    number = "ChiCTR2000029953"

    assert [one["measure"]["en"] for one in stored_export(number, Primary_outcome="Cure;Death;")["outcomes"]] == [
        "Cure",
        "Death",
    ]
    assert len(stored_export(number, Primary_outcome="Cure;Death")["outcomes"]) == 1
    assert len(stored_export(Primary_outcome="Cure;Death;")["outcomes"]) == 1


def test_criteria_in_one_text_are_said_to_be_both() -> None:
    both = "Inclusion Criteria:<br>adults<br>Exclusion Criteria:<br>zinc"

    assert stored_export(Inclusion_Criteria=both)["eligibility"] == {
        "criteria": {"en": "Inclusion Criteria:\nadults\nExclusion Criteria:\nzinc"}
    }
    assert stored_export(Inclusion_Criteria="adults", Exclusion_Criteria="zinc")["eligibility"] == {
        "inclusion": {"en": "adults"},
        "exclusion": {"en": "zinc"},
    }


def test_a_country_that_is_none_counts_as_not_carried_and_the_others_stay() -> None:
    one = exported("JPRN-jRCTs031190226", Countries="USA;EUROPE;Japan")

    assert one.registration.countries == ("US", "JP")
    assert one.not_carried == {"Countries (in part no country's name)": 1}


def test_the_elements_that_came_in_2017_are_read() -> None:
    one = stored_export(
        Secondary_ID="NCT90000002;U1111-1121-8947;ABC-1",
        Source_Support="A ministry;A foundation",
        Secondary_Sponsor="Example Hospital",
        Secondary_outcome="Fever",
        Ethics_review_status="Approved;Not approved",
        Ethics_review_approval_date="03/02/2020;",
        Ethics_review_contact_name="One committee;Grace Hopper",
        results_date_completed="28/02/2019",
        results_date_posted="2020-01-02",
        results_url_link="https://example.org/results",
        results_summary="It helped.",
        results_actual_enrollment="73",
        results_IPD_plan="Undecided",
        results_IPD_description="Ask.",
    )

    assert one == {
        "identifiers": [
            {"value": "NCT90000002", "kind": "registry", "issuer": "ctgov"},
            {"value": "U1111-1121-8947", "kind": "utn", "issuer": "who"},
            {"value": "ABC-1", "kind": "other"},
        ],
        "funders": [{"name": {"en": "A ministry"}}, {"name": {"en": "A foundation"}}],
        "secondary_sponsors": [{"name": {"en": "Example Hospital"}}],
        "outcomes": [{"rank": "secondary", "measure": {"en": "Fever"}}],
        "ethics_reviews": [
            {"status": "approved", "decided": "2020-02-03", "committee": {"en": "One committee"}},
            {
                "status": "not_approved",
                "contact": {"role": "public", "person": {"name": {"en": "Grace Hopper"}}},
            },
        ],
        "completion": {"date": "2019-02-28"},
        "results": {
            "posted": "2020-01-02",
            "urls": ["https://example.org/results"],
            "summary": {"en": "It helped."},
        },
        "actual_size": 73,
        "data_sharing": {"plan": "undecided", "description": {"en": "Ask."}},
    }


def test_ethics_reviews_that_do_not_run_in_parallel_are_not_carried() -> None:
    one = exported(Ethics_review_status="Approved;Approved", Ethics_review_contact_name="One;Two;Three")

    assert one.registration.ethics_reviews is None
    assert sum(one.not_carried.values()) == 2


def test_a_day_of_an_ethics_review_that_can_not_be_read_counts_as_not_carried() -> None:
    one = exported(Ethics_review_status="Approved", Ethics_review_approval_date="last spring")

    assert one.registration.to_stored() == {"ethics_reviews": [{"status": "approved"}]}
    assert one.not_carried == {"Ethics_review_approval_date (in part no date that can be read)": 1}


@pytest.mark.parametrize(
    ("cell", "names", "reason"),
    [
        ("None", [], None),
        ("not applicable", [], None),
        ("Unknown", None, "says that it is not known"),
        ("Example University;Nil.", ["Example University"], "in part no name"),
    ],
)
def test_a_word_in_place_of_a_sponsor_is_none(cell: str, names: list[str] | None, reason: str | None) -> None:
    one = exported(Secondary_Sponsor=cell)
    sponsors = one.registration.to_stored().get("secondary_sponsors")

    assert (sponsors if sponsors is None else [sponsor["name"]["en"] for sponsor in sponsors]) == names
    assert one.not_carried == ({f"Secondary_Sponsor ({reason})": 1} if reason else {})


def test_a_word_in_place_of_a_secondary_number_is_none() -> None:
    one = exported(Secondary_ID="Nil;NCT01234567", Primary_sponsor="None", Acronym="N/A")

    assert one.registration.to_stored()["identifiers"] == [
        {"value": "NCT01234567", "kind": "registry", "issuer": "ctgov"}
    ]
    assert one.registration.primary_sponsor is one.registration.acronym is None
    assert one.not_carried["Secondary_ID (in part says that there is no number)"] == 1


def test_results_of_another_trial_are_not_this_one_s() -> None:
    wrong, right = (f"https://clinicaltrials.gov/study/{number}" for number in ("NCT04877002", "NCT80190014"))
    one = exported("NCT80190014", results_url_link=f"{wrong};{right};https://example.org/paper")

    assert one.registration.to_stored()["results"]["urls"] == [right, "https://example.org/paper"]
    assert one.not_carried == {"results_url_link (in part leads to another trial)": 1}
