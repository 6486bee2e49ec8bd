"""A reader's words as PostgreSQL text search queries, one for each term; a trial must match all of them.

Japanese is found wherever it stands within a run. English words are found by their stem, the last one also by how it
begins, as it may still be being typed. Words in "quotes" are found as written, next to each other.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from projections.search.words import LONGEST, Japanese, Word, pairs, runs, stem

STOP_WORDS: Final = frozenset(["a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with"])
"""Left out of a query, unless it has no other words or quotes them; they stay in the index."""
_TERMS: Final = re.compile(r'["“”„]([^"“”„]*)["“”„]?|([^\s"“”„]+)')


def terms(text: str, weights: str = "", *, typing: bool = False) -> list[str]:
    """Queries for the text's terms, within the given weights (`A` to `D`; none means all).

    A term written without a space, like COVID-19 or EGFR変異, is a phrase. `typing`: the last word may be unfinished.
    """
    kept = kept_terms(text)
    last = len(kept) - 1
    return [
        _phrase(phrase, weights, quoted=quoted, typing=typing and at == last and not quoted)
        for at, (term, quoted) in enumerate(kept)
        for phrase in _phrases(term)
    ]


def kept_terms(text: str) -> list[tuple[str, bool]]:
    """What counts of a reader's words, in order, and whether each is quoted."""
    found = [(quoted, True) if quoted else (plain, False) for quoted, plain in _TERMS.findall(text)]
    return [term for term in found if term[1] or term[0].lower() not in STOP_WORDS] or found


def _phrases(term: str) -> Iterator[list[Japanese | Word]]:
    """The term's runs as one phrase; a run longer than a phrase can find, in overlapping pieces of their own."""
    phrase: list[Japanese | Word] = []
    for run in runs(term):
        if isinstance(run, Japanese) and len(run.text) > LONGEST:
            starts = {*range(0, len(run.text) - LONGEST, LONGEST // 2), len(run.text) - LONGEST}
            for start in sorted(starts):
                yield [Japanese(run.text[start : start + LONGEST])]
        else:
            phrase.append(run)
    if phrase:
        yield phrase


def _phrase(found: Sequence[Japanese | Word], weights: str, *, quoted: bool, typing: bool) -> str:
    last = len(found) - 1
    parts: list[str] = []
    for at, run in enumerate(found):
        match run:
            case Japanese():
                parts += _japanese(run.text, weights, whole=at < last)
            case Word():
                parts.append(_word(run.text, weights, exact=quoted, begun=typing and at == last))
    return " <-> ".join(parts)


def _japanese(run: str, weights: str, *, whole: bool) -> list[str]:
    """`whole`: something follows, so the run ends here in the text, too, and its last character stands alone."""
    if len(run) == 1 and not whole:
        return [f"'{run}':*{weights}"]
    lexemes = [*pairs(run), run[-1]] if whole else pairs(run)
    return [_labelled(lexeme, weights) for lexeme in lexemes]


def _word(word: str, weights: str, *, exact: bool, begun: bool) -> str:
    if exact:
        return _labelled(word, weights)
    stemmed = _labelled(stem(word), weights)
    return f"({stemmed} | '{word}':*{weights})" if begun else stemmed


def _labelled(lexeme: str, weights: str) -> str:
    return f"'{lexeme}':{weights}" if weights else f"'{lexeme}'"
