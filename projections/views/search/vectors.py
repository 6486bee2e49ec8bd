"""The words of texts as PostgreSQL text search vectors, written in Python, so that no dictionary of a server matters.

A vector holds positions up to 16,383, 255 of one lexeme, and 1 MB, and drops without a word what goes beyond
(PostgreSQL 18, 12.11 Limitations). Texts that need more become several vectors.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from operator import add
from typing import Final

from projections.views.search.words import PIECE, Tokens, pieces, stem

LAST_POSITION: Final = 16_000
PLACES: Final = tuple(f"':{position}" for position in range(LAST_POSITION + 1))
"""What stands behind a lexeme that begins with a quote: half of the time went into writing numbers."""
MOST_POSITIONS: Final = 250
MOST_BYTES: Final = 900_000
FIELD_GAP: Final = 2
"""Positions left free between two texts, so that no phrase runs from one into the next."""
SHARED: Final = 50
"""Words or characters of Japanese at the end of one vector that begin the next, so that phrases are found where a text
was cut."""


def vectors(texts: Iterable[Tokens]) -> list[str]:
    """The texts as vector literals: one, or more where one can't hold them; none where there is no word.

    A lexeme stands in a literal once for each of its positions, in any order: PostgreSQL sorts and joins them itself.
    """
    return _fitting([*texts])


def _fitting(texts: list[Tokens]) -> list[str]:
    made = _vector(texts)
    if made is None:
        first, second = _halves(texts)
        return [*_fitting(first), *_fitting(second)]
    return [made] if made else []


def _halves(texts: list[Tokens]) -> tuple[list[Tokens], list[Tokens]]:
    if len(texts) > 1:
        middle = len(texts) // 2
        return texts[:middle], texts[middle:]
    (text,) = texts
    if len(text) == 1:
        # One run of Japanese with itself repeated: its pieces, which overlap, each once.
        text = [(piece, "") for piece in dict.fromkeys(pieces(text[0][0]))]
    middle = len(text) // 2
    return [text[:middle]], [text[middle - _shared(text, middle) :]]


def _shared(text: Tokens, middle: int) -> int:
    """How many tokens before the middle begin the second half, too."""
    shared = positions = 0
    while positions < SHARED and shared < middle // 2:
        shared += 1
        run, _ = text[middle - shared]
        positions += len(run) or 1
    return shared


def _vector(texts: list[Tokens]) -> str | None:
    """The vector of all the texts; None where it would not hold them."""
    lexemes: list[str] = []
    japanese: list[str] = []
    at = 0
    for text in texts:
        at += FIELD_GAP
        for run, word in text:
            if word:
                at += 1
                if at > LAST_POSITION:
                    return None
                lexemes.append(f"'{word}{PLACES[at]}")
                if (stemmed := stem(word)) != word:
                    lexemes.append(f"'{stemmed}{PLACES[at]}")
                continue
            parts = [run] if len(run) <= PIECE else pieces(run)
            japanese += parts
            for piece in parts:
                first, at = at + 1, at + len(piece)
                if at > LAST_POSITION:
                    return None
                lexemes += [f"'{a}{b}{place}" for a, b, place in zip(piece, piece[1:], PLACES[first:at], strict=False)]
                lexemes.append(f"'{piece[-1]}{PLACES[at]}")
    # Frequent words like "the" go without further positions; pairs of characters would lose substrings.
    if at > MOST_POSITIONS and _may_repeat(japanese):
        return None
    made = " ".join(lexemes)
    return made if len(made) <= MOST_BYTES // 4 or len(made.encode()) <= MOST_BYTES else None


def _may_repeat(runs: list[str]) -> bool:
    """Whether a lexeme stands in runs of Japanese, or pieces of them, more often than a vector keeps its positions.

    No pair is more frequent than its first character, which is faster to count.
    """
    characters = "".join(runs)
    if len(characters) <= MOST_POSITIONS or max(Counter(characters).values()) <= MOST_POSITIONS:
        return False
    counted = Counter(chain.from_iterable(map(add, piece, piece[1:]) for piece in runs))
    counted.update(piece[-1] for piece in runs)
    return max(counted.values()) > MOST_POSITIONS
