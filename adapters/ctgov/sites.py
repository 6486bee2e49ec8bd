"""Contacts, sites and countries, from a contacts and locations module. TRDS items 7, 8 and 11."""

from typing import Any

from adapters import countries
from adapters.ctgov import codes
from adapters.cursor import Cursor, stated
from events.schemas.parties import Contact, ContactRole, Person
from events.schemas.status import RecruitmentStatus
from events.schemas.trial import Place, SiteAsImported
from events.schemas.values import Text


def contact(item: Cursor, role: ContactRole) -> Contact | None:
    """A contact or an official; None if it names no person and no organisation."""
    affiliation = item.at("affiliation").english()
    details = _details(item)
    if not any(details.values()) and affiliation is None:
        item.give_back("a contact that names nobody")
        return None
    person = Person(**details, title=item.at("role").word(codes.CONTACT_TITLE))
    return Contact(role=role, affiliation=affiliation, person=stated(person))


def _details(item: Cursor) -> dict[str, Any]:
    name, email = item.at("name").english(), item.at("email").text()
    phone, extension = item.at("phone").text(), item.at("phoneExt").text()
    telephone = f"{phone or ''} ext. {extension}".strip() if extension else phone
    return {"name": name, "telephone": telephone, "email": email}


def sites(module: Cursor) -> tuple[SiteAsImported, ...]:
    """The locations in their order, which alone identifies them: the trial here gives them ids."""
    found: list[SiteAsImported] = []
    for location in module.each("locations"):
        site = _site(location, str(len(found) + 1))
        if site is None:
            location.give_back("a location without a name or a place")
        else:
            found.append(site)
    return tuple(found)


def _site(location: Cursor, called: str) -> SiteAsImported | None:
    words = [location.at(key).text() for key in ("facility", "city", "state", "zip", "country")]
    facility, city, state, postcode, _ = words
    name = facility or ", ".join(word for word in words if word)
    if not name:
        return None
    place = Place(
        city=city,
        region=state,
        postcode=postcode,
        country=_country(location),
        latitude=location.at("geoPoint", "lat").degrees(),
        longitude=location.at("geoPoint", "lon").degrees(),
    )
    people = [person for item in location.each("contacts") if (person := contact(item, ContactRole.SITE))]
    return SiteAsImported(
        site=called,
        name=Text(en=name),
        place=stated(place),
        contacts=tuple(people) or None,
        recruitment=location.at("status").word(codes.SITE_STATUS) or RecruitmentStatus.UNKNOWN,
    )


def _country(location: Cursor) -> str | None:
    """The country by its code, which is newer than the name and often absent, or else by its name."""
    code, named = location.at("countryCode"), location.at("country")
    if code.peek() in countries.names():
        named.give_back("the code says it")
        return code.text()
    name = named.text()
    found = name and countries.code_of(name)
    if name and not found:
        named.give_back("not a country's name in CLDR or ClinicalTrials.gov's spelling")
    return found or None


def recruiting_countries(found: tuple[SiteAsImported, ...]) -> tuple[str, ...] | None:
    """The countries of the sites, each once, in order of first mention; None if no site has one."""
    named = (site.place.country for site in found if site.place and site.place.country)
    return tuple(dict.fromkeys(named)) or None
