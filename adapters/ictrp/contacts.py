"""The contacts of an upload. TRDS items 7 and 8."""

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from adapters import countries
from adapters.ictrp.codes import CONTACT_TYPE
from adapters.ictrp.losses import Persons
from adapters.ictrp.sheet import Sheet
from events.schemas.parties import PARTS_OF_NAMES

_EXPECTED = ("lastname", "address", "city", "country1", "zip", "telephone", "email", "affiliation")
_PARTS = ("firstname", "middlename", *_EXPECTED)


def contacts(sheet: Sheet, registered: Iterable[Mapping[str, Any]], persons: Persons) -> None:
    """Both types of contacts, empty only if nobody is known. Contacts of single sites are not sent."""
    group = sheet.group("contacts")
    for role, type_ in CONTACT_TYPE.items():
        contents = [_content(sheet, type_, contact, persons) for contact in registered if contact["role"] == role]
        if not any(contents):
            sheet.gap(type_, "no contact of this type; sent empty")
            _contact(sheet, group, type_, {})
        for content in filter(None, contents):
            if missing := [tag for tag in _EXPECTED if not content.get(tag)]:
                sheet.gap(type_, f"sent without {', '.join(missing)}")
            _contact(sheet, group, type_, content)


def _content(sheet: Sheet, type_: str, contact: Mapping[str, Any], persons: Persons) -> dict[str, str]:
    """The contact's content by element; empty for a contact without any."""
    person = opened(sheet, type_, contact.get("person", {}), persons)
    found = _person(sheet, type_, person) if person else {}
    found["affiliation"] = sheet.words(type_, contact.get("affiliation"))
    return {tag: text for tag, content in found.items() if (text := sheet.clean(type_, content))}


def opened(sheet: Sheet, tag: str, stored: Mapping[str, Any], persons: Persons) -> Mapping[str, Any]:
    """A person in clear; if they can't be opened, None, which is reported."""
    if "sealed" not in stored:
        return stored
    person = persons[stored["sealed"]]
    if person is None:
        sheet.gap(tag, "the person's data is erased or closed")
        return {}
    return person.to_stored()


def _person(sheet: Sheet, type_: str, person: Mapping[str, Any]) -> dict[str, str | None]:
    """A name that is not stated in parts goes whole into the last name: to divide it would be a guess."""
    given_name, middle_name, family_name = (sheet.clean(type_, person.get(part)) for part in PARTS_OF_NAMES)
    country = person.get("country")
    return {
        "firstname": given_name,
        "middlename": middle_name,
        "lastname": family_name if given_name or middle_name or family_name else sheet.words(type_, person.get("name")),
        "address": sheet.words(type_, person.get("address")),
        "city": person.get("city"),
        "country1": countries.names().get(country, country) if country else None,
        "zip": person.get("postcode"),
        "telephone": person.get("telephone"),
        "email": person.get("email"),
    }


def _contact(sheet: Sheet, group: etree._Element, type_: str, content: Mapping[str, str]) -> None:
    element = etree.SubElement(group, "contact")
    etree.SubElement(element, "type").text = type_
    for tag in _PARTS:
        etree.SubElement(element, tag).text = content.get(tag, "")
