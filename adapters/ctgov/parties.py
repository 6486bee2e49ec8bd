"""Numbers, organisations and contacts of a study. TRDS items 3 to 8."""

from adapters.ctgov import codes
from adapters.ctgov.sites import contact
from adapters.cursor import Cursor, present, stated
from adapters.parties import by_class, party
from events.identifiers import issued_by
from events.identifiers.nothing import no_acronym, nothing, nothing_named
from events.schemas.parties import Contact, ContactRole, Organisation, Person
from events.schemas.registration import IdentifierClaim, IdentifierKind

REGISTRY = "ctgov"


def identifiers(identity: Cursor) -> tuple[IdentifierClaim, ...] | None:
    """Item 3."""
    return present(
        [
            _own_number(identity),
            *(_secondary(item) for item in identity.each("secondaryIdInfos")),
            *(_alias(item) for item in identity.each("nctIdAliases")),
        ]
    )


def _own_number(identity: Cursor) -> IdentifierClaim | None:
    info = identity.at("orgStudyIdInfo")
    value = _number(info.at("id"))
    if value is None:
        return None
    grant = info.at("type").word(codes.ORGANISATION_ID)
    entered_by = organisation(identity.at("organization"), "fullName")
    named = entered_by.name.en if entered_by and entered_by.name else None
    kind, issuer = grant or (IdentifierKind.SPONSOR, named)
    return IdentifierClaim(value=value, kind=kind, issuer=issuer, url=info.at("link").text())


def _secondary(info: Cursor) -> IdentifierClaim | None:
    value = _number(info.at("id"))
    if value is None:
        info.give_back("a secondary number without the number")
        return None
    kind, issuer = info.at("type").word(codes.SECONDARY_ID) or (IdentifierKind.OTHER, None)
    url, domain = info.at("link").text(), info.at("domain")
    is_named = nothing_named(domain.peek()) is None
    named = domain.peek() or issuer if is_named else None
    if known := issued_by(value, named):
        domain.give_back("the number itself says who issued it")
        return IdentifierClaim(value=value, kind=known.kind, issuer=known.registry, url=url)
    if domain.text() and not is_named:
        domain.give_back("a word in place of a name")
    return IdentifierClaim(value=value, kind=kind, issuer=named or issuer, url=url)


def acronym(cell: Cursor) -> str | None:
    """Item 9. A word for "none" is not an acronym."""
    text = cell.text()
    if text and no_acronym(text):
        cell.give_back("says that there is none")
        return None
    return text


def _number(cell: Cursor) -> str | None:
    """The number; None for a word that means "none"."""
    value = cell.text()
    if value and nothing(value):
        cell.give_back("says that there is no number")
        return None
    return value


def _alias(item: Cursor) -> IdentifierClaim | None:
    """A former number of the trial: the registry itself claims that it is this trial's."""
    value = _number(item)
    if value is None:
        return None
    return IdentifierClaim(value=value, kind=IdentifierKind.REGISTRY, issuer=REGISTRY, source=REGISTRY)


def organisation(item: Cursor, key: str = "name") -> Organisation | None:
    """Items 5 and 6: the sponsors, each an organisation or a person by its class."""
    name, kind = item.at(key).english(), item.at("class").word(codes.AGENCY)
    return party(name, kind=kind, is_person=by_class(kind)) if name else None


def contacts(protocol: Cursor) -> tuple[Contact, ...] | None:
    """Items 7 and 8."""
    module = protocol.at("contactsLocationsModule")
    return present(
        [
            *(contact(item, ContactRole.PUBLIC) for item in module.each("centralContacts")),
            *(contact(item, ContactRole.SCIENTIFIC) for item in module.each("overallOfficials")),
            *_responsible(protocol.at("sponsorCollaboratorsModule", "responsibleParty")),
        ]
    )


def _responsible(party: Cursor) -> list[Contact]:
    """The responsible party if it is a person; before 2011 one field held the name and the title."""
    found = []
    for name_key, organisation_key in (
        ("investigatorFullName", "investigatorAffiliation"),
        ("oldNameTitle", "oldOrganization"),
    ):
        name, organisation = party.at(name_key).english(), party.at(organisation_key).english()
        if name or organisation:
            title = party.at("investigatorTitle").text() if name_key == "investigatorFullName" else None
            person = stated(Person(name=name, title=title))
            found.append(Contact(role=ContactRole.SCIENTIFIC, affiliation=organisation, person=person))
    return found
