"""The words of texts as PostgreSQL text search vectors, written in Python, so that no dictionary of a server matters.

A vector holds positions up to 16,383, 255 of one lexeme, and 1 MB, and drops without a word what goes beyond
(PostgreSQL 18, 12.11 Limitations). Texts that need more become several vectors.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from operator import add
from typing import Final, TypeAlias

from projections.search.words import PIECE, Token, pieces, stem, tokens

LAST_POSITION: Final = 16_000
MOST_POSITIONS: Final = 250
MOST_BYTES: Final = 900_000
FIELD_GAP: Final = 2
"""Positions left free between two texts, so that no phrase runs from one into the next."""
SHARED: Final = 50
"""Words at the end of one vector that begin the next, so that phrases are found where a text was cut."""

Positions: TypeAlias = defaultdict[str, list[int]]


def vectors(texts: Iterable[str]) -> list[str]:
    """The texts as vector literals: one, or more where one can't hold them; none where there is no word."""
    return _fitting([tokens(text) for text in texts])


def _fitting(texts: list[list[Token]]) -> list[str]:
    made = _vector(texts)
    if made is None:
        first, second = _halves(texts)
        return [*_fitting(first), *_fitting(second)]
    return [made] if made else []


def _halves(texts: list[list[Token]]) -> tuple[list[list[Token]], list[list[Token]]]:
    if len(texts) > 1:
        middle = len(texts) // 2
        return texts[:middle], texts[middle:]
    (text,) = texts
    if len(text) == 1:
        # One run of Japanese with itself repeated: its pieces, which overlap.
        text = [(piece, "") for piece in pieces(text[0][0])]
    middle = len(text) // 2
    return [text[:middle]], [text[middle - min(SHARED, middle // 2) :]]


def _vector(texts: list[list[Token]]) -> str | None:
    """The vector of all the texts; None where it would not hold them."""
    runs, words, last = _positions(texts)
    if last > LAST_POSITION:
        return None
    # Frequent words like "the" go without further positions; pairs of characters would lose substrings.
    if last > MOST_POSITIONS and max(map(len, runs.values()), default=0) > MOST_POSITIONS:
        return None
    made = literal(runs, words)
    return made if len(made) <= MOST_BYTES // 4 or len(made.encode()) <= MOST_BYTES else None


def _positions(texts: list[list[Token]]) -> tuple[Positions, Positions, int]:
    """Where pairs of characters stand, and words with their stems; and the last position, where it is not too far."""
    runs: Positions = defaultdict(list)
    words: Positions = defaultdict(list)
    at = 0
    for text in texts:
        at += FIELD_GAP
        if at > LAST_POSITION:
            break
        for run, word in text:
            if word:
                at += 1
                words[word].append(at)
                if (stemmed := stem(word)) != word:
                    words[stemmed].append(at)
                continue
            for piece in (run,) if len(run) <= PIECE else pieces(run):
                for place, lexeme in enumerate(chain(map(add, piece, piece[1:]), piece[-1]), start=at + 1):
                    runs[lexeme].append(place)
                at += len(piece)
    return runs, words, at


def literal(*positions: Mapping[str, list[int]]) -> str:
    """The lexemes with their positions, as PostgreSQL reads them; it puts them in order itself."""
    return " ".join([
        f"'{lexeme}':{places[0]}"
        if len(places) == 1
        else f"'{lexeme}':{','.join(map(str, places[:MOST_POSITIONS]))}"
        for lexeme, places in chain.from_iterable(each.items() for each in positions)
    ])  # fmt: skip
