"""Results tables become texts that a person can read, and whole if they fit."""

from typing import Any

import pytest

from adapters.ctgov.parse import parse
from adapters.reading import Parsed
from events.schemas.registration import Results
from tests.support.ctgov import encode, small
from tests.support.ctgov_whole import RESULTS, whole


def parsed(study: Any) -> Parsed:
    (one,) = parse([encode(study)], "file")
    assert isinstance(one, Parsed), one.reason
    return one


def results(**modules: Any) -> Results:
    found = parsed({**small(), "resultsSection": modules}).registration.results
    assert found is not None
    return found


def english(text: Any) -> str:
    assert text is not None
    return str(text.en)


def test_participant_flow_has_the_groups_and_each_period() -> None:
    assert english(results(**RESULTS).participant_flow).splitlines() == [
        "Recruitment: At one clinic",
        "Before assignment: Two weeks of diary",
        "Units counted beside participants: Nostrils",
        "Group: FG000 Zinc: Gets zinc",
        "Group: FG001 Nothing: Gets nothing",
        "",
        "Period: Overall Study",
        "- started: Zinc = 60 (120 units) [one moved away]; Nothing = 58. Note: by telephone",
        "- left (Lost to Follow-up): Zinc = 60 (120 units) [one moved away]; Nothing = 58. Note: by telephone",
    ]


def test_baseline_has_each_characteristic_with_its_figures() -> None:
    text = english(results(**RESULTS).baseline)

    assert "Number analysed, Participants: Zinc = 60; Nothing = 58\n\nCharacteristic: Age, Continuous: mean" in text
    assert text.endswith("- All colds, At home: Zinc = 5.2 (1.1; 3.0 to 7.5) [by diary]; Nothing = 6.3 (1.4)")


def test_outcomes_have_their_values_and_analyses() -> None:
    text = english(results(**RESULTS).outcome_measures)

    assert text.startswith(
        "Limitations and caveats: The winter was mild\n\nPrimary outcome: Days ill: least squares mean"
    )
    assert text.endswith(
        "Analysis (Zinc, Nothing): The null hypothesis is no difference; superiority [None was planned]; "
        "non-inferiority not tested; ANCOVA [Adjusted for age]; p-value: 0.008 [Not adjusted for looks]; "
        "Mean Difference (Net) = -1.1 (standard error of mean 0.4) [Zinc minus nothing]; "
        "95% two sided confidence interval: -1.9 [from below] to -0.3 [from above]; By season, too"
    )


def test_adverse_events_have_the_totals_and_each_term() -> None:
    lines = english(results(**RESULTS).adverse_events).splitlines()

    assert lines[4:6] == [
        "Group: EG000 Zinc: Gets zinc",
        "Deaths: 0 of 60; Serious events: 1 of 60; Other events: 3 of 60",
    ]
    assert lines[8] == (
        "Serious: Vomiting (Gastrointestinal disorders; MedDRA 27.0; systematic assessment; Asked each day): "
        "Zinc = 3 of 60, events: 4; Nothing = 1 of 58, events: 1"
    )
    assert lines[9].startswith("Other: Nausea (")


def test_without_results_there_are_no_texts() -> None:
    assert parsed(small()).registration.results is None


@pytest.mark.parametrize("titles", [("Same", "Same"), ("", ""), ("x" * 41, "y" * 41)], ids=["same", "none", "long"])
def test_a_group_that_its_title_does_not_tell_is_called_by_its_id(titles: tuple[str, str]) -> None:
    groups = [{"id": f"EG00{number}", "title": title} for number, title in enumerate(titles)]
    stats = [{"groupId": "EG001", "numAffected": 1, "numAtRisk": 2}]
    text = english(
        results(
            adverseEventsModule={"eventGroups": groups, "otherEvents": [{"term": "Cough", "stats": stats}]}
        ).adverse_events
    )

    assert text.splitlines()[-1] == "Other: Cough: EG001 = 1 of 2"


def test_a_text_that_would_be_too_long_is_cut_between_terms_says_so_and_the_rest_is_counted() -> None:
    terms = [{"term": f"Term {number}", "notes": "n" * 990} for number in range(150)]
    one = parsed({**small(), "resultsSection": {"adverseEventsModule": {"otherEvents": terms}}})
    found = one.registration.results
    assert found is not None
    *lines, cut = english(found.adverse_events).splitlines()
    omitted = 150 - len(lines)

    assert len(english(found.adverse_events)) <= 100_000
    assert 90 < len(lines) < 100
    assert cut == f"Cut here: {omitted} more parts are at the source."
    path = "resultsSection.adverseEventsModule.otherEvents[]"
    assert one.not_carried == {
        f"{path}.notes (no room in a text of 100,000 characters)": omitted,
        f"{path}.term (no room in a text of 100,000 characters)": omitted,
    }


def test_nothing_after_a_cut_comes_in_though_it_would_fit() -> None:
    terms = [{"term": "First"}, {"term": "t" * 99_900}, {"term": "Short"}]
    one = parsed({**small(), "resultsSection": {"adverseEventsModule": {"seriousEvents": terms}}})
    found = one.registration.results
    assert found is not None

    assert english(found.adverse_events) == "Serious: First\nCut here: 2 more parts are at the source."
    assert sum(one.not_carried.values()) == 2


def test_a_results_table_may_have_numbers_as_numbers_and_as_texts() -> None:
    stats = [{"groupId": "EG000", "numAffected": "1", "numAtRisk": 2}]
    text = english(results(adverseEventsModule={"otherEvents": [{"term": "Cough", "stats": stats}]}).adverse_events)

    assert text == "Other: Cough: EG000 = 1 of 2"


def test_what_the_data_set_has_no_item_for_is_in_the_extension() -> None:
    extension = parsed(whole()).registration.ctgov
    assert extension is not None
    stored = extension.to_stored()

    assert stored["organisation"] == {"name": {"en": "Example University"}, "kind": "other"}
    assert stored["responsible_party"] == "principal_investigator"
    assert stored["last_known_status"] == "recruiting"
    assert stored["dates"] == {
        "first_reviewed": "2025-12-02",
        "first_posted": {"date": "2025-12-09", "kind": "actual"},
        "results_first_submitted": "2026-01-10",
        "results_first_reviewed": "2026-01-20",
        "results_first_posted": {"date": "2026-02-02", "kind": "actual"},
        "delay_first_submitted": "2025-12-03",
        "delay_first_reviewed": "2025-12-04",
        "delay_first_posted": {"date": "2025-12-05"},
        "last_update_submitted": "2026-03-03",
        "last_update_posted": {"date": "2026-03-04", "kind": "actual"},
    }
    assert stored["oversight"] == {
        "fda_regulated_drug": False,
        "fda_regulated_device": True,
        "unapproved_device": False,
        "pediatric_postmarket_surveillance": True,
        "us_export": False,
        "fdaaa_violation": True,
    }
    assert stored["condition_terms"] == [{"system": "MeSH", "code": "D010612", "term": {"en": "Pharyngitis"}}]
    assert stored["violations"][0]["kind"] == "violation_identified"
    assert stored["documents"][0] == {
        "filename": "a b.pdf",
        "dated": "2025-01-01",
        "uploaded": "2025-01-05T10:00",
        "size": 1000,
        "protocol": False,
        "analysis_plan": False,
        "consent_form": True,
    }


def test_who_answers_for_the_results_is_a_contact_whose_person_can_be_sealed() -> None:
    extension = parsed(whole()).registration.ctgov
    assert extension is not None
    assert extension.results_contact is not None

    assert extension.results_contact.to_stored() == {
        "role": "scientific",
        "affiliation": {"en": "Example University"},
        "person": {"name": {"en": "Barbara Example"}, "telephone": "03-0000-0001 ext. 7", "email": "b@example.org"},
    }


def test_a_study_that_states_nothing_beyond_the_data_set_has_no_extension() -> None:
    assert parsed(small()).registration.ctgov is None
