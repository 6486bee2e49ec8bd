"""Values that WHO's web export joins into one text with `;`, separated if that is safe, else kept whole."""

import re
from collections.abc import Mapping
from typing import Final

from adapters.cursor import Cursor, stated
from adapters.ictrp import places
from adapters.ictrp.reading import claim
from adapters.ictrp.texts import (
    LONGEST,
    LONGEST_NUMBER,
    NO_NAME,
    NO_NUMBER,
    address_part,
    column,
    line,
    name,
    parts,
    within,
    worded,
)
from adapters.parties import party
from events.identifiers import identify
from events.identifiers.nothing import Nothing, nothing, nothing_named
from events.schemas.parties import Contact, ContactRole, Organisation, Person
from events.schemas.registration import Condition, IdentifierClaim, Intervention, Outcome, OutcomeRank
from events.schemas.wording import blank

_KINDS: Final = (
    "behavioral", "biological", "combination_product", "device", "diagnostic_test", "dietary_supplement", "drug",
    "genetic", "procedure", "radiation", "other",
)  # fmt: skip
"""ClinicalTrials.gov puts one before the name of each intervention: `Dietary Supplement: Zinc`."""
_KIND: Final = f"(?:{'|'.join(kind.replace('_', ' ') for kind in _KINDS)}):"
_BEGINS: Final = re.compile(_KIND, re.IGNORECASE)
_BETWEEN: Final = re.compile(f";(?={_KIND})", re.IGNORECASE)
PERSONS: Final = (
    "Contact_Firstname", "Contact_Lastname", "Contact_Address", "Contact_Email", "Contact_Tel", "Contact_Affiliation"
)  # fmt: skip
NAMES: Final = frozenset(["Contact_Firstname", "Contact_Lastname"])


def conditions(cell: Cursor, registry: str) -> tuple[Condition, ...] | None:
    """Item 12. Only ClinicalTrials.gov's are joined by WHO; elsewhere a `;` is the registrant's."""
    text = within(cell, LONGEST) or ""
    names = parts(text) if registry == "ctgov" else [text]
    return tuple(Condition(name=worded(one.strip())) for one in names if one) or None


def interventions(cell: Cursor) -> tuple[Intervention, ...] | None:
    """Item 13: one for each known kind if the text begins with one (`Drug: X;Device: Y`), else one text."""
    text = within(cell, LONGEST)
    if text is None:
        return None
    found = _BETWEEN.split(text) if _BEGINS.match(text) else [text]
    return tuple(_intervention(one.strip()) for one in found)


def _intervention(text: str) -> Intervention:
    kind, _, called = text.partition(":")
    known = kind.lower().replace(" ", "_")
    if known in _KINDS and not blank(called):
        return Intervention(name=worded(called.strip()), kind=known)
    return Intervention(name=worded(text))


def outcomes(cell: Cursor, rank: OutcomeRank, registry: str) -> tuple[Outcome, ...]:
    """Items 19 and 20. ChiCTR's form has a row for each, and each row ends in `;`; elsewhere a `;` may be anyone's."""
    text = within(cell, LONGEST)
    if text is None:
        return ()
    found = parts(text) if registry == "chictr" and text.endswith(";") else [text]
    return tuple(Outcome(rank=rank, measure=worded(one.strip())) for one in found)


def sponsors(cell: Cursor) -> tuple[Organisation, ...] | None:
    """Items 4 and 6: persons and organisations, judged by their names; none if the cell says so."""
    text = within(cell, LONGEST) or ""
    names = [one.strip() for one in parts(text) if one]
    instead = [nothing_named(one) for one in names]
    organisations = tuple(party(worded(one)) for one, word in zip(names, instead, strict=True) if not word)
    if organisations:
        if any(instead):
            cell.give_back("in part no name")
        return organisations
    if Nothing.UNKNOWN in instead:
        cell.give_back(NO_NAME[Nothing.UNKNOWN])
        return None
    return () if instead else None


def claims(cell: Cursor) -> tuple[IdentifierClaim, ...]:
    """Item 3. WHO leaves out the issuer of a number; the grammar knows it for the numbers of registries.

    Some cells have sentences among the numbers: a part that is too long for a number counts as not carried.
    """
    found = [one.strip() for one in parts(line(cell) or "") if one]
    if any(len(one) > LONGEST_NUMBER for one in found):
        cell.give_back(f"in part longer than {LONGEST_NUMBER} characters")
    numbers = [one for one in found if not nothing(one)]
    if len(numbers) < len(found):
        cell.give_back(f"in part {NO_NUMBER}" if numbers else NO_NUMBER)
    short = [one for one in numbers if len(one) <= LONGEST_NUMBER]
    return tuple(claim(one, known.registry if (known := identify(one)) else None) for one in short)


def countries(cell: Cursor, registry: str) -> tuple[str, ...] | None:
    """Item 11. A cell with a name that is no country's counts as not carried, though the others of it are kept."""
    names = places.names(cell.text() or "", registry)
    codes = [places.country(one) for one in names]
    known = tuple(dict.fromkeys(code for code in codes if code))
    if None in codes:
        cell.give_back("in part no country's name" if known else "no country's name")
    return known or None


def contacts(record: Cursor) -> tuple[Contact, ...] | None:
    """Items 7 and 8, which WHO merges without each contact's purpose: all are taken as contacts for the public.

    The lists are parallel. If all have the same number of parts they are as many persons, else one with the whole
    texts.
    """
    texts = {tag: text for tag in PERSONS if (text := _unless_nothing(record.at(tag)))}
    columns = {tag: column(text) for tag, text in texts.items()}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        return (_contact(texts),) if texts else None
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return tuple(_contact(row) for row in rows if any(row.values()))


def _unless_nothing(cell: Cursor) -> str | None:
    return name(cell) if cell.step in NAMES else address_part(cell)


def _contact(found: Mapping[str, str]) -> Contact:
    """A name in only one column is a whole name, not a given name."""
    first, last = found.get("Contact_Firstname"), found.get("Contact_Lastname")
    whole = None if first and last else first or last
    address, affiliation = found.get("Contact_Address"), found.get("Contact_Affiliation")
    person = Person(
        name=worded(whole) if whole else None,
        given=first if first and last else None,
        family=last if first and last else None,
        address=worded(address) if address else None,
        email=found.get("Contact_Email") or None,
        telephone=found.get("Contact_Tel") or None,
    )
    return Contact(
        role=ContactRole.PUBLIC, affiliation=worded(affiliation) if affiliation else None, person=stated(person)
    )
