"""The texts by which a trial is found: its registration, and the data beside it.

Personal data is sealed in a document and is no text: nothing here looks into it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from events.identifiers.mesh import mesh_id
from events.schemas.languages import ASKED_FOR, in_order
from projections.base.sharing import once_for_each
from projections.trial.document import Document

Text = dict[str, str]


class RegistrationTexts(NamedTuple):
    """The texts of a registration, those first by which a reader recognises the trial."""

    titles: list[str]
    """Titles, acronyms and claimed numbers."""
    conditions: list[str]
    """Conditions and their keywords."""
    sponsors: list[str]
    """Names of sponsors and funders. TRDS items 4 to 6."""
    rest: list[str]


def texts(document: Document) -> list[str]:
    """Every text by which a trial can be found, the most informative first."""
    return [*chain.from_iterable(texts_of(document["registration"])), *beside(document)]


@once_for_each
def texts_of(registration: Document) -> RegistrationTexts:
    """The texts of a registration."""
    return RegistrationTexts(
        titles=list(_titles(registration)),
        conditions=list(_conditions(registration)),
        sponsors=list(_sponsors(registration)),
        rest=[*_interventions(registration), *_rest(registration)],
    )


def beside(document: Document) -> list[str]:
    """The trial's numbers, and the names and places of its sites: they come and go while the registration stays."""
    numbers = [document["number"]] if "number" in document else []
    numbers += [document[field]["number"] for field in ("home", "adopted_from") if field in document]
    return [*numbers, *_sites(document["sites"])]


def _list(source: Document, *fields: str) -> list[Any]:
    return [item for field in fields for item in source.get(field, ())]


def _both(text: Text | None) -> list[str]:
    if not text:
        return []
    both = [text[language] for language in ASKED_FOR if language in text]
    return both if len(both) == len(text) else [text[language] for language in in_order(text)]


def _terms(codes: Iterable[Document]) -> Iterator[str]:
    for code in codes:
        yield from dict.fromkeys((code["code"], mesh_id(code["code"])))
        yield from _both(code.get("term"))


def _titles(registration: Document) -> Iterator[str]:
    for field in ("public_title", "scientific_title"):
        yield from _both(registration.get(field))
    yield from (registration[field] for field in ("acronym", "scientific_acronym") if field in registration)
    yield from (claim["value"] for claim in registration.get("identifiers", ()))


def _conditions(registration: Document) -> Iterator[str]:
    for condition in _list(registration, "conditions"):
        yield from _both(condition["name"])
        yield from _terms(condition.get("codes", ()))
    for keyword in _list(registration, "condition_keywords"):
        yield from _both(keyword)


def _sponsors(registration: Document) -> Iterator[str]:
    primary = registration.get("primary_sponsor")
    for organisation in (*([primary] if primary else ()), *_list(registration, "secondary_sponsors", "funders")):
        # A sponsor who is a person has no name here: sealed data can't be found by its words.
        yield from _both(organisation.get("name"))


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
    # Tables of results are left out: people search for the subject of a trial, and tables are most of the words of
    # those trials that have them.
    yield from _both(registration.get("results", {}).get("summary"))


def _sites(sites: Document) -> Iterator[str]:
    # By id, because a document that was stored has its keys in another order than one just made.
    for _, site in sorted(sites.items()):
        yield from _both(site["name"])
        place = site.get("place", {})
        yield from (place[field] for field in ("city", "region") if field in place)
