"""Every value of a registration is sent or counted as having no element, shown by changing each one."""

import copy
from collections import Counter
from typing import Any

from lxml import etree

from adapters.ctgov.parse import parse
from adapters.cursor import written
from adapters.ictrp.losses import unsent
from adapters.ictrp.render import render
from adapters.reading import Parsed
from events.schemas.registration import Registration
from tests.support.ctgov import FULL, encode, leaves
from tests.support.ictrp import SENDER, adopted
from tests.support.trials import without_items

ANOTHER = {
    "contacts[].role": "site",
    "contacts[].person.country": "FR",
    "countries[]": "FR",
    "data_sharing.plan": "no",
    "eligibility.maximum_age": {"value": 90, "unit": "years", "inclusive": True},
    "eligibility.minimum_age": {"value": 1, "unit": "years", "inclusive": True},
    "eligibility.minimum_age.unit": "days",
    "eligibility.sex": "male",
    "ethics_reviews[].status": "not_available",
    "first_enrolment.kind": "actual",
    "completion.kind": "actual",
    "identifiers[].kind": "other",
    "legal_regime": "unclassified",
    "outcomes[].rank": "other",
    "phase": "4",
    "primary_completion.kind": "actual",
    "research_aim": "unclassified",
    "study_type": "observational",
}
"""Another value for fields that do not accept any text."""
STEERING = ("identifiers[].kind",)
"""It is not sent itself, but decides which number is the universal one."""


def changed(document: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    here: Any = document["registration"]
    for step in path[:-1]:
        here = here[step]
    match here[path[-1]]:
        case bool() as flag:
            other: Any = not flag
        case int() as number:
            other = number + 1
        case str() as text if path[-1] in ("date", "decided", "posted", "protocol_date"):
            other = f"{int(text[:4]) + 1}{text[4:]}"
        case text:
            other = ANOTHER.get(written(path), f"{text} more")
    here[path[-1]] = other
    return document


def sent(document: dict[str, Any]) -> Any:
    result = render(document, {}, SENDER)
    return etree.tostring(result.element), result.gaps


BESIDES = {
    "scientific_acronym": "Z",
    "funders": [
        {"name": {"ja": "省", "en": "A ministry"}, "kind": "government"},
        {
            "name": {"en": "A hospital"},
            "kind": "individual",
            "person": {"name": {"en": "Alan Turing"}, "family": "Turing", "email": "a@example.org"},
        },
    ],
    "intervention_keywords": [{"en": "lozenge"}],
    "actual_size": 7,
    "unspecified_size": 8,
    "ethics_reviews": [{"status": "approved", "decided": "2026-01-05", "committee": {"en": "A committee"}}],
    "research_aim": "technique",
    "legal_regime": "other",
    "contacts": [
        {
            "role": "public",
            "affiliation": {"en": "Example Hospital"},
            "person": {
                "family": "Hopper",
                "given": "Grace",
                "middle": "Brewster",
                "title": "Dr",
                "address": {"en": "1-1 Example"},
                "city": "Tokyo",
                "country": "JP",
                "postcode": "100-0001",
                "telephone": "03-0000-0000",
                "email": "g@example.org",
            },
        }
    ],
    "extensions": {"a-partner": {"approval": {"number": "CRB-1"}}},
}
"""Values that a registration may have and an import from ClinicalTrials.gov lacks, or has only in part."""


def test_what_has_an_element_changes_what_is_sent_and_what_has_none_does_not() -> None:
    (one,) = parse([encode(FULL)], "file")
    assert isinstance(one, Parsed)
    document = adopted(one, "JP-1")
    registration = document["registration"] = without_items({**document["registration"], **BESIDES})
    assert set(registration) == set(Registration.model_fields)
    total, lost = Counter(written(path) for path in leaves(registration)), Counter(unsent(registration, {}))
    assert lost <= total
    without = {**document, "registration": {name: of for name, of in registration.items() if name != "ctgov"}}
    assert sent(without) == sent(document), "the extension counts as without an element"
    for path in leaves(without["registration"]):
        field = written(path)
        if lost[field] == 0:
            assert sent(changed(document, path)) != sent(document), f"{field} counts as sent"
        elif lost[field] == total[field] and field not in STEERING:
            assert sent(changed(document, path)) == sent(document), f"{field} counts as without an element"
