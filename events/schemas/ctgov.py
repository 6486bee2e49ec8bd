"""Data that ClinicalTrials.gov publishes of a trial and that the WHO data set has no item for.

This form is stored, so it stays here and is read forever; data of any other partner beyond the data set goes into
`extensions`, whose models are the partners' own (ADR 0069). The words are the source's own, in lower case; its
vocabularies grow, so they are not closed here. API v2, schema 2.0.3.
"""

from typing import Annotated, TypeAlias

from pydantic import Field

from events.schemas.bounds import UpTo100, UpTo1000
from events.schemas.parties import Contact, Organisation
from events.schemas.values import Code, IdNumber, Line, PartialDate, StatedDate, Text, Value

Number: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000_000_000)]


class Dates(Value):
    """When the record was submitted, passed review there and was posted. `delay` is a certification or an extension.

    The first submission is the trial's date of registration and stands there.
    """

    first_reviewed: PartialDate | None = None
    first_posted: StatedDate | None = None
    results_first_submitted: PartialDate | None = None
    results_first_reviewed: PartialDate | None = None
    results_first_posted: StatedDate | None = None
    delay_first_submitted: PartialDate | None = None
    delay_first_reviewed: PartialDate | None = None
    delay_first_posted: StatedDate | None = None
    last_update_submitted: PartialDate | None = None
    last_update_posted: StatedDate | None = None


class Oversight(Value):
    """What the United States' Food and Drug Administration has to do with the trial."""

    fda_regulated_drug: bool | None = None
    fda_regulated_device: bool | None = None
    unapproved_device: bool | None = None
    pediatric_postmarket_surveillance: bool | None = None
    us_export: bool | None = None
    fdaaa_violation: bool | None = None


class ExpandedAccess(Value):
    """Whether the product is available outside of trials; the last four are of a record of expanded access itself."""

    available: bool | None = None
    number: IdNumber | None = None
    """The record of the expanded access."""
    status: Line | None = None
    pointing_here: Number | None = None
    """How many records name this one as their expanded access."""
    individual: bool | None = None
    intermediate: bool | None = None
    treatment: bool | None = None


class Biospecimens(Value):
    """Samples kept for later research."""

    retention: Line | None = None
    description: Text | None = None


class TrialDocument(Value):
    """What a posted document holds, by the file that the registration's references name."""

    filename: Line
    dated: PartialDate | None = None
    uploaded: Line | None = None
    """As the source writes it: `2020-01-21T13:50`, without a zone."""
    size: Number | None = None
    """In bytes."""
    protocol: bool | None = None
    analysis_plan: bool | None = None
    consent_form: bool | None = None


class ResultsAgreement(Value):
    """What an investigator may publish without the sponsor."""

    investigators_are_employees: bool | None = None
    restrictive: bool | None = None
    restriction: Line | None = None
    details: Text | None = None


class ResultsSubmission(Value):
    """One round of results submitted and not posted yet."""

    released: PartialDate | None = None
    unreleased: PartialDate | None = None
    unreleased_unknown: bool | None = None
    reset: PartialDate | None = None
    round: Number | None = None


class UnpostedEvent(Value):
    """A step of results that were submitted before 2017 and never posted."""

    kind: Line | None = None
    on: PartialDate | None = None
    on_unknown: bool | None = None


class Violation(Value):
    """A step of a notice of noncompliance with the duty to report (FDAAA 801)."""

    kind: Line | None = None
    description: Text | None = None
    created: PartialDate | None = None
    issued: PartialDate | None = None
    released: PartialDate | None = None
    posted: PartialDate | None = None


class CtgovExtension(Value):
    """A registration's part that is ClinicalTrials.gov's own."""

    organisation: Organisation | None = None
    """Who enters the record there."""
    responsible_party: Line | None = None
    last_known_status: Line | None = None
    """The overall status before it became unknown for want of updates."""
    delayed_posting: bool | None = None
    results_waived: bool | None = None
    dates: Dates | None = None
    oversight: Oversight | None = None
    expanded_access: ExpandedAccess | None = None
    biospecimens: Biospecimens | None = None
    gender_based: bool | None = None
    age_groups: UpTo100[Line] | None = None
    condition_terms: UpTo1000[Code] | None = None
    """MeSH terms of its indexing that no condition's name is tied to."""
    intervention_terms: UpTo1000[Code] | None = None
    """MeSH terms of its indexing that no intervention's name is tied to."""
    documents: UpTo1000[TrialDocument] | None = None
    no_analysis_plan: bool | None = None
    removed_countries: UpTo1000[Line] | None = None
    results_contact: Contact | None = None
    results_agreement: ResultsAgreement | None = None
    results_expected: PartialDate | None = None
    results_first_posted_with_comments: StatedDate | None = None
    """When results were first posted before the review there had ended."""
    results_submissions: UpTo1000[ResultsSubmission] | None = None
    unposted_party: Organisation | None = None
    unposted_events: UpTo1000[UnpostedEvent] | None = None
    violations: UpTo1000[Violation] | None = None
