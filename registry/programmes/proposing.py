"""Which registrations seem to be of one programme: proposals to a person, never a merger.

Registrations are joined by numbers: one names the other's, or both name the same number of a registry or the same
protocol number of a sponsor. A group is proposed if it is multinational: if its registrations name three countries, or
are several and name two. Whether they are one programme is a claim that a person makes and may take back.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from events.identifiers import identify
from events.schemas.registration import IdentifierKind
from projections.base.view import Document
from projections.trial.identifiers import normalise

PROPOSALS: Final = UUID("3c2f8a86-6c0b-5a7e-9d1c-4f7a3d0b52e4")
"""Makes the ids of proposals. It never changes: a group has the same id in each run."""
COUNTRIES_OF_ONE: Final = 3
COUNTRIES_OF_SEVERAL: Final = 2
SHORTEST_PROTOCOL: Final = 6
"""Characters of a sponsor's number that is taken as evidence: shorter ones belong to many trials."""
MOST_TOGETHER: Final = 20
"""Registrations that may name one number. A number in more of them belongs to a drug or a grant."""
_WITH_BOTH: Final = re.compile(r"(?=.*\d)(?=.*[a-z]).*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Registration:
    """The fields of a trial's document that matter here."""

    trial: str
    title: Mapping[str, str]
    number: str
    """Ours, or its home registry's."""
    countries: frozenset[str]
    keys: frozenset[str]
    """The numbers that it has or names, each with its registry, or as `sponsor`."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Registrations that seem to be of one programme."""

    id: UUID
    registrations: tuple[Registration, ...]
    """By number."""
    because: Mapping[str, tuple[str, ...]]
    """Each number that joins them, with the numbers of the registrations that have or name it."""

    @property
    def title(self) -> Mapping[str, str]:
        """The title of the first registration."""
        return self.registrations[0].title

    @property
    def countries(self) -> dict[str, str]:
        """The countries, each with the number of the first registration that names it."""
        named: dict[str, str] = {}
        for one in self.registrations:
            for country in sorted(one.countries):
                named.setdefault(country, one.number)
        return named


def registration_of(document: Document) -> Registration:
    """The fields of a document that matter here."""
    content = document["registration"]
    home = document.get("home") or {}
    number = str(document.get("number") or home.get("number") or document["trial"])
    # A site without a country says nothing here: it is counted in Japan for its clocks alone.
    places = (site.get("place", {}).get("country", "") for site in document["sites"].values())
    named = [content.get("countries", ()), places, document.get("regions", {})]
    countries = {str(code)[:2] for some in named for code in some}
    return Registration(
        trial=document["trial"],
        title=content.get("public_title") or content.get("scientific_title") or {"en": number},
        number=number,
        countries=frozenset(code for code in countries if code.isalpha() and code.isupper()),
        keys=frozenset(_keys(document, home, content)),
    )


def _keys(document: Document, home: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    for own in (document.get("number"), home.get("number")):
        if own and (known := identify(own)):
            yield f"{known.registry} {known.number}"
    for claim in content.get("identifiers", ()):
        known = identify(claim["value"])
        if known is not None and not known.alike:
            yield f"{known.registry} {known.number}"
        elif claim["kind"] == IdentifierKind.SPONSOR:
            protocol = normalise(claim["value"])
            if len(protocol) >= SHORTEST_PROTOCOL and _WITH_BOTH.fullmatch(protocol):
                yield f"sponsor {protocol}"


def proposals(registrations: Iterable[Registration], taken: frozenset[str] = frozenset()) -> list[Proposal]:
    """The groups, by the number of their first registration. `taken`: trials that belong to a programme already."""
    known = {one.trial: one for one in registrations if one.trial not in taken}
    by_key: dict[str, list[str]] = defaultdict(list)
    for one in known.values():
        for key in one.keys:
            by_key[key].append(one.trial)
    joining = {key: trials for key, trials in by_key.items() if 1 < len(trials) <= MOST_TOGETHER}
    groups = (sorted((known[trial] for trial in group), key=_by_number) for group in _joined([*known], joining))
    found = [_proposal(group, joining) for group in groups if _is_multinational(group)]
    return sorted(found, key=lambda one: _by_number(one.registrations[0]))


def _by_number(one: Registration) -> tuple[str, str]:
    return one.number, one.trial


def _is_multinational(group: Sequence[Registration]) -> bool:
    countries = frozenset[str]().union(*(one.countries for one in group))
    return len(countries) >= (COUNTRIES_OF_ONE if len(group) == 1 else COUNTRIES_OF_SEVERAL)


def _joined(trials: Iterable[str], joining: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """The trials in groups: two are in one where a chain of numbers leads from one to the other."""
    leader = {trial: trial for trial in trials}
    find = _finder(leader)
    for first, *others in joining.values():
        for other in others:
            leader[find(other)] = find(first)
    groups: dict[str, list[str]] = defaultdict(list)
    for trial in leader:
        groups[find(trial)].append(trial)
    yield from groups.values()


def _finder(leader: dict[str, str]) -> Callable[[str], str]:
    def find(trial: str) -> str:
        while leader[trial] != trial:
            # Halving the way keeps long chains from being walked again and again.
            leader[trial] = leader[leader[trial]]
            trial = leader[trial]
        return trial

    return find


def _proposal(group: Sequence[Registration], joining: Mapping[str, Sequence[str]]) -> Proposal:
    because = {
        key: tuple(one.number for one in group if key in one.keys)
        for key in sorted({key for one in group for key in one.keys if key in joining})
    }
    name = "/".join(sorted(one.trial for one in group))
    return Proposal(id=uuid5(PROPOSALS, name), registrations=tuple(group), because=because)
