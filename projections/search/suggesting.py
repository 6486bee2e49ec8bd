"""Words like those that find nothing: one letter more, less, another, or two the other way round."""

from collections.abc import Callable, Iterator
from string import ascii_lowercase
from typing import Final

from projections.search.terms import counting_terms
from projections.search.words import tokens

SHORTEST: Final = 4
"""Letters of a word that may be mistyped: shorter ones are like too many others."""
MOST_TRIED: Final = 5
"""Words of a query that are looked at."""
MOST_LETTERS: Final = 64
"""Letters of all mistyped words together: each makes some 50 words that may be meant."""


def suggestions(frequency: Callable[[str], int], text: str) -> Iterator[str]:
    """The text with a word that no trial has replaced by one that some have, the most frequent first.

    `frequency`: how many trials have a word, of those that the reader can see. Drafts of others neither suppress a
    suggestion nor move it.
    """
    letters = 0
    for word, quoted in counting_terms(text)[:MOST_TRIED]:
        runs = tokens(word)
        if quoted or len(runs) != 1 or len(runs[0][1]) < SHORTEST:
            continue
        mistyped = runs[0][1]
        if frequency(mistyped):
            continue
        letters += len(mistyped)
        if letters > MOST_LETTERS:
            return
        known = {one: frequency(one) for one in alike(mistyped)}
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
