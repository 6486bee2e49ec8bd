"""Weighted texts as PostgreSQL text search vectors, written in Python, so that no dictionary of a server matters.

A vector holds positions up to 16,383, 255 of one lexeme, and 1 MB, and drops without a word what goes beyond
(PostgreSQL 18, 12.11 Limitations). A text that needs more becomes several vectors.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from projections.search.words import Japanese, Word, pairs, pieces, runs, stem

LAST_POSITION: Final = 16_000
MOST_POSITIONS: Final = 250
MOST_BYTES: Final = 500_000
FIELD_GAP: Final = 2
"""Positions left free between two texts, so that no phrase runs from one into the next."""

Weighted: TypeAlias = tuple[str, str]
"""A weight, `A` to `D`, and a text."""
Lexemes: TypeAlias = list[tuple[str, ...]]
"""Lexemes in order; those of one tuple stand at one position."""


@dataclass(slots=True)
class _Vector:
    """A vector under construction."""

    position: int = 0
    size: int = 0
    positions: dict[str, list[str]] = field(default_factory=dict)

    def has_room(self, lexemes: Lexemes, *, exact: bool) -> bool:
        if self.position + len(lexemes) > LAST_POSITION or self.size > MOST_BYTES:
            return False
        # Frequent words like "the" go without further positions; pairs of characters would lose substrings.
        return not exact or all(
            len(self.positions.get(lexeme, ())) + len(lexemes) <= MOST_POSITIONS for (lexeme,) in lexemes
        )

    def add(self, lexemes: Lexemes, weight: str) -> None:
        for alike in lexemes:
            self.position += 1
            for lexeme in alike:
                known = self.positions.setdefault(lexeme, [])
                if len(known) < MOST_POSITIONS:
                    known.append(f"{self.position}{weight}")
                    self.size += len(lexeme) * 4 + 8

    def __str__(self) -> str:
        return " ".join(f"'{lexeme}':{','.join(positions)}" for lexeme, positions in sorted(self.positions.items()))


def vectors(texts: Iterable[Weighted]) -> list[str]:
    """The texts as vector literals: one, or more where one can't hold them; none where there is no word."""
    made = [_Vector()]
    for weight, text in texts:
        made[-1].position += FIELD_GAP
        for lexemes, exact in _lexemes(text):
            if not made[-1].has_room(lexemes, exact=exact):
                made.append(_Vector())
            made[-1].add(lexemes, weight)
    return [str(vector) for vector in made if vector.positions]


def _lexemes(text: str) -> Iterator[tuple[Lexemes, bool]]:
    """What has to stay together in one vector, and whether every position of it counts."""
    for run in runs(text):
        match run:
            case Japanese():
                for piece in pieces(run.text):
                    yield [(lexeme,) for lexeme in (*pairs(piece), piece[-1])], True
            case Word():
                yield [tuple({run.text: None, stem(run.text): None})], False
