"""Contacts for the public: those of a trial (TRDS item 7), and those of sites that recruit."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.normal_form import nfkc
from events.schemas.parties import PARTS_OF_NAMES, ContactRole
from projections.trial.document import Document
from registry.pages import values
from registry.pages.shown import Passage, bilingual
from registry.pages.words import Words

OF_SITE: Final = frozenset({ContactRole.PUBLIC, ContactRole.SITE})
_BETWEEN_DIGITS: Final = re.compile(r"\(0\)|[\s().\-‐-―−]")
_NUMBER: Final = re.compile(r"\+?[0-9]{5,20}", re.ASCII)
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
"""An e-mail address that needs no escape in a mailto link. RFC 6068."""


@dataclass(frozen=True, slots=True)
class ContactShown:
    """A contact as a page shows it; an unknown value is None."""

    affiliation: Passage | None
    name: Passage | None
    telephone: Passage | None
    email: Passage | None
    address: Passage | None


def for_public(document: Document) -> list[Document]:
    """The trial's contacts for the public's questions, as in the document."""
    return [one for one in document["registration"].get("contacts", ()) if one["role"] == ContactRole.PUBLIC]


def of_site(site: Mapping[str, Any]) -> list[Document]:
    """The contacts of a site for people who want to take part there."""
    return [one for one in site.get("contacts", ()) if one["role"] in OF_SITE]


def contacts_shown(words: Words, opened: Iterable[Mapping[str, Any]]) -> tuple[ContactShown, ...]:
    """Contacts in clear, in words. For one who was forgotten, or can't be shown here, the page says so."""
    return tuple(_shown(words, one) for one in opened)


def _shown(words: Words, contact: Mapping[str, Any]) -> ContactShown:
    person = contact.get("person", {})
    gone = [why for why in ("erased", "closed") if person.get(why) is True]
    named = not person.keys().isdisjoint(("name", *PARTS_OF_NAMES))
    return ContactShown(
        affiliation=bilingual(words, contact["affiliation"]) if "affiliation" in contact else None,
        name=Passage(words.say(f"contact.{gone[0]}")) if gone else values.person(words, person) if named else None,
        telephone=_linked(person.get("telephone"), telephone_link),
        email=_linked(person.get("email"), email_link),
        address=_address(words, person),
    )


def _linked(text: str | None, link: Callable[[str], str]) -> Passage | None:
    return None if text is None else Passage(text, link=link(text))


def telephone_link(text: str) -> str:
    """A `tel:` link to the number (RFC 3966); empty if the text has more than one number."""
    plain = _BETWEEN_DIGITS.sub("", nfkc(text))
    return f"tel:{plain}" if _NUMBER.fullmatch(plain) else ""


def email_link(text: str) -> str:
    """A `mailto:` link to the address; empty if it is not one."""
    return f"mailto:{text.strip()}" if _MAILBOX.fullmatch(text.strip()) else ""


def _address(words: Words, person: Mapping[str, Any]) -> Passage | None:
    street = bilingual(words, person["address"]).text if "address" in person else ""
    country = words.country(person["country"]) if "country" in person else ""
    parts = [part for part in (person.get("postcode"), street, person.get("city"), country) if part]
    return Passage(words.say("value.separator").join(parts)) if street or "city" in person else None
