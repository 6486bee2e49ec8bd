"""The words of a trial's document with their weights: titles A, conditions B, interventions and sponsors C, rest D.

Personal data is sealed in a document and is no text: nothing here looks into it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from projections.document import Document
from projections.search.vectors import Weighted

Text = dict[str, str]


def texts(document: Document) -> list[Weighted]:
    """Every text that a trial can be found by, in the order of weights, so that what weighs most comes first."""
    registration = document["registration"]
    weighted = (
        ("A", _titles(document)),
        ("B", _conditions(registration)),
        ("C", _interventions(registration)),
        ("C", sponsors(registration)),
        ("D", _rest(registration)),
        ("D", _sites(document["sites"])),
    )
    return [(weight, text) for weight, found in weighted for text in found]


def sponsors(registration: Document) -> list[str]:
    """Names of who sponsors and funds. TRDS items 4 to 6."""
    primary = registration.get("primary_sponsor")
    named = [*([primary] if primary else ()), *_list(registration, "secondary_sponsors", "funders")]
    return [text for organisation in named for text in _both(organisation["name"])]


def _list(source: Document, *fields: str) -> list[Any]:
    return [item for field in fields for item in source.get(field, ())]


def _both(text: Text | None) -> Iterator[str]:
    if text:
        yield from (text[language] for language in ("ja", "en") if language in text)


def _terms(codes: Iterable[Document]) -> Iterator[str]:
    for code in codes:
        yield code["code"]
        yield from _both(code.get("term"))


def _titles(document: Document) -> Iterator[str]:
    registration = document["registration"]
    for field in ("public_title", "scientific_title"):
        yield from _both(registration.get(field))
    yield from (registration[field] for field in ("acronym", "scientific_acronym") if field in registration)
    yield from (document[field] for field in ("number",) if field in document)
    yield from (document[field]["number"] for field in ("home", "adopted_from") if field in document)
    yield from (claim["value"] for claim in registration.get("identifiers", ()))


def _conditions(registration: Document) -> Iterator[str]:
    for condition in _list(registration, "conditions"):
        yield from _both(condition["name"])
        yield from _terms(condition.get("codes", ()))
    for keyword in _list(registration, "condition_keywords"):
        yield from _both(keyword)


def _interventions(registration: Document) -> Iterator[str]:
    for intervention in _list(registration, "interventions"):
        yield from _both(intervention["name"])
        yield from intervention.get("other_names", ())
        yield from _terms(intervention.get("codes", ()))
        yield from _both(intervention.get("description"))
    for keyword in _list(registration, "intervention_keywords"):
        yield from _both(keyword)


def _rest(registration: Document) -> Iterator[str]:
    for field in ("plain_summary", "description"):
        yield from _both(registration.get(field))
    for arm in _list(registration, "arms"):
        yield arm["label"]
        yield from _both(arm.get("description"))
    eligibility = registration.get("eligibility", {})
    for field in ("inclusion", "exclusion", "criteria", "gender_description", "population"):
        yield from _both(eligibility.get(field))
    for outcome in _list(registration, "outcomes"):
        for field in ("measure", "time_point", "description"):
            yield from _both(outcome.get(field))
    # Tables of results are left out: a trial is looked for by what it studies, and they are most of the words of those
    # trials that have them.
    yield from _both(registration.get("results", {}).get("summary"))


def _sites(sites: Document) -> Iterator[str]:
    # By id, because a document that was stored has its keys in another order than one just made.
    for _, site in sorted(sites.items()):
        yield from _both(site["name"])
        place = site.get("place", {})
        yield from (place[field] for field in ("city", "region") if field in place)
