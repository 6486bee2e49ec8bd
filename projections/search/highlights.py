"""The places of a reader's words in a text, so that a list can show why a trial was found.

A mark is a hint: unlike the search, it does not ask whether the parts of a phrase stand next to each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from projections.search.terms import counting_terms, other_forms
from projections.search.words import LONGEST_WORD, Japanese, Word, clusters, normalise, placed_runs, runs, stem

AROUND: Final = 60
WINDOW: Final = 120
"""Characters that an excerpt shows before its first mark, and from there on."""
PART: Final = 1_000
"""Characters that are looked through at a time."""
EDGE: Final = 2 * LONGEST_WORD
"""Characters that are read beyond the examined part, so that a word at its edge is read whole."""
MOST_READ: Final = 50_000
LEAST_READ: Final = 50
MOST_MARKED: Final = 4
"""Bounds of the look for an excerpt, which is a hint in a list. A short text counts as one of LEAST_READ characters."""

Marked: TypeAlias = list[tuple[str, bool]]
"""The pieces of a text in order, and whether each is marked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parts of a reader's words that can be marked: substrings of Japanese, stems, words as written or begun."""

    japanese: tuple[str, ...] = ()
    stems: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    begun: str = ""

    def has(self, word: str) -> bool:
        """Whether the word in lower case is asked for."""
        return word in self.exact or stem(word) in self.stems or bool(self.begun and word.startswith(self.begun))

    def may_stand_in(self, normalised: str) -> bool:
        """Whether a look at the words is worth the while: quick, and wrong only for a few irregular words."""
        return any(root in normalised for root in (*self.japanese, *self.exact, *self.roots))

    @property
    def roots(self) -> Iterator[str]:
        """The beginnings of words with these stems: the last letter of a stem may differ, as in studi, study."""
        return (stem[:-1] or stem for stem in self.stems)


def wanted(query: str) -> Wanted:
    """Reads the words of a search; the last one may be unfinished, as for the search itself."""
    counting = counting_terms(query)
    found = [(run, quoted) for term, quoted in counting for run in runs(term)]
    others = [run for form in other_forms(query) for run in runs(form)]
    words = [(run.text, quoted) for run, quoted in found if isinstance(run, Word)]
    last = found[-1] if found else None
    begun = last[0].text if last and isinstance(last[0], Word) and not last[1] else ""
    return Wanted(
        japanese=tuple(run.text for run in (*(run for run, _ in found), *others) if isinstance(run, Japanese)),
        stems=frozenset(
            stem(word)
            for word in (
                *(word for word, quoted in words if not quoted),
                *(run.text for run in others if isinstance(run, Word)),
            )
        ),
        exact=frozenset(word for word, quoted in words if quoted),
        begun=begun,
    )


def marked(text: str, words: Wanted) -> Marked:
    """The text in pieces, none empty; marks that touch are one. Takes a microsecond for each character."""
    return _pieces(text, _marks(text, words))


def excerpt(texts: Iterable[str], words: Wanted) -> Marked:
    """The surroundings of the first mark in the first text that has one; nothing where none is found.

    At most MOST_READ characters are read, and MOST_MARKED parts of them that may have a mark are looked at closely.
    """
    read = close = 0
    for text, start, end in _parts(texts):
        part = text[start:end]
        if words.may_stand_in(normalise(part)):
            close += 1
            if (at := _first_mark(part, words, cut_off=(start > 0, end < len(text)))) is not None:
                return _around(text, start + at, words)
        read += max(len(part), LEAST_READ)
        if read >= MOST_READ or close == MOST_MARKED:
            break
    return []


def _parts(texts: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Each text's parts by where they begin and end: they overlap, so that each word is whole in one of them."""
    for text in texts:
        for start in range(0, len(text), PART):
            yield text, max(start - EDGE, 0), start + PART + EDGE


def _first_mark(part: str, words: Wanted, cut_off: tuple[bool, bool]) -> int | None:
    """The first mark's place. A mark in a word that the cut halved does not count: another part has the whole word."""
    first, last = EDGE // 2 * cut_off[0], len(part) - EDGE // 2 * cut_off[1]
    marks = _marks(part, words)
    return marks.index(True, first, last) if True in marks[first:last] else None


def _around(text: str, at: int, words: Wanted) -> Marked:
    """AROUND characters before the place and WINDOW after it, with their marks."""
    start, end = max(at - AROUND, 0), at + WINDOW
    read_from = max(start - EDGE, 0)
    marks = _marks(text[read_from : end + EDGE], words)[start - read_from : end - read_from]
    before, after = "…" * (start > 0), "…" * (end < len(text))
    return _pieces(f"{before}{text[start:end]}{after}", [*([False] * len(before)), *marks, *([False] * len(after))])


def _pieces(text: str, marks: Sequence[bool]) -> Marked:
    pieces: Marked = []
    start = 0
    for mark, run in groupby(marks):
        end = start + sum(1 for _ in run)
        pieces.append((text[start:end], mark))
        start = end
    return pieces


def _marks(text: str, words: Wanted) -> list[bool]:
    """Whether each character of the text is marked."""
    normalised, origins = _with_origins(text)
    marks = [False] * len(text)
    for start, end in _spans(normalised, words):
        first, last = origins[start], origins[end - 1] + 1
        marks[first:last] = [True] * (last - first)
    return marks


def _with_origins(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters the place in the text that it comes from."""
    parts: list[str] = []
    origins: list[int] = []
    for start, cluster in clusters(text):
        part = normalise(cluster)
        parts.append(part)
        origins += [min(start + at, start + len(cluster) - 1) for at in range(len(part))]
    return "".join(parts), origins


def _spans(normalised: str, words: Wanted) -> Iterator[tuple[int, int]]:
    for run, start in placed_runs(normalised):
        match run:
            case Japanese():
                for wanted_run in words.japanese:
                    at = run.text.find(wanted_run)
                    while at >= 0:
                        yield start + at, start + at + len(wanted_run)
                        at = run.text.find(wanted_run, at + 1)
            case Word() if words.has(run.text):
                yield start, start + len(run.text)
            case Word():
                pass
