"""The records that a query must find, by their own statements, and the share of them that a search found."""

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Final

from events.identifiers.mesh import mesh_id
from projections.trial.document import Document, is_public

FOLDER: Final = Path(__file__).parent
FIRST: Final = 20
"""Results that recall looks at."""
BEST: Final = 5
"""Results that precision looks at."""


@dataclass(frozen=True, slots=True)
class Query:
    """A row of queries.csv. `about`: the concepts that a record must be about, all of them."""

    text: str
    language: str
    kind: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the ids that a search must find, and those it found first, at most FIRST."""

    query: Query
    expected: frozenset[str]
    found: tuple[str, ...]

    @property
    def recall(self) -> float:
        """The share of the expected among the first 20; of 20, if more are expected."""
        return len(self.expected & {*self.found[:FIRST]}) / min(FIRST, len(self.expected))

    @property
    def precision(self) -> float:
        """The share of the first five that is expected; 0 if nothing was found."""
        first = self.found[:BEST]
        return len(self.expected & {*first}) / len(first) if first else 0.0


def queries() -> list[Query]:
    """The file."""
    with (FOLDER / "queries.csv").open(encoding="utf-8", newline="") as file:
        return [
            Query(row["query"], row["language"], row["kind"], tuple(row["about"].split()))
            for row in csv.DictReader(file)
        ]


@cache
def concepts() -> Mapping[str, Mapping[str, list[str]]]:
    """The concepts of queries, from concepts.toml."""
    return tomllib.loads((FOLDER / "concepts.toml").read_text(encoding="utf-8"))


def expected(query: Query, documents: Iterable[Document]) -> frozenset[str]:
    """The ids of the public records that are about all that the query is."""
    tests = [_test(about) for about in query.about]
    return frozenset(str(one["trial"]) for one in documents if is_public(one) and all(test(one) for test in tests))


def _test(about: str) -> Callable[[Document], bool]:
    topic, _, name = about.rpartition(":")
    if topic == "place":
        return lambda document: any(_is_word(name, place) for place in _places(document))
    concept = concepts()[name]
    if topic:
        return lambda document: any(_says(text, concept) for text in _interventions(document))
    return lambda document: any(_is_about(condition, concept) for condition in _conditions(document))


def _is_about(condition: Document, concept: Mapping[str, list[str]]) -> bool:
    codes = {mesh_id(code["code"]) for code in condition.get("codes", ())}
    return not codes.isdisjoint(concept.get("mesh", ())) or any(
        _says(name, concept) for name in condition["name"].values()
    )


def _says(text: str, concept: Mapping[str, list[str]]) -> bool:
    return any(_is_word(word, text) for word in concept["words"]) and not any(
        _is_word(word, text) for word in concept.get("without", ())
    )


def _is_word(word: str, text: str) -> bool:
    """Whether a text has an English word, or a Japanese one anywhere."""
    return bool(re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE)) if word.isascii() else word in text


def _conditions(document: Document) -> Sequence[Document]:
    return document["registration"].get("conditions", [])


def _interventions(document: Document) -> Iterator[str]:
    for intervention in document["registration"].get("interventions", ()):
        yield from intervention["name"].values()
        yield from intervention.get("other_names", ())


def _places(document: Document) -> Iterator[str]:
    for site in document["sites"].values():
        yield from (site.get("place", {}).get(field, "") for field in ("region", "city"))


def summary(judged: Sequence[Judged]) -> list[tuple[str, int, float, float]]:
    """For all queries, then for each kind: its name, number, mean recall, mean precision."""
    kinds = sorted({one.query.kind for one in judged})
    groups = [("all", [*judged]), *((kind, [one for one in judged if one.query.kind == kind]) for kind in kinds)]
    return [
        (name, len(group), mean(one.recall for one in group), mean(one.precision for one in group))
        for name, group in groups
    ]
