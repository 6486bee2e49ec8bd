"""Parties of a trial: contacts, sponsors and funders, and the personal data of those that are persons."""

from enum import StrEnum
from typing import Final, Self

from pydantic import ConfigDict, model_validator

from events.schemas.values import CountryCode, Line, Member, Sealed, ShortText, Value


class Person(Value):
    """Personal data of a contact, as it comes in and as a permitted reader gets it. Never stored in clear."""

    name: ShortText | None = None
    family: Line | None = None
    given: Line | None = None
    middle: Line | None = None
    title: Line | None = None
    """Their degree or office, e.g. `MD`, `Principal Investigator`."""
    address: ShortText | None = None
    city: Line | None = None
    country: CountryCode | None = None
    postcode: Line | None = None
    telephone: Line | None = None
    email: Line | None = None


PARTS_OF_NAMES: Final = ("given", "middle", "family")
"""The fields of a name that is told in parts, in the order in which they are read."""


class ContactRole(StrEnum):
    """What a contact answers for. TRDS items 7 and 8."""

    PUBLIC = "public"
    SCIENTIFIC = "scientific"
    SITE = "site"


class Contact(Member):
    """A contact. The organisation is public; the person is sealed before the contact reaches the log."""

    KNOWN_BY = ("person", "affiliation")

    role: ContactRole
    affiliation: ShortText | None = None
    person: Sealed | Person | None = None


class Organisation(Member):
    """A sponsor or funder, as named in a registration: an organisation, or a person.

    A person's name is never in `name`, which is public for ever: `name` is then where they work. `kind` is the
    source's own category.
    """

    KNOWN_BY = ("person", "name")

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["name"]}, {"required": ["person"]}]})

    name: ShortText | None = None
    person: Sealed | Person | None = None
    kind: Line | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.name is None and self.person is None:
            raise ValueError("give the name of the organisation, or the person where it is one")
        return self
