"""The contacts of an upload. TRDS items 7 and 8."""

from collections.abc import Mapping

from lxml import etree

from adapters import countries
from adapters.ictrp.codes import CONTACT_TYPE
from adapters.ictrp.sheet import Sheet
from events.schemas.values import Contact, Person, Sealed

Persons = Mapping[str, Person | None]
"""Opened persons by the text that was sealed; None where the person's key is destroyed."""

_EXPECTED = ("lastname", "address", "city", "country1", "zip", "telephone", "email", "affiliation")


def contacts(sheet: Sheet, registered: tuple[Contact, ...] | None, persons: Persons) -> None:
    """Both types are there, empty only where nobody is known. Contacts of single sites are not sent."""
    group = sheet.group("contacts")
    for role, type_ in CONTACT_TYPE.items():
        told = [_told(sheet, type_, contact, persons) for contact in registered or () if contact.role is role]
        if not any(told):
            sheet.gap(type_, "no contact of this type; sent empty")
            _contact(sheet, group, type_, {})
        for found in filter(None, told):
            if missing := [tag for tag in _EXPECTED if not found.get(tag)]:
                sheet.gap(type_, f"sent without {', '.join(missing)}")
            _contact(sheet, group, type_, found)


def _told(sheet: Sheet, type_: str, contact: Contact, persons: Persons) -> dict[str, str]:
    """What the contact tells by element; nothing for one of whom nothing is known."""
    person = _opened(sheet, type_, contact, persons)
    found = _person(sheet, type_, person) if person else {}
    found["affiliation"] = sheet.words(type_, contact.affiliation)
    return {tag: text for tag, content in found.items() if (text := sheet.clean(type_, content))}


def _opened(sheet: Sheet, type_: str, contact: Contact, persons: Persons) -> Person | None:
    match contact.person:
        case Sealed(sealed=sealed):
            person = persons[sealed]
            if person is None:
                sheet.gap(type_, "the person's data is erased")
            return person
        case person:
            return person


def _person(sheet: Sheet, type_: str, person: Person) -> dict[str, str | None]:
    """A name that is not stated in parts goes whole into the last name: to part it would be to guess."""
    given, family = sheet.clean(type_, person.given), sheet.clean(type_, person.family)
    return {
        "firstname": given,
        "lastname": family if given or family else sheet.words(type_, person.name),
        "address": sheet.words(type_, person.address),
        "city": person.city,
        "country1": countries.names().get(person.country, person.country) if person.country else None,
        "zip": person.postcode,
        "telephone": person.telephone,
        "email": person.email,
    }


def _contact(sheet: Sheet, group: etree._Element, type_: str, found: Mapping[str, str | None]) -> None:
    element = etree.SubElement(group, "contact")
    sheet.leaf(element, "type", type_, type_)
    for tag in ("firstname", "middlename", *_EXPECTED):
        sheet.leaf(element, tag, found.get(tag), type_)
