"""The mapping of each part of a study."""

import copy
from typing import Any

import pytest

from adapters.ctgov import codes
from adapters.ctgov.parse import parse
from adapters.reading import Parsed
from events.schemas.eligibility import AgeUnit
from events.schemas.registration import IdentifierKind, Phase
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from tests.support.ctgov import FULL, NUMBER, encode, full, small


def parsed(study: Any) -> Parsed:
    (one,) = parse([encode(study)], "file")
    assert isinstance(one, Parsed)
    return one


def stored(study: Any = FULL) -> dict[str, Any]:
    return parsed(study).registration.to_stored()


def test_home_is_the_first_submission_and_the_page() -> None:
    assert parsed(FULL).home.to_stored() == {
        "registry": "ctgov",
        "number": "NCT90000001",
        "registered": "2025-12-01",
        "url": "https://clinicaltrials.gov/study/NCT90000001",
    }


def test_the_version_is_dated_by_its_last_posting_or_else_its_last_submission_and_by_the_day_of_the_data() -> None:
    submitted = copy.deepcopy(FULL)
    status = submitted["protocolSection"]["statusModule"]
    status["lastUpdateSubmitDate"] = "2026-03-01"
    del status["lastUpdatePostDateStruct"]

    assert [(one.retrieved, one.given_out) for one in (parsed(FULL), parsed(submitted))] == [
        ("2026-03-04", "2026-03-05"),
        ("2026-03-01", "2026-03-05"),
    ]


def test_status_has_both_axes() -> None:
    assert parsed(FULL).status.to_stored() == {
        "authorisation": "published",
        "recruitment": "paused",
        "verified": "2026-03",
        "why": {"en": "No zinc was left"},
    }


def test_a_study_without_a_status_is_published_and_unknown() -> None:
    assert parsed(small()).status.to_stored() == {"authorisation": "published", "recruitment": "unknown"}


def test_titles_and_texts() -> None:
    registration = stored()

    assert registration["public_title"] == {"en": "Zinc for the common cold"}
    assert registration["scientific_title"] == {"en": "A randomised trial of zinc in adults with the common cold"}
    assert registration["acronym"] == "ZINC"
    assert registration["plain_summary"] == {"en": "We give zinc."}
    assert registration["description"] == {"en": "We give zinc, at length."}


def test_numbers_are_claims_of_their_kind() -> None:
    assert stored()["identifiers"] == [
        {"value": "ABC-001", "kind": "sponsor", "issuer": "Example University"},
        {"value": "U1111-1234-5678", "kind": "utn", "issuer": "who"},
        {"value": "R01AA000000", "kind": "grant", "issuer": "NIH", "url": "https://example.org/grant"},
        {"value": "2020-000000-10", "kind": "registry", "issuer": "euctr"},
        {"value": "jRCT2030000000", "kind": "registry", "issuer": "jrct"},
        {"value": "NCT90000009", "kind": "registry", "issuer": "ctgov", "source": "ctgov"},
    ]


def test_a_number_says_itself_which_registry_gave_it() -> None:
    study = full()
    study["protocolSection"]["identificationModule"]["secondaryIdInfos"] = [
        {"id": "2022-502839-19-00", "type": "OTHER", "domain": "Eli Lilly and Company"},
        {"id": "JPRN-jRCTs031190227", "type": "OTHER"},
        {"id": "2022-A02645-38", "type": "REGISTRY", "domain": "ID-RCB"},
    ]
    one = parsed(study)

    assert [(claim.value, claim.kind, claim.issuer) for claim in (one.registration.identifiers or ())[1:4]] == [
        ("2022-502839-19-00", IdentifierKind.REGISTRY, "ctis"),
        ("JPRN-jRCTs031190227", IdentifierKind.REGISTRY, "jrct"),
        ("2022-A02645-38", IdentifierKind.REGISTRY, "ID-RCB"),
    ]
    path = "protocolSection.identificationModule.secondaryIdInfos[].domain (the number itself says who issued it)"
    assert one.not_carried[path] == 1


def test_a_stated_issuer_goes_before_a_number_that_looks_like_a_registrys() -> None:
    study = full()
    study["protocolSection"]["identificationModule"]["secondaryIdInfos"] = [
        {"id": "C000000079", "type": "OTHER", "domain": "Example University"},
        {"id": "R000045268", "type": "NIH"},
        {"id": "C000000080", "type": "REGISTRY", "domain": "UMIN-CTR"},
        {"id": "C000000081", "type": "OTHER", "domain": "N/A"},
    ]

    assert [(claim.kind, claim.issuer) for claim in (parsed(study).registration.identifiers or ())[1:5]] == [
        (IdentifierKind.OTHER, "Example University"),
        (IdentifierKind.GRANT, "NIH"),
        (IdentifierKind.REGISTRY, "umin-ctr"),
        (IdentifierKind.REGISTRY, "umin-ctr"),
    ]


def test_a_word_in_place_of_a_number_or_an_acronym_is_none() -> None:
    study = full()
    identity = study["protocolSection"]["identificationModule"]
    identity |= {"acronym": "N/A", "orgStudyIdInfo": {"id": "TBA"}, "nctIdAliases": ["None"]}
    identity["secondaryIdInfos"] = [{"id": "NA", "type": "OTHER"}]
    one = parsed(study)

    assert (one.registration.acronym, one.registration.identifiers) == (None, None)
    path = "protocolSection.identificationModule"
    assert one.not_carried[f"{path}.nctIdAliases[] (says that there is no number)"] == 1
    assert one.not_carried[f"{path}.acronym (says that there is none)"] == 1


def test_padded_mesh_identifiers_are_the_term_and_tied_to_its_name_alone() -> None:
    study = full()
    study["protocolSection"]["conditionsModule"] = {"conditions": ["Asthma"]}
    study["derivedSection"]["conditionBrowseModule"] = {
        "meshes": [{"id": "D000001249", "term": "Asthma"}, {"id": "D000008171", "term": "Lung Diseases"}]
    }
    registration = stored(study)

    assert registration["conditions"][0]["codes"] == [{"system": "MeSH", "code": "D001249", "term": {"en": "Asthma"}}]
    assert [code["code"] for code in registration["ctgov"]["condition_terms"]] == ["D008171"]


def test_an_own_number_that_is_a_grants_is_a_grant() -> None:
    study = full()
    study["protocolSection"]["identificationModule"]["orgStudyIdInfo"]["type"] = "NIH"
    claim = parsed(study).registration.identifiers

    assert claim is not None
    assert (claim[0].kind, claim[0].issuer) == (IdentifierKind.GRANT, "NIH")


def test_organisations_keep_their_class() -> None:
    registration = stored()

    assert registration["primary_sponsor"] == {"name": {"en": "Example University"}, "kind": "other"}
    assert registration["secondary_sponsors"] == [{"name": {"en": "Example Pharma"}, "kind": "industry"}]
    assert "funders" not in registration


def test_contacts_have_their_roles() -> None:
    public, official, responsible = stored()["contacts"]

    assert public == {
        "role": "public",
        "person": {"name": {"en": "Grace Example"}, "telephone": "03-0000-0000 ext. 12", "email": "g@example.org"},
    }
    assert official == {
        "role": "scientific",
        "affiliation": {"en": "Example Hospital"},
        "person": {"name": {"en": "Alan Example"}, "title": "Study Chair"},
    }
    assert responsible == {
        "role": "scientific",
        "affiliation": {"en": "Example University"},
        "person": {"name": {"en": "Ada Example"}, "title": "Professor"},
    }


def test_the_old_field_of_a_responsible_party_is_a_person_too() -> None:
    study = small(sponsorCollaboratorsModule={"responsibleParty": {"oldNameTitle": "A. Example, Head"}})

    assert stored(study)["contacts"] == [{"role": "scientific", "person": {"name": {"en": "A. Example, Head"}}}]


def test_sites_have_a_place_a_status_and_contacts() -> None:
    first = parsed(FULL).sites[0].to_stored()
    site = first.pop("site")

    assert site == "1"
    assert first == {
        "name": {"en": "Example Hospital"},
        "place": {
            "city": "Tokyo",
            "region": "Tokyo",
            "postcode": "100-0001",
            "country": "JP",
            "latitude": "35.69",
            "longitude": "139.69",
        },
        "contacts": [{"role": "site", "person": {"name": {"en": "Edsger Example"}, "title": "Principal Investigator"}}],
        "recruitment": "recruiting",
    }


def test_sites_are_numbered_in_their_order() -> None:
    assert [site.site for site in parsed(FULL).sites] == ["1", "2", "3", "4"]


def test_a_site_without_a_name_is_called_by_its_place() -> None:
    study = small(
        contactsLocationsModule={"locations": [{"city": "Oslo", "country": "Norway"}, {"status": "RECRUITING"}]}
    )
    one = parsed(study)

    assert [site.name.en for site in one.sites] == ["Oslo, Norway"]
    path = "protocolSection.contactsLocationsModule.locations[].status (a location without a name or a place)"
    assert one.not_carried == {path: 1}


def test_countries_are_those_of_the_sites_and_an_unknown_one_is_told() -> None:
    one = parsed(FULL)

    assert one.registration.countries == ("JP", "KR")
    path = "protocolSection.contactsLocationsModule.locations[].country"
    assert one.not_carried[f"{path} (not a country's name in CLDR or ClinicalTrials.gov's spelling)"] == 1


def test_a_countrys_code_is_taken_where_there_is_one() -> None:
    study = small(contactsLocationsModule={"locations": [{"facility": "X", "country": "Nippon", "countryCode": "JP"}]})

    assert parsed(study).registration.countries == ("JP",)


def test_conditions_and_interventions_have_the_mesh_terms_tied_to_them() -> None:
    registration = stored()

    assert registration["conditions"] == [
        {"name": {"en": "Cold"}, "codes": [{"system": "MeSH", "code": "D003139", "term": {"en": "Common Cold"}}]},
        {"name": {"en": "Sore Throat"}},
    ]
    assert registration["condition_keywords"] == [{"en": "zinc"}]
    assert registration["interventions"] == [
        {
            "name": {"en": "Zinc gluconate"},
            "kind": "dietary_supplement",
            "description": {"en": "Lozenge of 10 mg"},
            "other_names": ["Zn"],
            "codes": [{"system": "MeSH", "code": "C000", "term": {"en": "zinc gluconate"}}],
        }
    ]


def test_arms_name_the_interventions_by_their_names() -> None:
    assert stored()["arms"] == [
        {
            "label": "Zinc",
            "kind": "experimental",
            "description": {"en": "Gets zinc"},
            "interventions": ["Zinc gluconate"],
        },
        {"label": "Nothing", "kind": "no_intervention"},
    ]


def test_an_arm_gets_the_interventions_that_only_name_it_from_their_side() -> None:
    study = small(
        armsInterventionsModule={
            "armGroups": [{"label": "A"}],
            "interventions": [{"type": "DRUG", "name": "X", "armGroupLabels": ["A"]}],
        }
    )

    assert stored(study)["arms"] == [{"label": "A", "interventions": ["X"]}]


def test_a_label_that_no_arm_has_is_told() -> None:
    path = "protocolSection.armsInterventionsModule.interventions[].armGroupLabels[] (no arm has this label)"

    assert parsed(FULL).not_carried[path] == 1


def test_design_and_phase() -> None:
    registration = stored()

    assert registration["study_type"] == "interventional"
    assert registration["phase"] == "2-3"
    assert registration["design"] == {
        "allocation": "randomized",
        "model": "parallel",
        "model_description": {"en": "Two arms."},
        "purpose": "treatment",
        "masking": "double",
        "masked": ["participant"],
        "masking_description": {"en": "Blinded."},
        "patient_registry": False,
        "follow_up": "1 Year",
    }


@pytest.mark.parametrize(("words", "phase"), codes.PHASES.items(), ids=str)
def test_every_phase(words: frozenset[str], phase: Phase) -> None:
    assert parsed(small(designModule={"phases": sorted(words)})).registration.phase is phase


def test_dates_keep_their_precision_and_kind() -> None:
    registration = stored()

    assert registration["first_enrolment"] == {"date": "2026-01", "kind": "anticipated"}
    assert registration["primary_completion"] == {"date": "2027-06-30", "kind": "anticipated"}
    assert registration["completion"] == {"date": "2027", "kind": "anticipated"}


def test_a_date_whose_kind_is_not_said_has_none() -> None:
    assert stored(small(statusModule={"startDateStruct": {"date": "1999"}}))["first_enrolment"] == {"date": "1999"}


@pytest.mark.parametrize(
    ("info", "sizes"),
    [
        ({"count": 5, "type": "ESTIMATED"}, (5, None, None)),
        ({"count": 5, "type": "ACTUAL"}, (None, 5, None)),
        ({"count": 0, "type": "ACTUAL"}, (None, 0, None)),
        ({"count": 5}, (None, None, 5)),
        ({"count": 5, "type": "HOPED_FOR"}, (None, None, 5)),
        ({"type": "ACTUAL"}, (None, None, None)),
    ],
    ids=["estimated", "actual", "nobody", "not said which", "an unknown word", "not said how many"],
)
def test_a_size_is_planned_or_enrolled_or_said_to_be_neither(
    info: dict[str, Any], sizes: tuple[int | None, int | None, int | None]
) -> None:
    registration = parsed(small(designModule={"enrollmentInfo": info})).registration

    assert (registration.planned_size, registration.actual_size, registration.unspecified_size) == sizes


@pytest.mark.parametrize(
    ("type_", "kind"), [("ACTUAL", {"kind": "actual"}), ("ESTIMATED", {}), (None, {}), ("LATER", {})], ids=str
)
@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("studyFirstPostDateStruct", "first_posted"),
        ("resultsFirstPostDateStruct", "results_first_posted"),
        ("dispFirstPostDateStruct", "delay_first_posted"),
        ("lastUpdatePostDateStruct", "last_update_posted"),
    ],
)
def test_a_day_of_posting_that_is_an_estimate_is_no_plan(
    key: str, field: str, type_: str | None, kind: dict[str, str]
) -> None:
    dates = stored(small(statusModule={key: {"date": "2008-08-01", "type": type_}}))["ctgov"]["dates"]

    assert dates == {field: {"date": "2008-08-01"} | kind}


def test_outcomes_have_their_rank() -> None:
    assert stored()["outcomes"] == [
        {
            "rank": "primary",
            "measure": {"en": "Days ill"},
            "time_point": {"en": "14 days"},
            "description": {"en": "Diary"},
        },
        {"rank": "secondary", "measure": {"en": "Fever"}, "time_point": {"en": "14 days"}},
        {"rank": "other", "measure": {"en": "Taste"}, "time_point": {"en": "1 day"}},
    ]


def test_results_are_where_they_are_and_the_protocol_with_its_date() -> None:
    assert stored()["results"] == {
        "posted": "2026-02-02",
        "urls": ["https://clinicaltrials.gov/study/NCT90000001?tab=results", "https://pubmed.ncbi.nlm.nih.gov/1/"],
        "protocol_url": "https://cdn.clinicaltrials.gov/large-docs/01/NCT90000001/p.pdf",
        "protocol_date": "2025-02-01",
    }


def test_no_results_is_said_and_unknown_results_are_not() -> None:
    assert stored({**small(), "hasResults": False})["results"] == {"urls": []}
    assert "results" not in stored(small())


def test_results_that_were_taken_back_are_posted_on_no_day() -> None:
    status = {"resultsFirstPostDateStruct": {"date": "2020-02-02", "type": "ACTUAL"}}
    taken_back = stored({**small(statusModule=status), "hasResults": False})

    assert taken_back["results"] == {"urls": []}
    assert taken_back["ctgov"]["dates"]["results_first_posted"] == {"date": "2020-02-02", "kind": "actual"}
    assert stored(small(statusModule=status))["results"] == {"posted": "2020-02-02"}


UNKNOWN_WORDS = [
    (("designModule", "studyType"), "EXPANDED_ACCESS_INTERVENTIONAL"),
    (("designModule", "designInfo", "allocation"), "NEW"),
    (("designModule", "designInfo", "maskingInfo", "masking"), "NEW"),
    (("designModule", "phases"), ["PHASE5"]),
    (("designModule", "phases"), ["PHASE1", "PHASE4"]),
    (("designModule", "phases"), ["PHASE2", "PHASE5"]),
    (("designModule", "enrollmentInfo", "type"), "NEW"),
    (("statusModule", "overallStatus"), "Recruiting somehow"),
    (("statusModule", "startDateStruct", "type"), "NEW"),
    (("eligibilityModule", "sex"), "NEW"),
    (("eligibilityModule", "minimumAge"), "eighteen"),
    (("eligibilityModule", "maximumAge"), "4 Decades"),
    (("sponsorCollaboratorsModule", "leadSponsor", "class"), "NEW"),
    (("identificationModule", "orgStudyIdInfo", "type"), "NEW"),
    (("armsInterventionsModule", "interventions"), [{"type": "SOFTWARE", "name": "App"}]),
    (("armsInterventionsModule", "armGroups"), [{"type": "NEW", "label": "A"}]),
    (("contactsLocationsModule", "locations"), [{"facility": "A", "status": "NEW"}]),
    (("contactsLocationsModule", "overallOfficials"), [{"name": "A", "role": "NEW"}]),
    (("ipdSharingStatementModule", "ipdSharing"), "NEW"),
    (("referencesModule", "references"), [{"citation": "A", "type": "NEW"}]),
]


@pytest.mark.parametrize(("path", "value"), UNKNOWN_WORDS, ids=lambda one: str(one)[-40:])
def test_an_unknown_word_keeps_the_record_and_is_counted(path: tuple[str, ...], value: Any) -> None:
    study = full()
    here = study["protocolSection"]
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    one = parsed(study)
    where = "protocolSection." + ".".join(path)

    assert [label for label in one.not_carried if label.startswith(where) and label.endswith(")")]
    assert one.home.number == NUMBER


@pytest.mark.parametrize(("key", "field"), [("minimumAge", "minimum_age"), ("maximumAge", "maximum_age")])
def test_an_age_in_an_unknown_unit_is_unknown_and_never_unlimited(key: str, field: str) -> None:
    study = small(eligibilityModule={key: "4 Decades", "stdAges": ["CHILD", "OLDER_ADULT"]})

    assert field not in stored(study).get("eligibility", {})


def test_an_unknown_status_is_unknown_and_an_unknown_phase_is_none_of_the_others() -> None:
    study = small(statusModule={"overallStatus": "NEW"}, designModule={"phases": ["PHASE2", "NEW"]})

    assert parsed(study).status.recruitment is RecruitmentStatus.UNKNOWN
    assert parsed(study).registration.phase is None


def test_a_sentence_in_place_of_a_word_is_not_repeated_in_the_receipt() -> None:
    study = small(eligibilityModule={"sex": "ask Dr Example"})

    assert parsed(study).not_carried["protocolSection.eligibilityModule.sex (no word known here)"] == 1


def test_data_sharing() -> None:
    assert stored()["data_sharing"] == {
        "plan": "yes",
        "description": {"en": "All of it"},
        "shared": ["sap", "csr"],
        "time_frame": {"en": "From 2028"},
        "access": {"en": "On request"},
        "url": "https://example.org/share",
    }


def test_references_are_publications_retractions_pages_data_and_documents() -> None:
    folder = "https://cdn.clinicaltrials.gov/large-docs/01/NCT90000001"

    assert stored()["references"] == [
        {"kind": "result", "citation": "Zinc did nothing.", "pmid": "1"},
        {"kind": "retraction", "citation": "J", "pmid": "2"},
        {"kind": "background", "citation": "Zinc may work."},
        {"kind": "see_also", "url": "https://example.org/zinc", "label": "Home page"},
        {"kind": "available_ipd", "citation": "Ask first", "url": "https://example.org/data", "label": "Data Set (X1)"},
        {"kind": "ICF", "url": f"{folder}/a%20b.pdf", "label": "Consent"},
        {"kind": "Prot", "url": f"{folder}/p.pdf", "label": "Protocol"},
    ]


def test_the_committee_is_said() -> None:
    assert stored()["data_monitoring_committee"] is True


def test_what_is_absent_blank_or_null_stays_absent() -> None:
    blank = small(conditionsModule={"conditions": ["", "  "], "keywords": []}, statusModule={"whyStopped": None})

    assert parsed(blank).registration == parsed(small()).registration
    assert stored(small()) == {"public_title": {"en": "A title"}}


@pytest.mark.parametrize("table", [codes.STUDY_TYPE, codes.SEX, codes.SHARING, codes.DATE_KIND, codes.PHASES], ids=str)
def test_a_vocabulary_reads_both_ways(table: dict[Any, Any]) -> None:
    assert len(set(table.values())) == len(table)


def test_every_status_has_both_axes_of_the_right_type() -> None:
    for authorisation, recruitment in codes.OVERALL_STATUS.values():
        assert isinstance(authorisation, AuthorisationStatus)
        assert isinstance(recruitment, RecruitmentStatus)


STATUS = """
NOT_YET_RECRUITING         published    not_yet        not_yet
RECRUITING                 published    recruiting     recruiting
ENROLLING_BY_INVITATION    published    by_invitation  by_invitation
ACTIVE_NOT_RECRUITING      published    closed         closed
COMPLETED                  ended        completed      completed
SUSPENDED                  published    paused         paused
TERMINATED                 discontinued closed         closed
WITHDRAWN                  withdrawn    closed         closed
UNKNOWN                    published    unknown        -
WITHHELD                   published    unknown        -
AVAILABLE                  published    recruiting     recruiting
TEMPORARILY_NOT_AVAILABLE  published    paused         -
NO_LONGER_AVAILABLE        published    closed         -
APPROVED_FOR_MARKETING     published    closed         -
"""


def test_each_status_of_a_study_and_of_a_site_is_this_one_of_ours() -> None:
    rows = [row.split() for row in STATUS.strip().splitlines()]

    assert {word: tuple(axes) for word, axes in codes.OVERALL_STATUS.items()} == {
        row[0]: (row[1], row[2]) for row in rows
    }
    assert {row[0]: row[3] for row in rows if row[3] != "-"} == codes.SITE_STATUS


def test_every_unit_of_age_is_read_in_singular_and_plural() -> None:
    assert {codes.AGE_UNIT[word] for word in ("Year", "Months", "Week", "Days", "Hour", "Minutes")} == set(AgeUnit)
    assert len(codes.AGE_UNIT) == 2 * len(AgeUnit)
