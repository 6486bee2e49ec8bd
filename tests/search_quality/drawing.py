"""Queries drawn from the records themselves: rare words of titles, and conditions in the other language.

They are written to `build/search-quality/drawn.csv` for a reader, and are not looked at while the search is tuned: what
was tuned for one file is measured by another.
"""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from projections.search.vocabulary.folding import folded
from projections.search.vocabulary.table import vocabulary
from projections.trial.document import Document, is_public
from tests.search_quality.judging import Query

KNOWN_ITEMS: Final = 150
OTHER_LANGUAGE: Final = 60
WORDS: Final = 4
"""Words of a title that a reader remembers."""
FILE: Final = Path("build", "search-quality", "drawn.csv")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z-]{3,}")


def drawn(documents: Sequence[Document]) -> Iterator[tuple[Query, frozenset[str]]]:
    """The queries with the ids they must find; the same for the same records."""
    public = sorted((one for one in documents if is_public(one)), key=_chance)
    yield from list(_known_items(public))[:KNOWN_ITEMS]
    yield from list(_other_language(public))[:OTHER_LANGUAGE]


def _chance(document: Document) -> str:
    return hashlib.sha256(_number(document).encode()).hexdigest()


def _number(document: Document) -> str:
    return str(document.get("number") or document["home"]["number"])


def _known_items(documents: Sequence[Document]) -> Iterator[tuple[Query, frozenset[str]]]:
    """Of each title in English its rarest words, in their order."""
    titles = [(one, _WORD.findall(one["registration"].get("public_title", {}).get("en", ""))) for one in documents]
    common = Counter(word.lower() for _, words in titles for word in {*words})
    for document, words in titles:
        rare = sorted(dict.fromkeys(words), key=lambda word: common[word.lower()])[:WORDS]
        chosen = [word for word in dict.fromkeys(words) if word in rare]
        if len(chosen) == WORDS:
            yield Query(" ".join(chosen), "en", "known item", (_number(document),)), frozenset([document["trial"]])


def _other_language(documents: Sequence[Document]) -> Iterator[tuple[Query, frozenset[str]]]:
    """Of each condition that the vocabulary has, the preferred Japanese term; every record with the same condition."""
    by_group: dict[str, set[str]] = {}
    for document in documents:
        for condition in document["registration"].get("conditions", ()):
            for group in vocabulary().by_form.get(folded(condition["name"].get("en", "")), ()):
                by_group.setdefault(group, set()).add(document["trial"])
    for group, trials in by_group.items():
        preferred = [row.term for row in vocabulary().groups[group] if row.is_japanese and row.kind == "preferred"]
        if preferred:
            yield Query(preferred[0], "ja", "other language", (group,)), frozenset(trials)


def write(queries: Sequence[Query], folder: Path) -> Path:
    """Writes them for a reader."""
    file = folder / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("query", "language", "kind", "about"))
        writer.writerows((one.text, one.language, one.kind, " ".join(one.about)) for one in queries)
    return file
