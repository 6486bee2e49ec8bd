"""A record with any content in its elements is taken, and each element is counted once."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.ictrp import texts
from tests.support.ictrp import exported, uploaded

ELEMENTS = [
    "Last_Refreshed_on", "Public_title", "Scientific_title", "Acronym", "Primary_sponsor", "Date_registration",
    "Date_registration3", "Export_date", "Source_Register", "web_address", "Recruitment_Status", "other_records",
    "Inclusion_agemin", "Inclusion_agemax", "Inclusion_gender", "Date_enrollement", "Target_size", "Study_type",
    "Study_design", "Phase", "Countries", "Contact_Firstname", "Contact_Lastname", "Contact_Address",
    "Contact_Email", "Contact_Tel", "Contact_Affiliation", "Inclusion_Criteria", "Exclusion_Criteria", "Condition",
    "Intervention", "Primary_outcome", "Secondary_outcome", "results_url_link", "Retrospective_flag",
    "Prospective_registration", "Bridging_flag_truefalse", "Bridged_type", "Secondary_ID", "Source_Support",
    "Secondary_Sponsor", "Internal_Number", "Ethics_review_status", "Ethics_review_approval_date",
    "Ethics_review_contact_name", "results_actual_enrollment", "results_date_completed", "results_date_posted",
    "results_date_first_publication", "results_summary", "results_IPD_plan", "results_IPD_description",
    "results_yes_no", "Moon_phase",
]  # fmt: skip
PIECES = [
    "; ", ";", " ", "<br>", "&amp;", "&lt;", "&#0;", "_x000D_", "NULL", "NA", "-", "?", "\x85", "カ", "a", "Drug:",
    "Drug: X", "Approved", "Yes", "Japan", ",", "(", ")", ">= ", "18", "Y", "age old", "0", "99999", "9999999999",
    "1900-01-01", "00/00/0000", "31/02/2020", "April ", "2020", "Phase ", "III", "/", "(Phase I): yes",
    "Exclusion criteria",
]  # fmt: skip
CELLS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(ELEMENTS), CELLS, max_size=20),
    st.sampled_from(["NCT90000001", "ChiCTR2000029953", "JPRN-UMIN000040407", "JPRN-jRCTs031190226", "RBR-3vmkt2"]),
)
def test_whatever_stands_in_the_cells_the_record_is_taken_and_every_cell_is_counted_once(
    cells: dict[str, str], number: str
) -> None:
    one = exported(number, **cells)

    filled = sum(1 for text in cells.values() if texts.mended(text))
    assert one.carried + sum(one.not_carried.values()) == 1 + filled
    assert all(not path.partition(" ")[0].endswith("[]") for path in one.not_carried)


PATHS = [
    "main__utrn", "main__date_registration", "main__primary_sponsor", "main__public_title", "main__acronym",
    "main__date_enrolment", "main__type_enrolment", "main__target_size", "main__recruitment_status", "main__url",
    "main__study_type", "main__study_design", "main__phase", "main__hc_freetext", "main__i_freetext",
    "contacts__contact__type", "contacts__contact__firstname", "contacts__contact__lastname",
    "contacts__contact__country1", "countries__country2", "criteria__inclusion_criteria", "criteria__agemin",
    "criteria__agemax", "criteria__gender", "criteria__exclusion_criteria", "health_condition_code__hc_code",
    "intervention_code__i_code", "primary_outcome__prim_outcome", "secondary_sponsor__sponsor_name",
    "secondary_ids__secondary_id__sec_id", "secondary_ids__secondary_id__issuing_authority",
    "source_support__source_name", "main__moon_phase",
]  # fmt: skip
UPLOAD_PIECES = [
    "; ", " ", "\n", "-", "?", "カ", "a", "0", "18", "Y", "N/A", "public", "Japan", "31/02/2020", "01/01/2020",
    "actual", "U1111-1121-8947", "99999999999", "Phase 3", "interventional", "Complete",
]  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(PATHS), st.lists(st.sampled_from(UPLOAD_PIECES), max_size=4).map("".join), max_size=len(PATHS)
    ),
    st.sampled_from(["JP-1", "RBR-3vmkt2", "ChiCTR2000029953"]),
)
def test_whatever_stands_in_the_elements_the_trial_is_taken_and_every_element_is_counted_once(
    elements: dict[str, str], number: str
) -> None:
    one = uploaded(number=number, **elements)

    assert one.carried + sum(one.not_carried.values()) == 2 + sum(1 for text in elements.values() if text.strip())
