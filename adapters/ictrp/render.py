"""A trial's document as the `trial` element of a WHO ICTRP upload (DTD 1.0 of 2009-05-01), and its gaps.

Item numbers are WHO TRDS 1.3.1's. The differences between the upload and our record are in `docs/divergences/ictrp.md`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from urllib.parse import quote

from lxml import etree

from adapters import countries
from adapters.exporting import Gap, Sender
from adapters.ictrp import codes, sentences, sponsors
from adapters.ictrp.contacts import contacts
from adapters.ictrp.losses import Persons
from adapters.ictrp.sheet import Sheet
from events.identifiers.nothing import nothing
from events.identifiers.registries import named
from events.schemas.registration import OutcomeRank, Phase, StudyType
from events.schemas.status import AuthorisationStatus
from projections.trial import joining
from projections.trial.courses import on

Stored: TypeAlias = Mapping[str, Any]
"""A value in stored form. It was validated before it entered the log, and is read here without checks."""
_FULL_DATE = 10


@dataclass(frozen=True, slots=True)
class Rendered:
    """A `trial` element that is valid against the DTD, with its gaps."""

    element: etree._Element
    gaps: tuple[Gap, ...]


def render(document: Mapping[str, Any], persons: Persons, sender: Sender) -> Rendered:
    """The element of a trial that has our number. Raises KeyError for a sealed person that `persons` leaves out."""
    registration: Stored = document["registration"]
    sheet = Sheet(document["number"])
    claims = _claims(sheet, registration)
    utn = codes.first_universal_number(value for value, _ in claims)
    main = _main(sheet, document, persons, sender, utn)
    contacts(sheet, registration.get("contacts", ()), persons)
    _countries(sheet, registration)
    _criteria(sheet, registration.get("eligibility", {}))
    _terms(sheet, main, registration)
    _outcomes(sheet, registration)
    sponsors.secondary(sheet, registration, persons)
    _secondary_ids(sheet, claims, utn)
    sponsors.funders(sheet, registration, persons)
    return Rendered(sheet.element, tuple(sheet.gaps))


def _main(
    sheet: Sheet, document: Mapping[str, Any], persons: Persons, sender: Sender, utn: str | None
) -> etree._Element:
    main, registration = sheet.group("main"), document["registration"]
    sheet.leaf(main, "trial_id", document["number"])
    if utn:
        sheet.leaf(main, "utrn", utn)
    sheet.leaf(main, "reg_name", sender.registry)
    sheet.required(main, "date_registration", _day(sheet, "date_registration", document.get("registered")))
    sponsors.primary(sheet, main, registration.get("primary_sponsor"), persons)
    sheet.required(main, "public_title", sheet.words("public_title", registration.get("public_title")))
    sheet.leaf(main, "acronym", registration.get("acronym"))
    sheet.required(main, "scientific_title", sheet.words("scientific_title", registration.get("scientific_title")))
    sheet.leaf(main, "scientific_acronym", registration.get("scientific_acronym"))
    _enrolment(sheet, main, registration)
    sheet.leaf(main, "recruitment_status", _recruitment_status(document, sender.today))
    sheet.leaf(main, "url", f"{sender.trials.rstrip('/')}/{quote(document['number'], safe='')}")
    _study(sheet, main, registration)
    return main


def _day(sheet: Sheet, tag: str, date: str | None) -> str | None:
    """An upload has no partial dates."""
    if date is None:
        return None
    if len(date) < _FULL_DATE:
        precision = "month" if len(date) > len("yyyy") else "year"
        sheet.gap(tag, f"known to the {precision} only ({date}); sent as its first day")
    return codes.day(date)


def _enrolment(sheet: Sheet, main: etree._Element, registration: Stored) -> None:
    """Items 16 and 17. An upload has one size, which is the planned one."""
    stated, planned = (
        registration.get("first_enrolment"),
        registration.get("planned_size", registration.get("unspecified_size")),
    )
    sheet.required(main, "date_enrolment", _day(sheet, "date_enrolment", stated["date"]) if stated else None)
    sheet.required(main, "type_enrolment", codes.DATE_KIND[stated["kind"]] if stated and "kind" in stated else None)
    if "unspecified_size" in registration and "planned_size" not in registration:
        sheet.gap("target_size", "not known whether it is planned or enrolled; sent as it is")
    if planned is None and "actual_size" in registration:
        sheet.gap("target_size", "only the number enrolled is known, which has no element; sent empty")
        sheet.leaf(main, "target_size", None)
    else:
        sheet.required(main, "target_size", None if planned is None else str(planned))


def _recruitment_status(document: Mapping[str, Any], today: date) -> str:
    """Item 18: as recruitment can be relied on today (ADR 0054)."""
    authorisation = AuthorisationStatus(document["status"]["authorisation"])
    recruitment = on(joining.of_trial(document), today).recruitment
    return codes.recruitment_status(authorisation, recruitment, document["registration"].get("study_type"))


def _study(sheet: Sheet, main: etree._Element, registration: Stored) -> None:
    """Items 12, 13 and 15 as texts."""
    type_, phase = _study_type(sheet, registration), registration.get("phase")
    sheet.leaf(main, "study_type", codes.STUDY_TYPE[type_])
    sheet.required(main, "study_design", sheet.clean("study_design", sentences.study_design(sheet, registration)))
    if phase is None and type_ == StudyType.OBSERVATIONAL:
        # An observational study has no phase, so a missing one is no gap.
        sheet.leaf(main, "phase", codes.PHASE[Phase.NOT_APPLICABLE])
        if "study_type" not in registration:
            sheet.gap("phase", "not stated; sent as that of an observational study")
    else:
        sheet.required(main, "phase", codes.PHASE[phase] if phase else None)
    conditions = (sheet.words("hc_freetext", one["name"]) for one in registration.get("conditions", ()))
    sheet.required(main, "hc_freetext", "; ".join(filter(None, conditions)))
    treatments = sheet.clean("i_freetext", sentences.treatments(sheet, registration))
    if registration.get("interventions") or registration.get("study_type") != StudyType.OBSERVATIONAL:
        sheet.required(main, "i_freetext", treatments)
    else:
        etree.SubElement(main, "i_freetext").text = treatments


def _study_type(sheet: Sheet, registration: Stored) -> str:
    """WHO has two words and accepts no empty element, but some registries have other types: one of the two is sent."""
    type_: str | None = registration.get("study_type")
    if type_ == StudyType.EXPANDED_ACCESS:
        sheet.gap("study_type", "expanded access, which WHO has no word for; sent as interventional")
    if type_ is not None:
        return type_
    if registration.get("interventions"):
        sheet.gap("study_type", "not stated; sent as interventional because an intervention is registered")
        return StudyType.INTERVENTIONAL
    sheet.gap("study_type", "not stated; sent as observational because no intervention is registered")
    return StudyType.OBSERVATIONAL


def _countries(sheet: Sheet, registration: Stored) -> None:
    """Item 11."""
    known = countries.names()
    for code in registration.get("countries", ()):
        if code not in known:
            sheet.gap("country2", f"{code} is no country's code; sent as it is")
    if not registration.get("countries"):
        sheet.gap("country2", "not known; sent empty")
    sheet.each("countries", "country2", (known.get(code, code) for code in registration.get("countries", ())))


def _criteria(sheet: Sheet, eligibility: Stored) -> None:
    """Item 14. A text that does not separate inclusion from exclusion goes whole under inclusion."""
    criteria = sheet.group("criteria")
    inclusion, exclusion, whole = (eligibility.get(name) for name in ("inclusion", "exclusion", "criteria"))
    parted = inclusion or exclusion
    text = sheet.words("inclusion_criteria", inclusion if parted else whole)
    sheet.required(criteria, "inclusion_criteria", text)
    _age(sheet, criteria, "agemin", eligibility.get("minimum_age"))
    _age(sheet, criteria, "agemax", eligibility.get("maximum_age"))
    sheet.required(criteria, "gender", codes.GENDER[eligibility["sex"]] if "sex" in eligibility else None)
    if whole and not parted:
        sheet.gap("exclusion_criteria", "in one text with the inclusion criteria; sent there")
        sheet.leaf(criteria, "exclusion_criteria", None)
    else:
        sheet.required(criteria, "exclusion_criteria", sheet.words("exclusion_criteria", exclusion))


def _age(sheet: Sheet, criteria: etree._Element, tag: str, limit: Stored | str | None) -> None:
    sheet.required(criteria, tag, codes.age(limit))
    if isinstance(limit, Mapping) and not limit.get("inclusive", True):
        sheet.gap(tag, "the limit itself is excluded, which the element can't say")


def _terms(sheet: Sheet, main: etree._Element, registration: Stored) -> None:
    """Codes and keywords of items 12 and 13. Kinds of intervention are its codes, as in WHO's example uploads.

    Codes belong to the text of `main`: without one they would belong to nothing, and are left out.
    """
    conditions, interventions = registration.get("conditions", ()), registration.get("interventions", ())
    condition_codes = [code for one in conditions for code in one.get("codes", ())]
    intervention_codes = [code for one in interventions for code in one.get("codes", ())]
    named = bool(condition_codes and main.findtext("hc_freetext"))
    codes = (sheet.clean("hc_code", code["code"]) for code in condition_codes if named)
    sheet.each("health_condition_code", "hc_code", codes)
    keywords = [sheet.words("hc_keyword", word) for word in registration.get("condition_keywords", ())]
    sheet.each("health_condition_keyword", "hc_keyword", [*keywords, *_names(sheet, "hc_keyword", condition_codes)])
    kinds = [one["kind"].replace("_", " ") for one in interventions if "kind" in one]
    words = [*kinds, *(code["code"] for code in intervention_codes)]
    named = bool(words and main.findtext("i_freetext"))
    codes = (sheet.clean("i_code", one) for one in words if named)
    sheet.each("intervention_code", "i_code", codes)
    keywords = [sheet.words("i_keyword", word) for word in registration.get("intervention_keywords", ())]
    others = [sheet.clean("i_keyword", name) for one in interventions for name in one.get("other_names", ())]
    terms = _names(sheet, "i_keyword", intervention_codes)
    sheet.each("intervention_keyword", "i_keyword", [*keywords, *others, *terms])


def _names(sheet: Sheet, tag: str, terms: Sequence[Stored]) -> Iterator[str | None]:
    return (sheet.words(tag, code.get("term")) for code in terms)


def _outcomes(sheet: Sheet, registration: Stored) -> None:
    """Items 19 and 20. Outcomes of neither rank are not sent."""
    for group, tag, rank in (
        ("primary_outcome", "prim_outcome", OutcomeRank.PRIMARY),
        ("secondary_outcome", "sec_outcome", OutcomeRank.SECONDARY),
    ):
        of_rank = [one for one in registration.get("outcomes", ()) if one["rank"] == rank]
        if not of_rank and rank is OutcomeRank.PRIMARY:
            sheet.gap(tag, "not known; sent empty")
        sheet.each(group, tag, (sentences.outcome(sheet, tag, one) for one in of_rank))


def _claims(sheet: Sheet, registration: Stored) -> list[tuple[str, str]]:
    """Numbers and their issuers, as they are read back."""
    found = (
        (sheet.clean("secondary_id", one["value"]), sheet.clean("secondary_id", named(one.get("issuer", ""))))
        for one in registration.get("identifiers", ())
    )
    return [(value, issuer) for value, issuer in found if value and not nothing(value)]


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
