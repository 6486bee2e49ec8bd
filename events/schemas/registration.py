"""The registration of a trial: the items of the WHO Trial Registration Data Set (TRDS) 1.3.1, and Japan's additions.

Every field may be absent, which means "not known here"; an empty list means "none". Items 1 and 2 (registry, number,
date of registration) and 18 (recruitment status) are facts of the trial's life and not of this form.
"""

from enum import StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from events.schemas.bounds import UpTo100, UpTo1000, UpTo10000
from events.schemas.ctgov import CtgovExtension
from events.schemas.eligibility import Eligibility
from events.schemas.extensions import Extensions
from events.schemas.japan import LegalRegime, ResearchAim
from events.schemas.parties import Contact, Organisation
from events.schemas.values import (
    Code,
    CountryCode,
    Digest,
    IdNumber,
    ItemId,
    Line,
    Member,
    PartialDate,
    Prose,
    ShortText,
    StatedDate,
    Text,
    Value,
)

Count: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000_000)]


class IdentifierKind(StrEnum):
    """What kind of number a secondary identifier claims to be."""

    REGISTRY = "registry"
    UTN = "utn"
    SPONSOR = "sponsor"
    GRANT = "grant"
    ETHICS = "ethics"
    OTHER = "other"


class IdentifierClaim(Member):
    """A secondary identifying number, as claimed by someone. TRDS item 3."""

    KNOWN_BY = ("value",)

    value: IdNumber
    kind: IdentifierKind
    issuer: Line | None = None
    """Who issued the number: a registry's code, as `ctgov`, or a name as the claim gives it."""
    source: Line | None = None
    """Who claims it; absent means the registrant."""
    url: Line | None = None


class Condition(Member):
    """A health condition or problem studied. TRDS item 12."""

    KNOWN_BY = ("name",)

    name: Text
    codes: UpTo100[Code] | None = None


class Intervention(Member):
    """An intervention studied. TRDS item 13."""

    KNOWN_BY = ("name",)

    name: Text
    kind: Line | None = None
    description: Text | None = None
    other_names: UpTo1000[Line] | None = None
    codes: UpTo100[Code] | None = None


class Arm(Member):
    """A group of participants and what it receives."""

    KNOWN_BY = ("label",)

    label: Line
    kind: Line | None = None
    description: Text | None = None
    interventions: UpTo1000[Line] | None = None
    """Names of interventions, as the source writes them."""
    uses: UpTo1000[ItemId] | None = None
    """Items of the trial's interventions; found by the names where only those are given."""


class StudyType(StrEnum):
    """TRDS item 15."""

    INTERVENTIONAL = "interventional"
    OBSERVATIONAL = "observational"
    EXPANDED_ACCESS = "expanded_access"


class Phase(StrEnum):
    """TRDS item 15. Not applicable and not specified are different statements; absence is a third."""

    NOT_APPLICABLE = "not_applicable"
    EARLY_1 = "0"
    PHASE_1 = "1"
    PHASE_1_2 = "1-2"
    PHASE_2 = "2"
    PHASE_2_3 = "2-3"
    PHASE_3 = "3"
    PHASE_3_4 = "3-4"
    PHASE_4 = "4"
    POST_MARKETING = "post_marketing"
    NOT_SPECIFIED = "not_specified"


class Design(Value):
    """Study design. TRDS item 15. The vocabularies are ClinicalTrials.gov's, in lower case."""

    summary: Text | None = None
    """The design in one text, where the source does not state it in parts."""
    allocation: Line | None = None
    model: Line | None = None
    model_description: Text | None = None
    purpose: Line | None = None
    masking: Line | None = None
    masked: UpTo100[Line] | None = None
    masking_description: Text | None = None
    observational_model: Line | None = None
    time_perspective: Line | None = None
    patient_registry: bool | None = None
    follow_up: Line | None = None


class OutcomeRank(StrEnum):
    """TRDS items 19 (primary) and 20 (secondary)."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    OTHER = "other"


class Outcome(Member):
    """An outcome: what is measured, when, and how. TRDS items 19 and 20."""

    KNOWN_BY = ("measure",)

    rank: OutcomeRank
    measure: Text
    time_point: Text | None = None
    description: Text | None = None


class EthicsStatus(StrEnum):
    """TRDS item 21."""

    APPROVED = "approved"
    NOT_APPROVED = "not_approved"
    NOT_AVAILABLE = "not_available"


class EthicsReview(Member):
    """A committee's review. TRDS item 21."""

    KNOWN_BY = ("committee",)

    status: EthicsStatus
    decided: PartialDate | None = None
    committee: ShortText | None = None
    contact: Contact | None = None


class Results(Value):
    """Summary results. TRDS item 23."""

    posted: PartialDate | None = None
    first_published: PartialDate | None = None
    urls: UpTo1000[Line] | None = None
    summary: Text | None = None
    baseline: Text | None = None
    participant_flow: Text | None = None
    adverse_events: Text | None = None
    outcome_measures: Text | None = None
    protocol_url: Line | None = None
    protocol_version: Line | None = None
    protocol_date: PartialDate | None = None


class SharingPlan(StrEnum):
    """TRDS item 24."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class DataSharing(Value):
    """Plan to share individual participant data. TRDS item 24."""

    plan: SharingPlan | None = None
    description: Text | None = None
    shared: UpTo100[Line] | None = None
    time_frame: Text | None = None
    access: Text | None = None
    url: Line | None = None


class Reference(Member):
    """A publication, page or document about the trial."""

    KNOWN_BY = ("pmid", "url", "citation")

    kind: Line | None = None
    citation: Prose | None = None
    pmid: Line | None = None
    url: Line | None = None
    label: Line | None = None


class Registration(Value):
    """The registered data set of one trial. Also serves as an amendment: what it leaves out stays as it is."""

    public_title: ShortText | None = None  # TRDS item 9
    acronym: Line | None = None
    scientific_title: ShortText | None = None  # TRDS item 10
    scientific_acronym: Line | None = None
    plain_summary: Text | None = None
    description: Text | None = None
    identifiers: UpTo1000[IdentifierClaim] | None = None  # TRDS item 3
    funders: UpTo1000[Organisation] | None = None  # TRDS item 4
    primary_sponsor: Organisation | None = None  # TRDS item 5
    secondary_sponsors: UpTo1000[Organisation] | None = None  # TRDS item 6
    contacts: UpTo1000[Contact] | None = None  # TRDS items 7 and 8
    countries: UpTo1000[CountryCode] | None = None  # TRDS item 11
    conditions: UpTo1000[Condition] | None = None  # TRDS item 12
    condition_keywords: UpTo1000[ShortText] | None = None
    interventions: UpTo1000[Intervention] | None = None  # TRDS item 13
    intervention_keywords: UpTo1000[ShortText] | None = None
    arms: UpTo1000[Arm] | None = None
    eligibility: Eligibility | None = None  # TRDS item 14
    study_type: StudyType | None = None  # TRDS item 15
    design: Design | None = None
    phase: Phase | None = None
    first_enrolment: StatedDate | None = None  # TRDS item 16
    planned_size: Count | None = None  # TRDS item 17, planned
    actual_size: Count | None = None  # TRDS item 17, enrolled
    unspecified_size: Count | None = None
    """TRDS item 17 where the source has one number and does not say whether it is planned or enrolled."""
    outcomes: UpTo1000[Outcome] | None = None  # TRDS items 19 and 20
    ethics_reviews: UpTo1000[EthicsReview] | None = None  # TRDS item 21
    completion: StatedDate | None = None  # TRDS item 22
    primary_completion: StatedDate | None = None
    results: Results | None = None  # TRDS item 23
    data_sharing: DataSharing | None = None  # TRDS item 24
    references: UpTo10000[Reference] | None = None
    research_aim: ResearchAim | None = None
    legal_regime: LegalRegime | None = None
    data_monitoring_committee: bool | None = None
    ctgov: CtgovExtension | None = None
    """What ClinicalTrials.gov says beyond these items."""
    extensions: Extensions | None = None
    """What other partners say beyond these items, by the partner's name, in words of their own."""


class Source(Value):
    """Where imported data came from: the bytes are kept whole in the documents topic under their SHA-256."""

    registry: Line
    """Its sender: the home registry itself, or one that renders others' records, as `who-ictrp`.

    A code of `events.identifiers.registries`, or a name where the table has none."""
    record: Line | None = None
    """The record's number as the sender writes it, e.g. `JPRN-jRCTs031190226`; absent where it is the home's own."""
    document: Digest
    media_type: Line
    size: Count
    retrieved: PartialDate | None = None
    """The partner's own date of this version, where it states one: of its last change, or of its copy."""
    given_out: PartialDate | None = None
    """The day of the sender's data that the version was taken from, where it states that too."""
