"""Sponsors and funders, as an upload names them. TRDS items 4 to 6."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from adapters.ictrp.contacts import opened
from adapters.ictrp.losses import Persons
from adapters.ictrp.sheet import Sheet
from events.schemas.parties import PARTS_OF_NAMES

Stored = Mapping[str, Any]


def primary(sheet: Sheet, main: etree._Element, sponsor: Stored | None, persons: Persons) -> None:
    """Item 5, empty if nobody is known."""
    if sponsor is None:
        sheet.required(main, "primary_sponsor", None)
    else:
        etree.SubElement(main, "primary_sponsor").text = _name(sheet, "primary_sponsor", sponsor, persons)


def secondary(sheet: Sheet, registration: Stored, persons: Persons) -> None:
    """Item 6."""
    sponsors = registration.get("secondary_sponsors", ())
    sheet.each("secondary_sponsor", "sponsor_name", (_name(sheet, "sponsor_name", one, persons) for one in sponsors))


def funders(sheet: Sheet, registration: Stored, persons: Persons) -> None:
    """Item 4, one empty element if nobody is known."""
    if not registration.get("funders"):
        sheet.gap("source_name", "not known; sent empty")
    named = (_name(sheet, "source_name", one, persons) for one in registration.get("funders", ()))
    sheet.each("source_support", "source_name", named)


def _name(sheet: Sheet, tag: str, sponsor: Stored, persons: Persons) -> str:
    """A person's name, or the organisation's. A person's workplace is not a sponsor."""
    if "person" not in sponsor:
        return sheet.words(tag, sponsor["name"]) or ""
    person = opened(sheet, tag, sponsor["person"], persons)
    if parts := [person[part] for part in PARTS_OF_NAMES if part in person]:
        return sheet.clean(tag, " ".join(parts))
    return sheet.words(tag, person.get("name")) or ""
