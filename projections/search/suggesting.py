"""Words like those that find nothing: one letter more, less, another, or two the other way round."""

from collections.abc import Iterator
from string import ascii_lowercase
from typing import Final

from tantivy import Searcher

from projections.search import shape
from projections.search.shape import NOW, of
from projections.search.terms import counting_terms
from projections.search.words import stem, tokens

SHORTEST: Final = 4
"""Letters of a word that may be mistyped: shorter ones are like too many others."""
MOST_TRIED: Final = 5
"""Words of a query that are looked at."""


def suggestions(searcher: Searcher, text: str) -> Iterator[str]:
    """The text with a word that the index does not have replaced by one that it has, the most frequent first."""
    for word, quoted in counting_terms(text)[:MOST_TRIED]:
        runs = tokens(word)
        if quoted or len(runs) != 1 or len(runs[0][1]) < SHORTEST:
            continue
        mistyped = runs[0][1]
        if _frequency(searcher, mistyped):
            continue
        known = {one: _frequency(searcher, one) for one in alike(mistyped)}
        for one in sorted(filter(known.__getitem__, known), key=lambda one: (-known[one], one)):
            yield text.replace(word, one)


def alike(word: str) -> Iterator[str]:
    """Words that differ from it by one mistake of typing."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for before, after in cuts:
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in ascii_lowercase:
            if after:
                yield before + letter + after[1:]
            yield before + letter + after


def _frequency(searcher: Searcher, word: str) -> int:
    """The approximate number of entries with the word, or one of its stem: tantivy also counts deleted entries."""
    stemmed = stem(word)
    return sum(searcher.doc_freq(of(NOW, name), stemmed) for name in shape.BY_STEMS)
