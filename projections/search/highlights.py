"""Where a reader's words stand in a text, so that a list can show why a trial was found.

A mark is a hint: unlike the search, it does not ask whether the parts of a phrase stand next to each other.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from projections.search.terms import kept_terms
from projections.search.words import Japanese, Word, normalise, placed_runs, runs, stem

AROUND: Final = 60
"""Characters that an excerpt shows on either side of its first mark."""

Marked: TypeAlias = list[tuple[str, bool]]
"""The pieces of a text in order, and whether each is marked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a reader's words can be marked: substrings of Japanese, stems of words, words as written or begun."""

    japanese: tuple[str, ...] = ()
    stems: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    begun: str = ""

    def has(self, word: str) -> bool:
        """Whether the word in lower case is asked for."""
        return word in self.exact or stem(word) in self.stems or bool(self.begun and word.startswith(self.begun))


def wanted(query: str) -> Wanted:
    """Reads the words of a search; the last one may be unfinished, as for the search itself."""
    kept = kept_terms(query)
    found = [(run, quoted) for term, quoted in kept for run in runs(term)]
    words = [(run.text, quoted) for run, quoted in found if isinstance(run, Word)]
    last = found[-1] if found else None
    begun = last[0].text if last and isinstance(last[0], Word) and not last[1] else ""
    return Wanted(
        japanese=tuple(run.text for run, _ in found if isinstance(run, Japanese)),
        stems=frozenset(stem(word) for word, quoted in words if not quoted),
        exact=frozenset(word for word, quoted in words if quoted),
        begun=begun,
    )


def marked(text: str, words: Wanted) -> Marked:
    """The text in pieces, none empty; marks that touch are one."""
    normalised, origins = _with_origins(text)
    marks = [False] * len(text)
    for start, end in _spans(normalised, words):
        for at in range(origins[start], origins[end - 1] + 1):
            marks[at] = True
    pieces: Marked = []
    for character, mark in zip(text, marks, strict=True):
        if pieces and pieces[-1][1] is mark:
            pieces[-1] = (pieces[-1][0] + character, mark)
        else:
            pieces.append((character, mark))
    return pieces


def excerpt(texts: Iterable[str], words: Wanted) -> Marked:
    """The surroundings of the first mark in the first text that has one; nothing where none has."""
    for text in texts:
        pieces = marked(text, words)
        at = next((number for number, (_, mark) in enumerate(pieces) if mark), None)
        if at is not None:
            return _cut(pieces, at)
    return []


def _cut(pieces: Marked, at: int) -> Marked:
    before, after = "".join(piece for piece, _ in pieces[:at]), pieces[at + 1 :]
    cut: Marked = [((("…" if len(before) > AROUND else "") + before[-AROUND:]), False)] if before else []
    cut.append(pieces[at])
    room = AROUND
    for piece, mark in after:
        cut.append((piece if len(piece) <= room else piece[:room] + "…", mark))
        room -= len(piece)
        if room <= 0:
            break
    return cut


def _with_origins(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters the place in the text that it comes from."""
    parts: list[str] = []
    origins: list[int] = []
    for start, cluster in _clusters(text):
        part = normalise(cluster)
        parts.append(part)
        origins += [min(start + at, start + len(cluster) - 1) for at in range(len(part))]
    return "".join(parts), origins


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Characters with the marks that normalisation joins to them, as of half-width ｶﾞ."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not (unicodedata.combining(text[at]) or text[at] in "ﾞﾟ"):
            yield start, text[start:at]
            start = at


def _spans(normalised: str, words: Wanted) -> Iterator[tuple[int, int]]:
    for run, start in placed_runs(normalised):
        match run:
            case Japanese():
                for asked in words.japanese:
                    at = run.text.find(asked)
                    while at >= 0:
                        yield start + at, start + at + len(asked)
                        at = run.text.find(asked, at + 1)
            case Word() if words.has(run.text):
                yield start, start + len(run.text)
            case Word():
                pass
