"""The words of the WHO upload (DTD 1.0 of 2009-05-01 and its comments) and their meanings here."""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from events.identifiers import identify
from events.schemas.eligibility import AgeUnit, Sex
from events.schemas.parties import ContactRole
from events.schemas.registration import IdentifierKind, Phase, StudyType
from events.schemas.status import AuthorisationStatus as A
from events.schemas.status import RecruitmentStatus as R
from events.schemas.values import DateKind

RECRUITMENT_STATUSES = ("Pending", "Recruiting", "Suspended", "Complete", "Other")
STUDY_TYPE: Mapping[str, str] = {
    StudyType.INTERVENTIONAL: "interventional",
    StudyType.OBSERVATIONAL: "observational",
    # WHO has two types. Expanded access assigns people to an intervention; the study design says what it is.
    StudyType.EXPANDED_ACCESS: "interventional",
}
CONTACT_TYPE: Mapping[str, str] = {ContactRole.PUBLIC: "Public", ContactRole.SCIENTIFIC: "Scientific"}
DATE_KIND: Mapping[str, str] = {DateKind.ANTICIPATED: "anticipated", DateKind.ACTUAL: "actual"}
GENDER: Mapping[str, str] = {Sex.ALL: "-", Sex.FEMALE: "F", Sex.MALE: "M"}
AGE_UNIT: Mapping[str, str] = {
    AgeUnit.YEARS: "Y",
    AgeUnit.MONTHS: "M",
    AgeUnit.WEEKS: "W",
    AgeUnit.DAYS: "D",
    AgeUnit.HOURS: "H",
    AgeUnit.MINUTES: "Min",
}
NO_LIMIT = "N/A"
PHASE: Mapping[str, str] = {
    Phase.NOT_APPLICABLE: "N/A",
    Phase.EARLY_1: "0",
    Phase.PHASE_1: "1",
    Phase.PHASE_1_2: "1-2",
    Phase.PHASE_2: "2",
    Phase.PHASE_2_3: "2-3",
    Phase.PHASE_3: "3",
    Phase.PHASE_3_4: "3-4",
    Phase.PHASE_4: "4",
    Phase.POST_MARKETING: "Post Marketing Surveillance",
    Phase.NOT_SPECIFIED: "Not specified",
}

_IN_EVERY_UNIVERSAL = "1111"
"""Universal trial numbers are `U1111-` and digits; a text without such digits, in any form, need not be examined."""


def recruitment_status(authorisation: A, recruitment: R, study_type: str | None) -> str:
    """One of WHO's five, from both axes. TRDS item 18. WHO's Complete is about recruitment, not about the study."""
    if study_type == StudyType.EXPANDED_ACCESS:
        return "Other"
    match authorisation:
        case A.WITHDRAWN | A.DISCONTINUED | A.REVOKED | A.EXPIRED | A.OPINION_UNFAVOURABLE:
            return "Other"
        case A.SUSPENDED_BY_AUTHORITY:
            return "Suspended"
        case A.ENDED:
            return "Complete"
        case A.DRAFT | A.UNDER_REVIEW | A.OPINION_FAVOURABLE | A.FILED | A.PUBLISHED:
            return _by_recruitment(recruitment)
    assert_never(authorisation)


def _by_recruitment(recruitment: R) -> str:
    match recruitment:
        case R.NOT_YET:
            return "Pending"
        case R.RECRUITING | R.BY_INVITATION:
            return "Recruiting"
        case R.PAUSED:
            return "Suspended"
        case R.CLOSED | R.COMPLETED:
            return "Complete"
        case R.UNKNOWN:
            return "Other"
    assert_never(recruitment)


def age(limit: Mapping[str, Any] | str | None) -> str:
    """`18Y`, `3M` for a stored limit; `N/A` if there is no limit, empty if it is not known."""
    if limit is None:
        return ""
    return NO_LIMIT if isinstance(limit, str) else f"{limit['value']}{AGE_UNIT[limit['unit']]}"


def day(date: str) -> str:
    """dd/mm/yyyy for a stored date, the first day if only the month or the year is known."""
    year, month, day = [*date.strip().split("-"), "01", "01"][:3]
    return f"{day}/{month}/{year}"


def universal_number(claim: str) -> str | None:
    """The claimed number as a universal trial number in WHO's form; None if it is not one."""
    if claim.isascii() and _IN_EVERY_UNIVERSAL not in claim:
        return None
    known = identify(claim)
    return known.number if known and known.kind is IdentifierKind.UTN else None


def first_universal_number(claims: Iterable[str]) -> str | None:
    """The universal trial number for the upload's element, whatever kind of number it is claimed to be."""
    return next(filter(None, map(universal_number, claims)), None)
