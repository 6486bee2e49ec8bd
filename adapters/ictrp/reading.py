"""The result of reading both forms of ICTRP record, and the rules by which a word or a name in a cell is accepted."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from adapters.cursor import Cursor, present, stated
from adapters.ictrp import ages, words
from adapters.ictrp.places import country
from adapters.ictrp.texts import line, plain, prose, whole_name
from adapters.parties import party
from events.identifiers import issued_by
from events.identifiers.links import is_web, leads_to, names_another
from events.identifiers.nothing import Nothing, nothing_named
from events.schemas.eligibility import AgeLimit, Eligibility
from events.schemas.parties import Organisation
from events.schemas.registration import Design, IdentifierClaim, IdentifierKind, Phase, Registration, StudyType
from events.schemas.trial import Home, Status
from events.schemas.wording import cleaned

T = TypeVar("T")

_BOTH = re.compile(r"\bexclusion criteria\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One record, before its values are balanced. The fields are those of `adapters.reading.Parsed`."""

    home: Home
    sender: str
    record: str
    registration: Registration
    status: Status
    retrieved: str | None


def understood(cell: Cursor, meaning: Callable[[str], T | None], otherwise: str) -> T | None:
    """The meaning of the cell's text; a text without one counts as not carried, for the reason `otherwise`."""
    text = cell.text()
    found = meaning(text) if text else None
    if text and found is None:
        cell.give_back(otherwise)
    return found


def word(cell: Cursor, vocabulary: Mapping[str, T], otherwise: str) -> T | None:
    """The meaning of a word, in upper or lower case."""
    return understood(cell, lambda text: vocabulary.get(plain(text)), otherwise)


def study(type_: Cursor, design: Cursor) -> tuple[StudyType | None, Design | None]:
    """Item 15: the type, and the design with the purpose if the word for the type states that instead."""
    word = plain(type_.text() or "")
    found, purpose = words.STUDY_TYPE.get(word), words.PURPOSE.get(word)
    if word and not found and not purpose:
        type_.give_back("neither interventional nor observational, nor a purpose")
    patients = True if word == words.PATIENT_REGISTRY else None
    return found, stated(Design(summary=prose(design), purpose=purpose, patient_registry=patients))


def phase(cell: Cursor, registry: str) -> Phase | None:
    """Item 15."""
    return understood(cell, lambda text: words.phase(text, registry), "no phase")


def status(cell: Cursor, registry: str) -> Status:
    """Item 18, on both axes. A word about neither leaves recruitment unknown."""
    text = cell.text()
    authorisation, recruitment = words.status(text, registry) if text else words.UNTOLD
    if text and (authorisation, recruitment) == words.UNTOLD:
        cell.give_back("does not tell whether recruitment is yet to open, open, paused or closed")
    return Status(authorisation=authorisation, recruitment=recruitment)


def place(cell: Cursor) -> str | None:
    """The code of a country, from a cell with one name."""
    return understood(cell, country, "no country's name")


def sponsor(cell: Cursor, is_person: bool | None = None) -> Organisation | None:
    """Items 4 to 6: a person or an organisation, as stated by the caller, or else judged by the name."""
    name = whole_name(cell)
    return party(name, is_person=is_person) if name else None


def sponsors(cells: Sequence[Cursor]) -> tuple[Organisation, ...] | None:
    """Items 4 and 6, a name in each cell. Empty if each cell says that there is none; None if there is no name."""
    answers = {nothing_named(name) for cell in cells if (name := cell.peek())}
    if not answers or not answers <= {Nothing.NONE, Nothing.NOT_APPLICABLE}:
        return present(map(sponsor, cells))
    for cell in cells:
        cell.keep()
    return ()


def link(cell: Cursor, registry: str, number: str, *, own: bool) -> str | None:
    """The address of the trial's page. `own`: the registry itself states it, and its sites need not be known here."""
    url = line(cell)
    if url is None or leads_to(url, registry, number):
        return url
    if not is_web(url):
        cell.give_back("no address of the web")
    elif names_another(url, number):
        cell.give_back("leads to another trial")
    elif not own:
        cell.give_back("of no site of the registry, and without the number")
    else:
        return url
    return None


def claim(value: str, issuer: str | None) -> IdentifierClaim:
    """Item 3. The kind follows from the grammar of the number, unless the stated issuer can't have issued it."""
    known = issued_by(value, issuer)
    return IdentifierClaim(value=cleaned(value), kind=known.kind if known else IdentifierKind.OTHER, issuer=issuer)


def eligibility(
    inclusion: Cursor, exclusion: Cursor, *, minimum: Cursor, maximum: Cursor, sex: Cursor, registry: str
) -> Eligibility | None:
    """Item 14. One text may have both inclusion and exclusion criteria, as ClinicalTrials.gov sends them."""
    included, excluded, both = prose(inclusion), prose(exclusion), None
    if included and not excluded and _BOTH.search(included.en or included.ja or ""):
        included, both = None, included
    return stated(
        Eligibility(
            inclusion=included,
            exclusion=excluded,
            criteria=both,
            minimum_age=_age(minimum, "minimum", registry),
            maximum_age=_age(maximum, "maximum", registry),
            sex=word(sex, words.SEX, "no sex, nor both"),
        )
    )


def _age(cell: Cursor, side: Literal["minimum", "maximum"], registry: str) -> AgeLimit | None:
    return understood(cell, lambda text: ages.limit(text, side, registry), "no age with its unit")
