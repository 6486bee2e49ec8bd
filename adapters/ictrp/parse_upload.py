"""One `trial` of an upload (DTD 1.0 of 2009-05-01) to a registration. Item numbers are WHO TRDS 1.3.1's.

An upload is the home registry's own statement, so its texts are taken unchanged, without blanks around.
"""

from adapters.cursor import Cursor, present, stated
from adapters.ictrp import words
from adapters.ictrp.dates import date
from adapters.ictrp.reading import (
    Reading,
    claim,
    eligibility,
    link,
    phase,
    place,
    sponsor,
    sponsors,
    status,
    study,
    understood,
    word,
)
from adapters.ictrp.texts import (
    acronym,
    address_part,
    brief,
    line,
    name,
    number,
    prose,
    whole_address,
    whole_name,
    worded,
)
from adapters.parties import by_registry
from events.identifiers import issued_by, registry_of
from events.identifiers.registries import WHO, coded
from events.schemas.parties import Contact, Person
from events.schemas.registration import Condition, IdentifierClaim, Intervention, Outcome, OutcomeRank, Registration
from events.schemas.trial import Home
from events.schemas.values import Code, StatedDate

_BETWEEN = "; "


def read(record: Cursor) -> Reading:
    """The trial. Raises ValueError if nothing names it."""
    main = record.at("main")
    home, written = _home(main)
    return Reading(
        home=home,
        sender=home.registry,
        record=written,
        registration=_registration(record, main, home.registry),
        status=status(main.at("recruitment_status"), home.registry),
        retrieved=None,
    )


def _home(main: Cursor) -> tuple[Home, str]:
    """Items 1 and 2, and the number as its registry writes it. A registry unknown to the grammar may be our own."""
    written, stated_name = number(main.at("trial_id")), line(main.at("reg_name"))
    known = issued_by(written, stated_name) if written else None
    registry = known.registry if known else stated_name and (registry_of(stated_name) or stated_name)
    if written is None or not registry:
        raise ValueError("no number: main.trial_id" if written is None else "no registry: main.reg_name")
    if known:
        main.at("reg_name").give_back("the number names the registry")
    own = known.number if known else written
    url = link(main.at("url"), registry, own, own=True)
    return Home(registry=registry, number=own, registered=date(main.at("date_registration")), url=url), written


def _registration(record: Cursor, main: Cursor, registry: str) -> Registration:
    type_, design = study(main.at("study_type"), main.at("study_design"))
    criteria = record.at("criteria")
    return Registration(
        public_title=brief(main.at("public_title")),
        acronym=acronym(main.at("acronym")),
        scientific_title=brief(main.at("scientific_title")),
        scientific_acronym=acronym(main.at("scientific_acronym")),
        identifiers=_claims(record, main),
        funders=sponsors(record.at("source_support").each("source_name")),
        primary_sponsor=sponsor(main.at("primary_sponsor"), by_registry(registry)),
        secondary_sponsors=sponsors(record.at("secondary_sponsor").each("sponsor_name")),
        contacts=present(map(_contact, record.at("contacts").each("contact"))),
        countries=tuple(dict.fromkeys(present(map(place, record.at("countries").each("country2"))) or ())) or None,
        conditions=_conditions(record, main),
        condition_keywords=present(map(brief, record.at("health_condition_keyword").each("hc_keyword"))),
        interventions=_interventions(record, main),
        intervention_keywords=present(map(brief, record.at("intervention_keyword").each("i_keyword"))),
        eligibility=eligibility(
            criteria.at("inclusion_criteria"),
            criteria.at("exclusion_criteria"),
            minimum=criteria.at("agemin"),
            maximum=criteria.at("agemax"),
            sex=criteria.at("gender"),
            registry=registry,
        ),
        study_type=type_,
        design=design,
        phase=phase(main.at("phase"), registry),
        first_enrolment=_enrolment(main),
        planned_size=understood(main.at("target_size"), words.size, "no number, nor groups with a number each"),
        outcomes=_outcomes(record),
    )


def _claims(record: Cursor, main: Cursor) -> tuple[IdentifierClaim, ...] | None:
    """Item 3, the universal trial number first."""
    universal = number(main.at("utrn"))
    found = [claim(universal, WHO)] if universal else []
    for item in record.at("secondary_ids").each("secondary_id"):
        value, issuer = number(item.at("sec_id")), name(item.at("issuing_authority"))
        if value is None:
            item.give_back("a secondary number without the number")
        else:
            found.append(claim(value, issuer and coded(issuer)))
    return tuple(found) or None


def _contact(item: Cursor) -> Contact | None:
    """Items 7 and 8. A name that is whole in the last name, as in our own upload, is taken as a whole."""
    role = word(item.at("type"), words.CONTACT_ROLE, "neither public nor scientific")
    if role is None:
        item.give_back("a contact neither public nor scientific")
        return None
    given_name, middle_name, last = name(item.at("firstname")), name(item.at("middlename")), item.at("lastname")
    person = Person(
        name=None if given_name or middle_name else whole_name(last),
        given=given_name,
        middle=middle_name,
        family=name(last) if given_name or middle_name else None,
        address=whole_address(item.at("address")),
        city=address_part(item.at("city")),
        country=place(item.at("country1")),
        postcode=address_part(item.at("zip")),
        telephone=address_part(item.at("telephone")),
        email=address_part(item.at("email")),
    )
    affiliation, known = whole_name(item.at("affiliation")), stated(person)
    if not affiliation and not known:
        item.give_back("an empty contact")
        return None
    return Contact(role=role, affiliation=affiliation, person=known)


def _codes(items: list[Cursor]) -> tuple[Code, ...] | None:
    """The upload has no element for the coding system."""
    return present(Code(code=code) if (code := line(item)) else None for item in items)


def _conditions(record: Cursor, main: Cursor) -> tuple[Condition, ...] | None:
    """Item 12. Codes belong to the whole text, so only a text without any is separated where our upload joins it."""
    text, group = prose(main.at("hc_freetext")), record.at("health_condition_code")
    if text is None:
        group.give_back("codes of no condition")
        return None
    codes, whole = _codes(group.each("hc_code")), text.en or text.ja or ""
    names = whole.split(_BETWEEN)
    if codes or any(one != one.strip() or not one for one in names):
        return (Condition(name=text, codes=codes),)
    return tuple(Condition(name=worded(one)) for one in names)


def _interventions(record: Cursor, main: Cursor) -> tuple[Intervention, ...] | None:
    """Item 13: one text. Its kinds are among its codes, because nothing relates a kind to a part."""
    text, group = prose(main.at("i_freetext")), record.at("intervention_code")
    if text is None:
        group.give_back("codes of no intervention")
        return None
    return (Intervention(name=text, codes=_codes(group.each("i_code"))),)


def _enrolment(main: Cursor) -> StatedDate | None:
    """Item 16."""
    on, kind = date(main.at("date_enrolment")), main.at("type_enrolment")
    if on is None:
        kind.give_back("anticipated or actual, of no date")
        return None
    return StatedDate(date=on, kind=word(kind, words.DATE_KIND, "neither anticipated nor actual"))


def _outcomes(record: Cursor) -> tuple[Outcome, ...] | None:
    """Items 19 and 20: the text of each is its measure."""
    found = []
    for group, tag, rank in (
        ("primary_outcome", "prim_outcome", OutcomeRank.PRIMARY),
        ("secondary_outcome", "sec_outcome", OutcomeRank.SECONDARY),
    ):
        for item in record.at(group).each(tag):
            measure = prose(item)
            if measure:
                found.append(Outcome(rank=rank, measure=measure))
    return tuple(found) or None
