"""A registration and its status as readers get them: persons and texts in clear, or why they can't be read."""

from typing import Literal

from events.schemas.ctgov import CtgovExtension
from events.schemas.parties import Contact, Organisation, Person
from events.schemas.registration import EthicsReview, Registration
from events.schemas.trial import Status
from events.schemas.values import Text, Value


class PublicPerson(Person):
    """A person of the public record, or the statement that their data was here, or is here and not to be opened."""

    person: str | None = None
    """Opaque id, to be named in a request for erasure."""
    erased: Literal[True] | None = None
    closed: Literal[True] | None = None
    """Only an audience may open it, or only a later version of this program can."""


class TakenBack(Value):
    """What stands in place of a text that was taken back, or that can't be opened here."""

    text: str | None = None
    """Opaque id of the text."""
    erased: Literal[True] | None = None
    closed: Literal[True] | None = None
    withheld: Literal[True] | None = None
    """Its site asked to take it back, and the registry's office has not decided."""


class PublicStatus(Status):
    """A trial's status on both axes, with its reason in clear."""

    why: Text | TakenBack | None = None  # type: ignore[assignment]


class PublicContact(Contact):
    """A contact with its person in clear."""

    person: PublicPerson | None = None


class PublicOrganisation(Organisation):
    """A sponsor or funder, a person in clear."""

    person: PublicPerson | None = None


class PublicEthicsReview(EthicsReview):
    """A committee's review with its contact in clear. TRDS item 21."""

    contact: PublicContact | None = None


class PublicExtension(CtgovExtension):
    """What ClinicalTrials.gov says beyond the items, with its persons in clear."""

    organisation: PublicOrganisation | None = None
    unposted_party: PublicOrganisation | None = None
    results_contact: PublicContact | None = None


class PublicRegistration(Registration):
    """The registered data set with its persons in clear."""

    funders: tuple[PublicOrganisation, ...] | None = None  # TRDS item 4
    primary_sponsor: PublicOrganisation | None = None  # TRDS item 5
    secondary_sponsors: tuple[PublicOrganisation, ...] | None = None  # TRDS item 6
    contacts: tuple[PublicContact, ...] | None = None  # TRDS items 7 and 8
    ethics_reviews: tuple[PublicEthicsReview, ...] | None = None  # TRDS item 21
    ctgov: PublicExtension | None = None
