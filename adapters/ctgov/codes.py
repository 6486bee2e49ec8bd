"""ClinicalTrials.gov's vocabularies (API v2 schema, version 2.0.3) and the meaning of each word here.

If two words have the same meaning here, the table has it twice; every other table can be read both ways.
"""

from collections.abc import Mapping
from typing import TypeAlias

from events.schemas.eligibility import AgeUnit, Sex
from events.schemas.registration import IdentifierKind, OutcomeRank, Phase, SharingPlan, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind

A: TypeAlias = AuthorisationStatus
R: TypeAlias = RecruitmentStatus

OVERALL_STATUS: Mapping[str, tuple[A, R]] = {
    "NOT_YET_RECRUITING": (A.PUBLISHED, R.NOT_YET),
    "RECRUITING": (A.PUBLISHED, R.RECRUITING),
    "ENROLLING_BY_INVITATION": (A.PUBLISHED, R.BY_INVITATION),
    "ACTIVE_NOT_RECRUITING": (A.PUBLISHED, R.CLOSED),
    "COMPLETED": (A.ENDED, R.COMPLETED),
    "SUSPENDED": (A.PUBLISHED, R.PAUSED),
    "TERMINATED": (A.DISCONTINUED, R.CLOSED),
    "WITHDRAWN": (A.WITHDRAWN, R.CLOSED),
    "UNKNOWN": (A.PUBLISHED, R.UNKNOWN),
    "WITHHELD": (A.PUBLISHED, R.UNKNOWN),
    # The four states of expanded access; the study type separates them from those of a study.
    "AVAILABLE": (A.PUBLISHED, R.RECRUITING),
    "TEMPORARILY_NOT_AVAILABLE": (A.PUBLISHED, R.PAUSED),
    "NO_LONGER_AVAILABLE": (A.PUBLISHED, R.CLOSED),
    "APPROVED_FOR_MARKETING": (A.PUBLISHED, R.CLOSED),
}

SITE_STATUS: Mapping[str, R] = {
    "NOT_YET_RECRUITING": R.NOT_YET,
    "RECRUITING": R.RECRUITING,
    "ENROLLING_BY_INVITATION": R.BY_INVITATION,
    "ACTIVE_NOT_RECRUITING": R.CLOSED,
    "COMPLETED": R.COMPLETED,
    "SUSPENDED": R.PAUSED,
    "TERMINATED": R.CLOSED,
    "WITHDRAWN": R.CLOSED,
    "AVAILABLE": R.RECRUITING,
}

DATE_KIND = {"ACTUAL": DateKind.ACTUAL, "ESTIMATED": DateKind.ANTICIPATED}
STUDY_TYPE = {type_.name: type_ for type_ in StudyType}
SEX = {sex.name: sex for sex in Sex}
SHARING = {plan.name: plan for plan in SharingPlan}
OUTCOMES = {
    "primaryOutcomes": OutcomeRank.PRIMARY,
    "secondaryOutcomes": OutcomeRank.SECONDARY,
    "otherOutcomes": OutcomeRank.OTHER,
}
AGE_UNIT = {word: unit for unit in AgeUnit for word in (unit.value.title(), unit.value.title().removesuffix("s"))}

PHASES: Mapping[frozenset[str], Phase] = {
    frozenset({"NA"}): Phase.NOT_APPLICABLE,
    frozenset({"EARLY_PHASE1"}): Phase.EARLY_1,
    frozenset({"PHASE1"}): Phase.PHASE_1,
    frozenset({"PHASE1", "PHASE2"}): Phase.PHASE_1_2,
    frozenset({"PHASE2"}): Phase.PHASE_2,
    frozenset({"PHASE2", "PHASE3"}): Phase.PHASE_2_3,
    frozenset({"PHASE3"}): Phase.PHASE_3,
    frozenset({"PHASE3", "PHASE4"}): Phase.PHASE_3_4,
    frozenset({"PHASE4"}): Phase.PHASE_4,
}

GRANT_ISSUERS = ("NIH", "FDA", "VA", "CDC", "AHRQ", "SAMHSA")
ORGANISATION_ID = {word: (IdentifierKind.GRANT, word) for word in GRANT_ISSUERS}
"""Type of an organisation's own study number, if that is a grant's: (kind, issuer)."""
SECONDARY_ID: Mapping[str, tuple[IdentifierKind, str | None]] = {
    **ORGANISATION_ID,
    "OTHER_GRANT": (IdentifierKind.GRANT, None),
    "EUDRACT_NUMBER": (IdentifierKind.REGISTRY, "EudraCT"),
    "CTIS": (IdentifierKind.REGISTRY, "CTIS"),
    "REGISTRY": (IdentifierKind.REGISTRY, None),
    "OTHER": (IdentifierKind.OTHER, None),
}


def lowered(*words: str) -> dict[str, str]:
    """A vocabulary with its own words, in lower case."""
    return {word: word.lower() for word in words}


AGENCY = lowered("NIH", "FED", "OTHER_GOV", "INDIV", "INDUSTRY", "NETWORK", "AMBIG", "OTHER", "UNKNOWN")
ARM = lowered("EXPERIMENTAL", "ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "OTHER")
INTERVENTION = lowered(
    "BEHAVIORAL", "BIOLOGICAL", "COMBINATION_PRODUCT", "DEVICE", "DIAGNOSTIC_TEST", "DIETARY_SUPPLEMENT", "DRUG",
    "GENETIC", "PROCEDURE", "RADIATION", "OTHER",
)  # fmt: skip
INTERVENTION_LABEL = {kind: kind.replace("_", " ").title() for kind in INTERVENTION.values()}
"""Kind to the word before an intervention's name in an arm: `Dietary Supplement: Zinc`."""
ALLOCATION = lowered("RANDOMIZED", "NON_RANDOMIZED", "NA")
MODEL = lowered("SINGLE_GROUP", "PARALLEL", "CROSSOVER", "FACTORIAL", "SEQUENTIAL")
PURPOSE = lowered(
    "TREATMENT", "PREVENTION", "DIAGNOSTIC", "ECT", "SUPPORTIVE_CARE", "SCREENING", "HEALTH_SERVICES_RESEARCH",
    "BASIC_SCIENCE", "DEVICE_FEASIBILITY", "OTHER",
)  # fmt: skip
MASKING = lowered("NONE", "SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE")
MASKED = lowered("PARTICIPANT", "CARE_PROVIDER", "INVESTIGATOR", "OUTCOMES_ASSESSOR")
OBSERVATIONAL_MODEL = lowered(
    "COHORT", "CASE_CONTROL", "CASE_ONLY", "CASE_CROSSOVER", "ECOLOGIC_OR_COMMUNITY", "FAMILY_BASED",
    "DEFINED_POPULATION", "NATURAL_HISTORY", "OTHER",
)  # fmt: skip
TIME_PERSPECTIVE = lowered("RETROSPECTIVE", "PROSPECTIVE", "CROSS_SECTIONAL", "OTHER")
SAMPLING = lowered("PROBABILITY_SAMPLE", "NON_PROBABILITY_SAMPLE")
SHARED = lowered("STUDY_PROTOCOL", "SAP", "ICF", "CSR", "ANALYTIC_CODE")
REFERENCE = lowered("BACKGROUND", "RESULT", "DERIVED")

CONTACT_TITLE: Mapping[str, str | None] = {
    "CONTACT": None,
    "PRINCIPAL_INVESTIGATOR": "Principal Investigator",
    "SUB_INVESTIGATOR": "Sub-Investigator",
    "STUDY_CHAIR": "Study Chair",
    "STUDY_DIRECTOR": "Study Director",
}
