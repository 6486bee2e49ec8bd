"""Losses of an upload: the fields of a registration that it has no element for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.ictrp.codes import first_universal_number, universal_number
from events.schemas.fields import TEXTS
from events.schemas.items import DERIVED
from events.schemas.languages import first, in_order
from events.schemas.parties import PARTS_OF_NAMES, ContactRole, Person
from events.schemas.registration import OutcomeRank
from events.sealing import is_sealed, replace

Persons = Mapping[str, Person | None]
"""Opened persons by the sealed text; None if they can't be opened."""

_OF_SPONSORS: Final = tuple(
    f"{field}.{name}"
    for field in ("funders[]", "primary_sponsor", "secondary_sponsors[]")
    for name in (
        "kind", "person.title", "person.address", "person.city", "person.country", "person.postcode",
        "person.telephone", "person.email",
    )
)  # fmt: skip
NO_ELEMENT: Final = frozenset(
    (
        "actual_size",
        "completion",
        "conditions[].codes[].system",
        "contacts[].person.title",
        "ctgov",
        "data_monitoring_committee",
        "data_sharing",
        "description",
        "design.follow_up",
        "design.patient_registry",
        "eligibility.gender_description",
        "eligibility.healthy_volunteers",
        "eligibility.population",
        "eligibility.sampling",
        "ethics_reviews",
        "extensions",
        "identifiers[].kind",
        "identifiers[].source",
        "identifiers[].url",
        "interventions[].codes[].system",
        "legal_regime",
        "plain_summary",
        "primary_completion",
        "references",
        "research_aim",
        "results",
        *_OF_SPONSORS,
    )
)
"""Fields that no element of the 2009 upload takes. TRDS items 21 to 24 came in 2017, without a published DTD."""

_WITHOUT: Final = {
    within: frozenset(name.removeprefix(within) for name in NO_ELEMENT if name.rpartition(".")[0] == within.rstrip("."))
    for within in {"".join(name.rpartition(".")[:2]) for name in NO_ELEMENT}
}
"""Members without an element, by the path before their names: `conditions[].codes[].` to `system`."""
_NOTHING: Final = frozenset[str]()


def unsent(registration: Mapping[str, Any], persons: Persons) -> list[str]:
    """The field of each value of a stored registration that the upload does not take, as often as there are values.

    Of a sealed person the fields in `persons` are counted.
    """
    registration = replace(registration, is_sealed, lambda one: _opened(one, persons)) if persons else registration
    lost, dropped = [*_issuers(registration), *_sizes(registration)], {id(part) for part in _dropped(registration)}
    pending: list[tuple[Any, str, bool]] = [(registration, "", False)]
    for here, within, gone in pending:
        if not gone and within.rstrip("[].").rpartition(".")[2] in TEXTS:
            # A text is sent once, in English if there is English.
            lost.extend(f"{within}{language}" for language in in_order(here) if language != first(here, "en"))
            continue
        without = _WITHOUT.get(within, _NOTHING)
        for key, value in here.items():
            if key in DERIVED:
                continue
            omitted = gone or key in without
            if isinstance(value, dict):
                pending.append((value, f"{within}{key}.", omitted or id(value) in dropped))
            elif isinstance(value, list):
                items = [one for one in value if isinstance(one, dict)]
                pending.extend((one, f"{within}{key}[].", omitted or id(one) in dropped) for one in items)
                if omitted:
                    lost.extend([f"{within}{key}[]"] * (len(value) - len(items)))
            elif omitted:
                lost.append(f"{within}{key}")
    return lost


def _opened(sealed: Mapping[str, Any], persons: Persons) -> Mapping[str, Any]:
    person = persons.get(sealed["sealed"])
    return sealed if person is None else person.to_stored()


def _dropped(registration: Mapping[str, Any]) -> Iterator[Any]:
    """The members that are left out of a list or an object whose other members are sent."""
    yield from (one for one in registration.get("outcomes", ()) if one["rank"] == OutcomeRank.OTHER)
    yield from (one for one in registration.get("contacts", ()) if one["role"] == ContactRole.SITE)
    yield from _names(registration)
    eligibility = registration.get("eligibility", {})
    if eligibility.keys() & {"inclusion", "exclusion"}:
        yield eligibility.get("criteria", {})


def _names(registration: Mapping[str, Any]) -> Iterator[Any]:
    """A name in parts is sent so, and not whole; a person's employer is not sent as the sponsor."""
    sponsors = [*registration.get("funders", ()), *registration.get("secondary_sponsors", ())]
    sponsors += [registration["primary_sponsor"]] if "primary_sponsor" in registration else []
    yield from (one["name"] for one in sponsors if "name" in one and "person" in one)
    for person in (one.get("person", {}) for one in [*sponsors, *registration.get("contacts", ())]):
        if "name" in person and not person.keys().isdisjoint(PARTS_OF_NAMES):
            yield person["name"]


def _sizes(registration: Mapping[str, Any]) -> Iterator[str]:
    """There is one element for a number of participants, which the planned one takes first."""
    if {"unspecified_size", "planned_size"} <= registration.keys():
        yield "unspecified_size"


def _issuers(registration: Mapping[str, Any]) -> Iterator[str]:
    """A universal trial number has an element of its own, without its issuer."""
    claims = registration.get("identifiers", ())
    universal = first_universal_number(claim["value"] for claim in claims)
    for claim in claims:
        if universal and universal_number(claim["value"]) == universal and "issuer" in claim:
            yield "identifiers[].issuer"
