"""A trial's document as the `trial` element of a WHO ICTRP upload (DTD 1.0 of 2009-05-01), and what it could not say.

Item numbers are WHO TRDS 1.3.1's. Where the upload and our record differ is told in `docs/divergences/ictrp.md`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from adapters import countries
from adapters.ictrp import codes, sentences
from adapters.ictrp.contacts import Persons, contacts
from adapters.ictrp.losses import Gap
from adapters.ictrp.sheet import Sheet
from events.schemas.registration import Eligibility, OutcomeRank, Phase, Registration, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import Age, AgeLimit, Code, first_day

_FULL_DATE = 10


@dataclass(frozen=True, slots=True)
class Sender:
    """The registry that sends: its name at WHO, and the address that a trial's number is appended to."""

    registry: str
    trials: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A `trial` element that is valid against the DTD, with its gaps."""

    element: etree._Element
    gaps: tuple[Gap, ...]


def render(document: Mapping[str, Any], persons: Persons, sender: Sender) -> Rendered:
    """The element of a trial that has our number. Raises KeyError for a sealed person that `persons` leaves out."""
    registration = Registration.model_validate(document["registration"])
    sheet = Sheet(document["number"])
    claims = _claims(sheet, registration)
    utn = codes.first_universal_number(value for value, _ in claims)
    _main(sheet, document, registration, sender, utn)
    contacts(sheet, registration.contacts, persons)
    _countries(sheet, registration)
    _criteria(sheet, registration.eligibility or Eligibility())
    _terms(sheet, registration)
    _outcomes(sheet, registration)
    sponsors = (sheet.words("sponsor_name", one.name) for one in registration.secondary_sponsors or ())
    sheet.each("secondary_sponsor", "sponsor_name", sponsors)
    _secondary_ids(sheet, claims, utn)
    if not registration.funders:
        sheet.gap("source_name", "not known; sent empty")
    funders = (sheet.words("source_name", one.name) for one in registration.funders or ())
    sheet.each("source_support", "source_name", funders)
    return Rendered(sheet.element, tuple(sheet.gaps))


def _main(
    sheet: Sheet, document: Mapping[str, Any], registration: Registration, sender: Sender, utn: str | None
) -> None:
    main = sheet.group("main")
    sponsor = registration.primary_sponsor
    sheet.leaf(main, "trial_id", document["number"])
    if utn:
        sheet.leaf(main, "utrn", utn)
    sheet.leaf(main, "reg_name", sender.registry)
    sheet.required(main, "date_registration", _day(sheet, "date_registration", document.get("registered")))
    sheet.required(main, "primary_sponsor", sheet.words("primary_sponsor", sponsor.name) if sponsor else None)
    sheet.required(main, "public_title", sheet.words("public_title", registration.public_title))
    sheet.leaf(main, "acronym", registration.acronym)
    sheet.required(main, "scientific_title", sheet.words("scientific_title", registration.scientific_title))
    sheet.leaf(main, "scientific_acronym", registration.scientific_acronym)
    _enrolment(sheet, main, registration)
    sheet.leaf(main, "recruitment_status", _recruitment_status(document, registration))
    sheet.leaf(main, "url", f"{sender.trials.rstrip('/')}/{document['number']}")
    _study(sheet, main, registration)


def _day(sheet: Sheet, tag: str, date: str | None) -> str | None:
    """An upload has no partial dates."""
    if date is None:
        return None
    if len(date) < _FULL_DATE:
        precision = "month" if len(date) > len("yyyy") else "year"
        sheet.gap(tag, f"known to the {precision} only ({date}); sent as its first day")
    return codes.day(first_day(date))


def _enrolment(sheet: Sheet, main: etree._Element, registration: Registration) -> None:
    """Items 16 and 17. An upload has one size, which is the planned one."""
    stated, planned = registration.first_enrolment, registration.planned_size
    sheet.required(main, "date_enrolment", _day(sheet, "date_enrolment", stated.date) if stated else None)
    sheet.required(main, "type_enrolment", codes.DATE_KIND[stated.kind] if stated and stated.kind else None)
    if planned is None and registration.actual_size is not None:
        sheet.gap("target_size", "only the number enrolled is known, which has no element; sent empty")
        sheet.leaf(main, "target_size", None)
    else:
        sheet.required(main, "target_size", None if planned is None else str(planned))


def _recruitment_status(document: Mapping[str, Any], registration: Registration) -> str:
    status = document["status"]
    authorisation, recruitment = AuthorisationStatus(status["authorisation"]), RecruitmentStatus(status["recruitment"])
    return codes.recruitment_status(authorisation, recruitment, registration.study_type)


def _study(sheet: Sheet, main: etree._Element, registration: Registration) -> None:
    """Items 12, 13 and 15 as texts."""
    type_, phase = _study_type(sheet, registration), registration.phase
    sheet.leaf(main, "study_type", codes.STUDY_TYPE[type_])
    sheet.required(main, "study_design", sentences.study_design(sheet, registration))
    if phase is None and type_ is StudyType.OBSERVATIONAL:
        # An observational study has no phase: that none is stated leaves nothing unknown.
        sheet.leaf(main, "phase", codes.PHASE[Phase.NOT_APPLICABLE])
        if registration.study_type is None:
            sheet.gap("phase", "not stated; sent as that of an observational study")
    else:
        sheet.required(main, "phase", codes.PHASE[phase] if phase else None)
    conditions = (sheet.words("hc_freetext", one.name) for one in registration.conditions or ())
    sheet.required(main, "hc_freetext", "; ".join(filter(None, conditions)))
    if registration.interventions or registration.study_type is not StudyType.OBSERVATIONAL:
        sheet.required(main, "i_freetext", sentences.treatments(sheet, registration))
    else:
        sheet.leaf(main, "i_freetext", sentences.treatments(sheet, registration))


def _study_type(sheet: Sheet, registration: Registration) -> StudyType:
    """WHO has two words, takes no empty element, and some registries have types that are neither. So one is sent."""
    type_ = registration.study_type
    if type_ is StudyType.EXPANDED_ACCESS:
        sheet.gap("study_type", "expanded access, which WHO has no word for; sent as interventional")
    if type_ is not None:
        return type_
    if registration.interventions:
        sheet.gap("study_type", "not stated; sent as interventional because an intervention is registered")
        return StudyType.INTERVENTIONAL
    sheet.gap("study_type", "not stated; sent as observational because no intervention is registered")
    return StudyType.OBSERVATIONAL


def _countries(sheet: Sheet, registration: Registration) -> None:
    """Item 11."""
    known = countries.names()
    for code in registration.countries or ():
        if code not in known:
            sheet.gap("country2", f"{code} is no country's code; sent as it is")
    if not registration.countries:
        sheet.gap("country2", "not known; sent empty")
    sheet.each("countries", "country2", (known.get(code, code) for code in registration.countries or ()))


def _criteria(sheet: Sheet, eligibility: Eligibility) -> None:
    """Item 14. A text that does not part inclusion from exclusion goes whole under inclusion."""
    criteria = sheet.group("criteria")
    parted = eligibility.inclusion or eligibility.exclusion
    inclusion = eligibility.inclusion if parted else eligibility.criteria
    sheet.required(criteria, "inclusion_criteria", sheet.words("inclusion_criteria", inclusion))
    _age(sheet, criteria, "agemin", eligibility.minimum_age)
    _age(sheet, criteria, "agemax", eligibility.maximum_age)
    sheet.required(criteria, "gender", codes.GENDER[eligibility.sex] if eligibility.sex else None)
    if eligibility.criteria and not parted:
        sheet.gap("exclusion_criteria", "in one text with the inclusion criteria; sent there")
        sheet.leaf(criteria, "exclusion_criteria", None)
    else:
        sheet.required(criteria, "exclusion_criteria", sheet.words("exclusion_criteria", eligibility.exclusion))


def _age(sheet: Sheet, criteria: etree._Element, tag: str, limit: AgeLimit | None) -> None:
    sheet.required(criteria, tag, codes.age(limit))
    if isinstance(limit, Age) and not limit.inclusive:
        sheet.gap(tag, "the limit itself is excluded, which the element can't say")


def _terms(sheet: Sheet, registration: Registration) -> None:
    """Codes and keywords of items 12 and 13. Kinds of intervention are its codes, as in WHO's example uploads.

    Codes are of the text that `main` has: without one they would be of nothing, and are left out.
    """
    conditions, interventions = registration.conditions or (), registration.interventions or ()
    condition_codes = [code for one in conditions for code in one.codes or ()]
    intervention_codes = [code for one in interventions for code in one.codes or ()]
    named = bool(sheet.element.findtext("main/hc_freetext"))
    sheet.each("health_condition_code", "hc_code", (code.code for code in condition_codes if named))
    keywords = [sheet.words("hc_keyword", word) for word in registration.condition_keywords or ()]
    sheet.each("health_condition_keyword", "hc_keyword", [*keywords, *_names(sheet, "hc_keyword", condition_codes)])
    kinds = [one.kind.replace("_", " ") for one in interventions if one.kind]
    named = bool(sheet.element.findtext("main/i_freetext"))
    sheet.each("intervention_code", "i_code", [*kinds, *(code.code for code in intervention_codes)] if named else ())
    keywords = [sheet.words("i_keyword", word) for word in registration.intervention_keywords or ()]
    others = [name for one in interventions for name in one.other_names or ()]
    terms = _names(sheet, "i_keyword", intervention_codes)
    sheet.each("intervention_keyword", "i_keyword", [*keywords, *others, *terms])


def _names(sheet: Sheet, tag: str, terms: list[Code]) -> Iterator[str | None]:
    return (sheet.words(tag, code.term) for code in terms)


def _outcomes(sheet: Sheet, registration: Registration) -> None:
    """Items 19 and 20. Outcomes of neither rank are not sent."""
    for group, tag, rank in (
        ("primary_outcome", "prim_outcome", OutcomeRank.PRIMARY),
        ("secondary_outcome", "sec_outcome", OutcomeRank.SECONDARY),
    ):
        of_rank = [one for one in registration.outcomes or () if one.rank is rank]
        if not of_rank and rank is OutcomeRank.PRIMARY:
            sheet.gap(tag, "not known; sent empty")
        sheet.each(group, tag, (sentences.outcome(sheet, tag, one) for one in of_rank))


def _claims(sheet: Sheet, registration: Registration) -> list[tuple[str, str]]:
    """Numbers and who issued each, as they are read back."""
    found = (
        (sheet.clean("secondary_id", one.value), sheet.clean("secondary_id", one.issuer))
        for one in registration.identifiers or ()
    )
    return [(value, issuer) for value, issuer in found if value]


def _secondary_ids(sheet: Sheet, claims: list[tuple[str, str]], utn: str | None) -> None:
    """Item 3, without the universal trial number that has an element of its own."""
    group = sheet.group("secondary_ids")
    others = [(value, issuer) for value, issuer in claims if not utn or codes.universal_number(value) != utn]
    for value, issuer in others or [("", "")]:
        if value and not issuer:
            sheet.gap("secondary_id", f"{value}: who issued it is not known")
        element = etree.SubElement(group, "secondary_id")
        sheet.leaf(element, "sec_id", value, "secondary_id")
        sheet.leaf(element, "issuing_authority", issuer, "secondary_id")
