"""Facets that can narrow a search, with their values, and the filters that narrow it already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.schemas.japan import ResearchAim
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from projections.search.query import FACETS, Counts
from registry.pages.words import Words

SHOWN_VALUES: Final = 8
"""Values of a facet that are shown, the most frequent first; those chosen are always shown."""
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "recruitment": tuple(RecruitmentStatus),
    "authorisation": tuple(AuthorisationStatus),
    "study_type": tuple(StudyType),
    "phase": tuple(Phase),
    "aim": tuple(ResearchAim),
    "country": (),
}
"""The values that a facet can have, if they are few."""
ALONE: Final = (
    "sponsor", "condition", "first_enrolment_from", "first_enrolment_to", "home", "own", "recruiting_sites",
    "prefecture", "city", "legal_regime", "sponsor_kind", "programme", "region",
    "registered_from", "registered_to", "confirmed_from",
)  # fmt: skip
"""Filters that the page has no control for, and keeps if an address has them."""

TRUTHS: Final = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet, the number it would find, if known, and the address's parameters that choose or drop it."""

    words: str
    number: int | None
    chosen: bool
    query: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values."""

    name: str
    choices: tuple[Choice, ...]


def facets(words: Words, counts: Counts | None, query: Mapping[str, Any]) -> tuple[Facet, ...]:
    """The facets that divide the results, most frequent values first; uncounted, every facet with all its values."""
    found = []
    for name in FACETS:
        selected = query.get(name, [])
        if counts is None:
            numbers: dict[str, int | None] = dict.fromkeys([*selected, *CLOSED[name]])
            ranked = list(numbers)
        else:
            counted = dict.fromkeys(selected, 0) | counts[name]
            numbers = {**counted}
            ranked = sorted(counted, key=lambda value: (value not in selected, -counted[value], value))
            ranked = ranked[: max(SHOWN_VALUES, len(selected))]
        choices = tuple(
            Choice(value_of(words, name, value), numbers[value], value in selected, toggled(query, name, value))
            for value in ranked
        )
        if len(choices) > 1 or selected:
            found.append(Facet(words.say(f"facet.{name}"), choices))
    return tuple(found)


def toggled(query: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    """The parameters with a facet's value added, or removed."""
    before = query.get(name, [])
    after = [one for one in before if one != value] if value in before else [*before, value]
    return {**{key: one for key, one in query.items() if key != name}, **({name: after} if after else {})}


def value_of(words: Words, facet: str, value: str) -> str:
    """A facet's value in words."""
    return words.country(value) if facet == "country" else words.known(f"{facet}.{value}") or value


def chosen(words: Words, query: Mapping[str, Any]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """The filters of the search beside its words, each with the parameters that drop it."""
    of_facets = [
        (value_of(words, name, value), toggled(query, name, value)) for name in FACETS for value in query.get(name, [])
    ]
    alone = [
        (_alone(words, name, query[name]), {key: one for key, one in query.items() if key != name})
        for name in ("age", "sex", "as_of", *ALONE)
        if name in query
    ]
    return (*of_facets, *alone)


def _alone(words: Words, name: str, value: str) -> str:
    match name:
        case "sex":
            return words.known(f"sex.{value}") or value
        case "age" | "as_of":
            return f"{words.say(f'search.{name}')}: {value}"
        case "home":
            return f"{words.say('filter.home')}: {words.registry(value)}"
        case "own" | "recruiting_sites" if value in TRUTHS:
            return f"{words.say(f'filter.{name}')}: {words.say(f'value.{TRUTHS[value]}')}"
        case _:
            return f"{words.say(f'filter.{name}')}: {value}"
