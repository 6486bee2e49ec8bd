"""A synthetic study with every field of ClinicalTrials.gov: those of the small full one, and the rest."""

from typing import Any

from tests.support.ctgov import FULL

_GROUPS = [("000", "Zinc", "Gets zinc"), ("001", "Nothing", "Gets nothing")]


def _groups(letters: str, **numbers: int) -> list[dict[str, Any]]:
    return [{"id": letters + number, "title": title, "description": text} | numbers for number, title, text in _GROUPS]


def _each(letters: str, first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"groupId": f"{letters}000"} | first, {"groupId": f"{letters}001"} | second]


def _denominators(letters: str) -> list[dict[str, Any]]:
    return [{"units": "Participants", "counts": _each(letters, {"value": "60"}, {"value": "58"})}]


def _classes(letters: str) -> list[dict[str, Any]]:
    first = {"value": "5.2", "spread": "1.1", "lowerLimit": "3.0", "upperLimit": "7.5", "comment": "by diary"}
    categories = [{"title": "At home", "measurements": _each(letters, first, {"value": "6.3", "spread": "1.4"})}]
    return [{"title": "All colds", "denoms": _denominators(letters), "categories": categories}]


def _step(of: str, **more: Any) -> dict[str, Any]:
    first = {"numSubjects": "60", "numUnits": "120", "comment": "one moved away"}
    return {"comment": "by telephone", of: _each("FG", first, {"numSubjects": "58"})} | more


_EVENT = {
    "organSystem": "Gastrointestinal disorders",
    "sourceVocabulary": "MedDRA 27.0",
    "assessmentType": "SYSTEMATIC_ASSESSMENT",
    "notes": "Asked each day",
    "stats": _each(
        "EG", {"numEvents": 4, "numAffected": 3, "numAtRisk": 60}, {"numEvents": 1, "numAffected": 1, "numAtRisk": 58}
    ),
}
RESULTS: dict[str, Any] = {
    "participantFlowModule": {
        "preAssignmentDetails": "Two weeks of diary",
        "recruitmentDetails": "At one clinic",
        "typeUnitsAnalyzed": "Nostrils",
        "groups": _groups("FG"),
        "periods": [
            {
                "title": "Overall Study",
                "milestones": [_step("achievements", type="STARTED")],
                "dropWithdraws": [_step("reasons", type="Lost to Follow-up")],
            }
        ],
    },
    "baselineCharacteristicsModule": {
        "populationDescription": "All who began",
        "typeUnitsAnalyzed": "Nostrils",
        "groups": _groups("BG"),
        "denoms": _denominators("BG"),
        "measures": [
            {
                "title": "Age, Continuous",
                "description": "At the first visit",
                "populationDescription": "Who told their age",
                "paramType": "MEAN",
                "dispersionType": "STANDARD_DEVIATION",
                "unitOfMeasure": "years",
                "calculatePct": False,
                "denomUnitsSelected": "Participants",
                "denoms": _denominators("BG"),
                "classes": _classes("BG"),
            }
        ],
    },
    "outcomeMeasuresModule": {
        "outcomeMeasures": [
            {
                "type": "PRIMARY",
                "title": "Days ill",
                "description": "Diary",
                "populationDescription": "All who kept a diary",
                "reportingStatus": "POSTED",
                "anticipatedPostingDate": "2026-05",
                "paramType": "LEAST_SQUARES_MEAN",
                "dispersionType": "Standard Error",
                "unitOfMeasure": "days",
                "calculatePct": False,
                "timeFrame": "14 days",
                "typeUnitsAnalyzed": "Colds",
                "denomUnitsSelected": "Participants",
                "groups": _groups("OG"),
                "denoms": _denominators("OG"),
                "classes": _classes("OG"),
                "analyses": [
                    {
                        "paramType": "Mean Difference (Net)",
                        "paramValue": "-1.1",
                        "dispersionType": "STANDARD_ERROR_OF_MEAN",
                        "dispersionValue": "0.4",
                        "statisticalMethod": "ANCOVA",
                        "statisticalComment": "Adjusted for age",
                        "pValue": "0.008",
                        "pValueComment": "Not adjusted for looks",
                        "ciNumSides": "TWO_SIDED",
                        "ciPctValue": "95",
                        "ciLowerLimit": "-1.9",
                        "ciUpperLimit": "-0.3",
                        "ciLowerLimitComment": "from below",
                        "ciUpperLimitComment": "from above",
                        "estimateComment": "Zinc minus nothing",
                        "testedNonInferiority": False,
                        "nonInferiorityType": "SUPERIORITY",
                        "nonInferiorityComment": "None was planned",
                        "otherAnalysisDescription": "By season, too",
                        "groupDescription": "The null hypothesis is no difference",
                        "groupIds": ["OG000", "OG001"],
                    }
                ],
            }
        ]
    },
    "adverseEventsModule": {
        "frequencyThreshold": "5",
        "timeFrame": "14 days",
        "description": "Asked by telephone",
        "allCauseMortalityComment": "Nobody died",
        "eventGroups": _groups(
            "EG",
            deathsNumAffected=0,
            deathsNumAtRisk=60,
            seriousNumAffected=1,
            seriousNumAtRisk=60,
            otherNumAffected=3,
            otherNumAtRisk=60,
        ),
        "seriousEvents": [{"term": "Vomiting"} | _EVENT],
        "otherEvents": [{"term": "Nausea"} | _EVENT],
    },
    "moreInfoModule": {
        "limitationsAndCaveats": {"description": "The winter was mild"},
        "certainAgreement": {
            "piSponsorEmployee": False,
            "restrictionType": "LTE60",
            "restrictiveAgreement": True,
            "otherDetails": "Sixty days to comment",
        },
        "pointOfContact": {
            "title": "Barbara Example",
            "organization": "Example University",
            "email": "b@example.org",
            "phone": "03-0000-0001",
            "phoneExt": "7",
        },
    },
}

_REST: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {"orgStudyIdInfo": {"type": "NIH", "link": "https://example.org/own"}},
        "statusModule": {
            "lastKnownStatus": "RECRUITING",
            "delayedPosting": True,
            "expandedAccessInfo": {
                "hasExpandedAccess": True,
                "nctId": "NCT90000007",
                "statusForNctId": "AVAILABLE",
            },
            "studyFirstSubmitQcDate": "2025-12-02",
            "resultsWaived": False,
            "resultsFirstSubmitDate": "2026-01-10",
            "resultsFirstSubmitQcDate": "2026-01-20",
            "dispFirstSubmitDate": "2025-12-03",
            "dispFirstSubmitQcDate": "2025-12-04",
            "dispFirstPostDateStruct": {"date": "2025-12-05", "type": "ESTIMATED"},
            "lastUpdateSubmitDate": "2026-03-03",
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {"oldNameTitle": "A. Example, Head", "oldOrganization": "Old University"}
        },
        "oversightModule": {
            "isFdaRegulatedDevice": True,
            "isUnapprovedDevice": False,
            "isPpsd": True,
            "isUsExport": False,
            "fdaaa801Violation": True,
        },
        "designModule": {
            "nPtrsToThisExpAccNctId": 2,
            "expandedAccessTypes": {"individual": True, "intermediate": False, "treatment": True},
            "designInfo": {"observationalModel": "COHORT", "timePerspective": "PROSPECTIVE"},
            "bioSpec": {"retention": "SAMPLES_WITH_DNA", "description": "Nasal swabs"},
        },
        "outcomesModule": {
            "secondaryOutcomes": [{"description": "By thermometer"}],
            "otherOutcomes": [{"description": "Asked"}],
        },
        "eligibilityModule": {"maximumAge": "80 Years"},
        "contactsLocationsModule": {
            "locations": [
                {
                    "contacts": [{"phone": "03-0000-0002", "phoneExt": "3", "email": "e@example.org"}],
                },
                {},
                {},
                {"countryCode": "JP"},
            ]
        },
    },
    "resultsSection": RESULTS,
    "annotationSection": {
        "annotationModule": {
            "unpostedAnnotation": {
                "unpostedResponsibleParty": "Example University",
                "unpostedEvents": [{"type": "RELEASE", "date": "2016-01-02", "dateUnknown": False}],
            },
            "violationAnnotation": {
                "violationEvents": [
                    {
                        "type": "VIOLATION_IDENTIFIED",
                        "description": "Results were late",
                        "creationDate": "2025-01-01",
                        "issuedDate": "2025-01-02",
                        "releaseDate": "2025-01-03",
                        "postedDate": "2025-01-04",
                    }
                ]
            },
        }
    },
    "documentSection": {
        "largeDocumentModule": {
            "noSap": True,
            "largeDocs": [{"hasSap": False, "hasIcf": True, "uploadDate": "2025-01-05T10:00", "size": 1000}],
        }
    },
    "derivedSection": {
        "miscInfoModule": {
            "removedCountries": ["Canada"],
            "submissionTracking": {
                "estimatedResultsFirstSubmitDate": "2026-01-09",
                "firstMcpInfo": {"postDateStruct": {"date": "2026-01-21", "type": "ACTUAL"}},
                "submissionInfos": [
                    {
                        "releaseDate": "2026-01-10",
                        "unreleaseDate": "2026-01-11",
                        "unreleaseDateUnknown": False,
                        "resetDate": "2026-01-12",
                        "mcpReleaseN": 1,
                    }
                ],
            },
        },
        "conditionBrowseModule": {
            "ancestors": [{"id": "D010608", "term": "Pharyngeal Diseases"}],
            "browseBranches": [{"abbrev": "BC08", "name": "Respiratory Tract Diseases"}],
        },
        "interventionBrowseModule": {
            "ancestors": [{"id": "D014131", "term": "Trace Elements"}],
            "browseLeaves": [{"id": "M3", "name": "Zinc", "asFound": "Zinc", "relevance": "HIGH"}],
            "browseBranches": [{"abbrev": "Micro", "name": "Micronutrients"}],
        },
    },
}


def _merged(one: Any, other: Any) -> Any:
    """Objects member by member, lists item by item; of two scalars the other."""
    match one, other:
        case dict(), dict():
            shared = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys()}
            return {key: shared.get(key, value) for key, value in (one | other).items()}
        case list(), list():
            return [_merged(*pair) for pair in zip(one, other, strict=False)] + one[len(other) :] + other[len(one) :]
        case _:
            return other


def whole() -> dict[str, Any]:
    """The study, made anew."""
    study: dict[str, Any] = _merged(FULL, _REST)
    return study
