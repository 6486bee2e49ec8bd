"""What the upload cannot say: the gaps of one trial, and the fields of a registration it has no element for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

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


NO_ELEMENT: Final = frozenset(
    (
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
)
"""Fields that no element of the 2009 upload takes. TRDS items 21 to 24 came in 2017, without a published DTD."""

_WITHOUT: Final = {
    group: frozenset(name.removeprefix(f"{group}.") for name in NO_ELEMENT if name.rpartition(".")[0] == group)
    for group in {name.rpartition(".")[0] for name in NO_ELEMENT}
}
"""The same by the object that they are members of."""
_NOTHING: Final = frozenset[str]()
_JAPANESE: Final = frozenset(["ja"])
"""A text is sent once, in English where there is English."""


def unsent(registration: Mapping[str, Any]) -> Counter[str]:
    """How many values of a stored registration the upload does not take, by field."""
    lost, dropped = Counter(_issuers(registration)), {id(part) for part in _dropped(registration)}
    pending: list[tuple[Any, str, bool]] = [(registration, "", False)]
    for here, name, gone in pending:
        if isinstance(here, dict):
            pending.extend(_members(here, name, gone, dropped))
        elif isinstance(here, list):
            pending.extend((item, f"{name}[]", gone or id(item) in dropped) for item in here)
        elif gone:
            lost[name] += 1
    return lost


def _members(here: Mapping[str, Any], name: str, gone: bool, dropped: Set[int]) -> Iterator[tuple[Any, str, bool]]:
    """What has members of its own, and what is not sent: most values are sent, and need no name."""
    without = _WITHOUT.get(name, _NOTHING)
    if "ja" in here and "en" in here:
        without = _JAPANESE
    for key, value in here.items():
        holds = isinstance(value, (dict, list))
        left = gone or key in without or (holds and id(value) in dropped)
        if holds or left:
            yield value, f"{name}.{key}" if name else key, left


def _dropped(registration: Mapping[str, Any]) -> Iterator[Any]:
    """What is left out of a list or an object whose other members are sent."""
    yield from (one for one in registration.get("outcomes", ()) if one["rank"] == OutcomeRank.OTHER)
    yield from (one for one in registration.get("contacts", ()) if one["role"] == ContactRole.SITE)
    eligibility = registration.get("eligibility", {})
    if eligibility.keys() & {"inclusion", "exclusion"}:
        yield eligibility.get("criteria", {})


def _issuers(registration: Mapping[str, Any]) -> Iterator[str]:
    """A universal trial number has an element of its own, without its issuer."""
    claims = registration.get("identifiers", ())
    universal = first_universal_number(claim["value"] for claim in claims)
    for claim in claims:
        if universal and universal_number(claim["value"]) == universal and "issuer" in claim:
            yield "identifiers[].issuer"
