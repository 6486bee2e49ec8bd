"""Studies as ClinicalTrials.gov writes them: a synthetic one with every field, small ones, and the samples."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "formats"
SAMPLES = sorted((SHARED / "samples" / "ctgov_v2").glob("*.json"))
NUMBER = "NCT90000001"

FULL: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": NUMBER,
            "nctIdAliases": ["NCT90000009"],
            "orgStudyIdInfo": {"id": "ABC-001"},
            "secondaryIdInfos": [
                {"id": "U1111-1234-5678", "type": "OTHER", "domain": "WHO"},
                {"id": "R01AA000000", "type": "NIH", "link": "https://example.org/grant"},
                {"id": "2020-000000-10", "type": "EUDRACT_NUMBER"},
                {"id": "jRCT2030000000", "type": "REGISTRY", "domain": "jRCT"},
            ],
            "briefTitle": "Zinc for the common cold",
            "officialTitle": "A randomised trial of zinc in adults with the common cold",
            "acronym": "ZINC",
            "organization": {"fullName": "Example University", "class": "OTHER"},
        },
        "statusModule": {
            "statusVerifiedDate": "2026-03",
            "overallStatus": "SUSPENDED",
            "whyStopped": "No zinc was left",
            "startDateStruct": {"date": "2026-01", "type": "ESTIMATED"},
            "primaryCompletionDateStruct": {"date": "2027-06-30", "type": "ESTIMATED"},
            "completionDateStruct": {"date": "2027", "type": "ESTIMATED"},
            "studyFirstSubmitDate": "2025-12-01",
            "studyFirstPostDateStruct": {"date": "2025-12-09", "type": "ACTUAL"},
            "resultsFirstPostDateStruct": {"date": "2026-02-02", "type": "ACTUAL"},
            "lastUpdatePostDateStruct": {"date": "2026-03-04", "type": "ACTUAL"},
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {
                "type": "PRINCIPAL_INVESTIGATOR",
                "investigatorFullName": "Ada Example",
                "investigatorTitle": "Professor",
                "investigatorAffiliation": "Example University",
            },
            "leadSponsor": {"name": "Example University", "class": "OTHER"},
            "collaborators": [{"name": "Example Pharma", "class": "INDUSTRY"}],
        },
        "oversightModule": {"oversightHasDmc": True, "isFdaRegulatedDrug": False},
        "descriptionModule": {"briefSummary": "We give zinc.", "detailedDescription": "We give zinc, at length."},
        "conditionsModule": {"conditions": ["Cold", "Sore Throat"], "keywords": ["zinc"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE3", "PHASE2"],
            "targetDuration": "1 Year",
            "patientRegistry": False,
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "interventionModelDescription": "Two arms.",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": "DOUBLE", "maskingDescription": "Blinded.", "whoMasked": ["PARTICIPANT"]},
            },
            "enrollmentInfo": {"count": 120, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Zinc",
                    "type": "EXPERIMENTAL",
                    "description": "Gets zinc",
                    "interventionNames": ["Dietary Supplement: Zinc gluconate"],
                },
                {"label": "Nothing", "type": "NO_INTERVENTION"},
            ],
            "interventions": [
                {
                    "type": "DIETARY_SUPPLEMENT",
                    "name": "Zinc gluconate",
                    "description": "Lozenge of 10 mg",
                    "armGroupLabels": ["Zinc", "Nowhere"],
                    "otherNames": ["Zn"],
                }
            ],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Days ill", "description": "Diary", "timeFrame": "14 days"}],
            "secondaryOutcomes": [{"measure": "Fever", "timeFrame": "14 days"}],
            "otherOutcomes": [{"measure": "Taste", "timeFrame": "1 day"}],
        },
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n* A cold\n\nExclusion Criteria:\n\n* Zinc at home",
            "healthyVolunteers": False,
            "sex": "ALL",
            "genderBased": True,
            "genderDescription": "Anyone",
            "minimumAge": "6 Months",
            "stdAges": ["CHILD", "ADULT", "OLDER_ADULT"],
            "studyPopulation": "People with colds",
            "samplingMethod": "NON_PROBABILITY_SAMPLE",
        },
        "contactsLocationsModule": {
            "centralContacts": [
                {
                    "name": "Grace Example",
                    "role": "CONTACT",
                    "phone": "03-0000-0000",
                    "phoneExt": "12",
                    "email": "g@example.org",
                }
            ],
            "overallOfficials": [{"name": "Alan Example", "affiliation": "Example Hospital", "role": "STUDY_CHAIR"}],
            "locations": [
                {
                    "facility": "Example Hospital",
                    "status": "RECRUITING",
                    "city": "Tokyo",
                    "state": "Tokyo",
                    "zip": "100-0001",
                    "country": "Japan",
                    "contacts": [{"name": "Edsger Example", "role": "PRINCIPAL_INVESTIGATOR"}, {"role": "CONTACT"}],
                    "geoPoint": {"lat": 35.69, "lon": 139.69},
                },
                {"facility": "Another", "status": "SUSPENDED", "city": "Seoul", "country": "Korea, Republic of"},
                {"facility": "Another", "city": "Seoul", "country": "Korea, Republic of"},
                {"facility": "Far", "city": "Nowhere", "country": "Atlantis"},
            ],
        },
        "referencesModule": {
            "references": [
                {
                    "pmid": "1",
                    "type": "RESULT",
                    "citation": "Zinc did nothing.",
                    "retractions": [{"pmid": "2", "source": "J"}],
                },
                {"type": "BACKGROUND", "citation": "Zinc may work."},
            ],
            "seeAlsoLinks": [{"label": "Home page", "url": "https://example.org/zinc"}],
            "availIpds": [{"id": "X1", "type": "Data Set", "url": "https://example.org/data", "comment": "Ask first"}],
        },
        "ipdSharingStatementModule": {
            "ipdSharing": "YES",
            "description": "All of it",
            "infoTypes": ["SAP", "CSR"],
            "timeFrame": "From 2028",
            "accessCriteria": "On request",
            "url": "https://example.org/share",
        },
    },
    "resultsSection": {"moreInfoModule": {"certainAgreement": {"piSponsorEmployee": True}}},
    "documentSection": {
        "largeDocumentModule": {
            "largeDocs": [
                {
                    "typeAbbrev": "ICF",
                    "hasProtocol": False,
                    "label": "Consent",
                    "date": "2025-01-01",
                    "filename": "a b.pdf",
                },
                {
                    "typeAbbrev": "Prot",
                    "hasProtocol": True,
                    "label": "Protocol",
                    "date": "2025-02-01",
                    "filename": "p.pdf",
                },
            ]
        }
    },
    "derivedSection": {
        "miscInfoModule": {"versionHolder": "2026-03-05"},
        "conditionBrowseModule": {
            "meshes": [{"id": "D003139", "term": "Common Cold"}, {"id": "D010612", "term": "Pharyngitis"}],
            "browseLeaves": [
                {"id": "M1", "name": "Common Cold", "asFound": "Cold", "relevance": "HIGH"},
                {"id": "M2", "name": "Pharyngitis", "relevance": "LOW"},
            ],
        },
        "interventionBrowseModule": {"meshes": [{"id": "C000", "term": "zinc gluconate"}]},
    },
    "hasResults": True,
}


def full() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(FULL)


def small(number: str = NUMBER, **modules: Any) -> dict[str, Any]:
    """A study with a number, a title, and the modules given."""
    return {"protocolSection": {"identificationModule": {"nctId": number, "briefTitle": "A title"}, **modules}}


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every scalar. Written apart from the reader's own walk, which it checks."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def sample_studies() -> list[Any]:
    """All 278; skips the test where the samples are not beside the repository."""
    if not SAMPLES:
        pytest.skip("../shared/formats/samples is not here")
    return [study for file in SAMPLES for study in json.loads(file.read_bytes())]
