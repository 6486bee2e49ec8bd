"""A reader's words as PostgreSQL text search queries, one for each term; a trial must match all of them.

Japanese is found wherever it stands within a run. English words are found by their stem, the last one also by how it
begins, as it may still be being typed. Words in "quotes" are found as written, next to each other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from projections.views.search import starts
from projections.views.search.words import LONGEST, Token, pairs, stem, tokens

STOP_WORDS: Final = frozenset(["a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with"])
"""Left out of a query, unless it has no other words or quotes them; they stay in the index."""
_TERMS: Final = re.compile(r'["“”„]([^"“”„]*)["“”„]?|([^\s"“”„]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """One term, asked of vectors of words and of vectors of starts."""

    exact: str
    """What must be true of a trial's words. Of a phrase, PostgreSQL reads the words again to be sure."""
    loose: str
    """The words of a phrase, wherever they stand: true of all that `exact` is true of, decided by an index alone."""
    start: str
    """The same as `exact`, of vectors of starts."""

    @property
    def is_phrase(self) -> bool:
        """Whether `loose` is not enough to know."""
        return self.exact != self.loose


def terms(text: str, *, typing: bool = False) -> list[Term]:
    """The text's terms, each once. `typing`: the last word may be unfinished.

    A term written without a space, like COVID-19 or EGFR変異, is a phrase.
    """
    counting = counting_terms(text)
    last = len(counting) - 1
    found = (
        _term(phrase, quoted=quoted, typing=typing and at == last and not quoted)
        for at, (term, quoted) in enumerate(counting)
        for phrase in _phrases(term)
    )
    return [*dict.fromkeys(found)]


def counting_terms(text: str) -> list[tuple[str, bool]]:
    """What counts of a reader's words, in order, and whether each is quoted."""
    found = [(quoted, True) if quoted else (plain, False) for quoted, plain in _TERMS.findall(text)]
    return [term for term in found if term[1] or term[0].lower() not in STOP_WORDS] or found


def _phrases(term: str) -> Iterator[list[Token]]:
    """The term's runs as one phrase; a run longer than a phrase can find, in overlapping pieces of their own."""
    phrase: list[Token] = []
    for run, word in tokens(term):
        if len(run) > LONGEST:
            cuts = {*range(0, len(run) - LONGEST, LONGEST // 2), len(run) - LONGEST}
            for cut in sorted(cuts):
                yield [(run[cut : cut + LONGEST], "")]
        else:
            phrase.append((run, word))
    if phrase:
        yield phrase


def _term(phrase: Sequence[Token], *, quoted: bool, typing: bool) -> Term:
    last = len(phrase) - 1
    parts: list[str] = []
    for at, (run, word) in enumerate(phrase):
        if run:
            parts += _run(run, whole=at < last)
        else:
            parts.append(_word(word, exact=quoted, begun=typing and at == last))
    form = phrase if quoted else starts.stemmed(phrase)
    start = starts.query(form, whole=True)
    if typing and phrase[-1][1]:
        start = f"{start} | {starts.query(phrase, whole=False)}"
    return Term(exact=" <-> ".join(parts), loose=" & ".join(parts), start=start)


def _run(run: str, *, whole: bool) -> list[str]:
    """`whole`: something follows, so the run ends here in the text, too, and its last character stands alone."""
    if len(run) == 1 and not whole:
        return [f"'{run}':*"]
    lexemes = [*pairs(run), run[-1]] if whole else pairs(run)
    return [f"'{lexeme}'" for lexeme in lexemes]


def _word(word: str, *, exact: bool, begun: bool) -> str:
    if exact:
        return f"'{word}'"
    return f"('{stem(word)}' | '{word}':*)" if begun else f"'{stem(word)}'"


def all_of(queries: Sequence[str]) -> str:
    """One query that asks for all of them; for nothing at all where there is none."""
    return " & ".join(f"({query})" for query in queries)
