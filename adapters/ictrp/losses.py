"""What the upload cannot say: the gaps of one trial, and the fields of a registration it has no element for."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.cursor import Path, scalars, written
from adapters.ictrp.codes import first_universal_number, universal_number
from events.schemas.registration import OutcomeRank
from events.schemas.values import ContactRole


@dataclass(frozen=True, slots=True)
class Gap:
    """One item of one trial that was sent empty, or otherwise than it is registered."""

    trial: str
    """The registration number."""
    item: str
    """Number of the TRDS item and the upload's element: `16 date_enrolment`."""
    what: str


NO_ELEMENT = (
    "actual_size",
    "completion",
    "conditions[].codes[].system",
    "contacts[].title",
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
    "funders[].kind",
    "identifiers[].kind",
    "identifiers[].source",
    "identifiers[].url",
    "interventions[].codes[].system",
    "legal_regime",
    "plain_summary",
    "primary_completion",
    "primary_sponsor.kind",
    "references",
    "research_aim",
    "results",
    "secondary_sponsors[].kind",
)
"""Fields that no element of the 2009 upload takes. TRDS items 21 to 24 came in 2017, without a published DTD."""


def unsent(registration: Mapping[str, Any]) -> Counter[str]:
    """How many values of a stored registration the upload does not take, by field."""
    values = dict(scalars(registration))
    dropped = set(_dropped(registration))
    return Counter(
        written(path)
        for path in values
        if _has_no_element(written(path))
        or path[:2] in dropped
        or path[:3] in dropped
        # A text is sent once, in English where there is English.
        or (path[-1] == "ja" and (*path[:-1], "en") in values)
    )


def _has_no_element(field: str) -> bool:
    return any(field == name or field.startswith((f"{name}.", f"{name}[")) for name in NO_ELEMENT)


def _dropped(registration: Mapping[str, Any]) -> Iterator[Path]:
    """What is left out of a list or an object whose other members are sent."""
    for index, outcome in enumerate(registration.get("outcomes", ())):
        if outcome["rank"] == OutcomeRank.OTHER:
            yield "outcomes", index
    for index, contact in enumerate(registration.get("contacts", ())):
        if contact["role"] == ContactRole.SITE:
            yield "contacts", index
    if registration.get("eligibility", {}).keys() & {"inclusion", "exclusion"}:
        yield "eligibility", "criteria"
    claims = registration.get("identifiers", ())
    universal = first_universal_number(claim["value"] for claim in claims)
    for index, claim in enumerate(claims):
        if universal and universal_number(claim["value"]) == universal:
            yield "identifiers", index, "issuer"
