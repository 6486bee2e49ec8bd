"""Terms of the vocabulary in a text: the longest at each place, none over another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from projections.search.vocabulary.folding import Folded
from projections.search.vocabulary.table import vocabulary

PARTICLES: Final = frozenset("のにでとをはがもやへかなだよ")
"""Particles that may stand beside a word in hiragana without being a part of it."""
KEY: Final = 2
"""Characters by which terms are looked up first; the shortest has as many, or stands by itself."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term in a folded text, from `start` to before `end`. `form` is the folded term."""

    start: int
    end: int
    form: str


@cache
def _lengths() -> Mapping[str, Sequence[int]]:
    """How long the terms are that begin so, the longest first."""
    found: dict[str, set[int]] = {}
    for form in vocabulary().by_form:
        found.setdefault(form[:KEY], set()).add(len(form))
    return {key: sorted(lengths, reverse=True) for key, lengths in found.items()}


def occurrences(folded: Folded) -> list[Occurrence]:
    """The terms of a text in order. The work is bounded by its length times the number of lengths of terms."""
    found = []
    at, text = 0, folded.text
    while at < len(text):
        occurrence = _longest_at(text, at)
        if occurrence is None:
            at += 1
        else:
            found.append(occurrence)
            at = occurrence.end
    return _places_alone(text, found)


def _longest_at(text: str, at: int) -> Occurrence | None:
    if at and glued(text[at - 1], text[at], before=True):
        return None
    by_form, lengths = vocabulary().by_form, _lengths()
    for length in (*lengths.get(text[at : at + KEY], ()), *lengths.get(text[at], ())):
        form, end = text[at : at + length], at + length
        if end <= len(text) and form in by_form and (end := _end(text, end)):
            return Occurrence(at, end, form)
    return None


def _end(text: str, end: int) -> int:
    """Where a term ends, with an s of the plural; 0 where the word goes on otherwise."""
    if not _goes_on(text, end):
        return end
    long_enough = text[max(end - 4, 0) : end].isascii() and text[end - 4 : end].isalpha()
    return end + 1 if text[end] == "s" and long_enough and not _goes_on(text, end + 1) else 0


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and glued(text[end - 1], text[end], before=False)


def glued(one: str, other: str, *, before: bool) -> bool:
    """Whether two neighbours belong to one word. `before`: the first stands before a term."""
    script = script_of(one)
    if script != script_of(other) or script in ("", "kanji"):
        return False
    return script != "hiragana" or (one if before else other) not in PARTICLES


def script_of(character: str) -> str:
    """kanji, katakana, hiragana, or word for letters and digits of other scripts; empty for all else."""
    if "\u3041" <= character <= "\u309f":
        return "hiragana"
    if "\u30a1" <= character <= "\u30ff":
        return "katakana"
    if "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U000323af" or character in "々〆〇":
        return "kanji"
    return "word" if character.isalnum() else ""


def _places_alone(text: str, found: Sequence[Occurrence]) -> list[Occurrence]:
    """Without the places that are a part of a name: 大阪大学 is not in each university of 大阪."""
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found[1:]), len(text)] if found else []
    return [
        one
        for one, former, following in zip(found, ends, starts, strict=False)
        if not _is_place(one.form) or not _touches(text, one, former, following)
    ]


def _is_place(form: str) -> bool:
    return any(group.startswith("place/") for group in vocabulary().by_form[form])


def _touches(text: str, one: Occurrence, former: int, following: int) -> bool:
    names = ("kanji", "katakana")
    if script_of(text[one.start]) == "word":
        return False
    return (one.start > former and script_of(text[one.start - 1]) in names) or (
        one.end < following and script_of(text[one.end]) in names
    )


def gaps(folded: Folded, found: Sequence[Occurrence]) -> list[tuple[int, int]]:
    """The gaps between the terms of a text, as start and end (exclusive); empty gaps too."""
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(folded.text)]
    return [(start, end) for start, end in list(pairwise(edges))[::2]]
