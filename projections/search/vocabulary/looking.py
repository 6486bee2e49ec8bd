"""Looking through the vocabulary: groups by a part of one of their terms, or by topic."""

from collections.abc import Iterator, Sequence
from typing import Final

from projections.search.vocabulary.folding import folded
from projections.search.vocabulary.table import Term, vocabulary

TOPICS: Final = ("disease", "drug", "place", "word")


def groups(text: str = "", topic: str | None = None) -> Iterator[Sequence[Term]]:
    """The groups of a topic, or of all, that have the text in a term or as a code, in the order of the table."""
    part, code = folded(" ".join(text.split())), text.strip()
    for group in vocabulary().groups.values():
        if topic in (None, group[0].topic) and any(part in folded(row.term) or row.code == code for row in group):
            yield group
