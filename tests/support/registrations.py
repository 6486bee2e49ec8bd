"""Registrations of any content, for properties that must hold of all."""

from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from events.identifiers.nothing import nothing, nothing_said
from events.schemas import registration as r
from events.schemas import values as v
from events.schemas.eligibility import Age, AgeUnit, Eligibility, Sex
from events.schemas.parties import Contact, ContactRole, Organisation, Person
from events.schemas.wording import cleaned, on_one_line

WORDS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
    .map(cleaned)
    .filter(lambda text: text.strip() and not nothing_said(text))
)
"""Any text that is taken, save those that stand for none: in the place of a name, `None` is read as no name."""
LINES = WORDS.map(on_one_line).filter(lambda text: text.strip())
DATES = st.dates().map(str).flatmap(lambda day: st.sampled_from([day, day[:7], day[:4]]))
TEXTS = st.builds(v.Text, ja=WORDS, en=WORDS) | st.builds(v.Text, ja=WORDS) | st.builds(v.Text, en=WORDS)


def some(model: type[BaseModel], required: tuple[str, ...] = (), /, **fields: st.SearchStrategy[Any]) -> Any:
    """Values of the model with the required fields and any of the others."""
    required_fields = {name: fields.pop(name) for name in required}
    return st.fixed_dictionaries(required_fields, optional=fields).map(lambda found: model(**found))


def tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


AGES = st.just("unlimited") | st.builds(Age, value=st.integers(0, 120), unit=st.sampled_from(AgeUnit))
CODES = some(v.Code, ("system", "code"), system=LINES, code=LINES, term=TEXTS)
PERSONS = some(
    Person,
    name=TEXTS,
    family=LINES,
    given=LINES,
    middle=LINES,
    title=LINES,
    address=TEXTS,
    country=st.sampled_from(["JP", "XX"]),
    email=LINES,
)
ORGANISATIONS = some(Organisation, ("name",), name=TEXTS, kind=LINES) | some(
    Organisation, ("person",), person=PERSONS, name=TEXTS, kind=LINES
)
CONTACTS = some(Contact, ("role",), role=st.sampled_from(ContactRole), affiliation=TEXTS, person=PERSONS)
CLAIMS = some(
    r.IdentifierClaim,
    ("value", "kind"),
    value=LINES.filter(lambda text: not nothing(text)) | st.just("U1111-1234-5678"),
    kind=st.sampled_from(r.IdentifierKind),
    issuer=LINES,
)
INTERVENTIONS = some(
    r.Intervention, ("name",), name=TEXTS, kind=LINES, description=TEXTS, other_names=tuples(LINES), codes=tuples(CODES)
)
ARMS = some(r.Arm, ("label",), label=LINES, kind=LINES, description=TEXTS, interventions=tuples(LINES))
OUTCOMES = some(
    r.Outcome,
    ("rank", "measure"),
    rank=st.sampled_from(r.OutcomeRank),
    measure=TEXTS,
    time_point=TEXTS,
    description=TEXTS,
)
ELIGIBILITY = some(
    Eligibility,
    inclusion=TEXTS,
    exclusion=TEXTS,
    criteria=TEXTS,
    minimum_age=AGES,
    maximum_age=AGES,
    sex=st.sampled_from(Sex),
    population=TEXTS,
)
DESIGNS = some(
    r.Design, allocation=LINES, model=LINES, model_description=TEXTS, masking=LINES, masked=tuples(LINES), purpose=LINES
)
REGISTRATIONS = some(
    r.Registration,
    public_title=TEXTS,
    acronym=LINES,
    scientific_title=TEXTS,
    scientific_acronym=LINES,
    description=TEXTS,
    identifiers=tuples(CLAIMS),
    funders=tuples(ORGANISATIONS),
    primary_sponsor=ORGANISATIONS,
    secondary_sponsors=tuples(ORGANISATIONS),
    contacts=tuples(CONTACTS),
    countries=tuples(st.sampled_from(["JP", "US", "KR", "XX"])),
    conditions=tuples(some(r.Condition, ("name",), name=TEXTS, codes=tuples(CODES))),
    condition_keywords=tuples(TEXTS),
    interventions=tuples(INTERVENTIONS),
    intervention_keywords=tuples(TEXTS),
    arms=tuples(ARMS),
    eligibility=ELIGIBILITY,
    study_type=st.sampled_from(r.StudyType),
    design=DESIGNS,
    phase=st.sampled_from(r.Phase),
    first_enrolment=some(v.StatedDate, ("date",), date=DATES, kind=st.sampled_from(v.DateKind)),
    planned_size=st.integers(0, 10**9),
    actual_size=st.integers(0, 10**9),
    outcomes=tuples(OUTCOMES),
)
