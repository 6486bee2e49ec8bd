"""Words of Japanese and English text: what a search compares, the same for texts and for queries.

A run of kanji and kana becomes its overlapping pairs of characters and its last character alone. A phrase of pairs then
finds every substring of the run and nothing else, without a dictionary. Other words are kept whole, with their English
stem beside them. Pairs of two runs never touch, because the last character of the first stands between them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import snowballstemmer

from events.normal_form import MARKS, nfkc

PIECE: Final = 128
"""A longer run is indexed in pieces of this many characters, each half over the one before."""
LONGEST: Final = PIECE // 2
"""Every substring of a run up to this length lies within one piece."""
LONGEST_WORD: Final = 64
GAP: Final = "|"
"""Stands between two texts, so that no phrase runs from one into the next. It is in no word."""

_JAPANESE: Final = (
    r"\u3005-\u3007\u3031-\u3035"  # 々〆〇 and kana repeat marks
    r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"  # kana and ー
    r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"  # kanji; NFKC brings compatibility forms here
)
_RUNS: Final = re.compile(
    rf"(?P<japanese>[{_JAPANESE}]+)|(?P<word>[^\W_{_JAPANESE}]{{1,{LONGEST_WORD}}})[^\W_{_JAPANESE}]*"
)
_LATIN: Final = re.compile("[a-z]")
_ACCENTED: Final = re.compile(r"[\u00c0-\u024f\u0300-\u03ff\u1e00-\u1fff]")
"""Letters of Latin and Greek, and accents. The marks of kana, which make another sound, are none of these."""
_CLUSTER: Final = re.compile(f"[^{MARKS}][{MARKS}]*|[{MARKS}]+")
_STEMMER: Final = snowballstemmer.stemmer("english")


Token: TypeAlias = tuple[str, str]
"""A part of a text: a run of Japanese and no word, or no run and a word. Tuples, because these are quick to make."""
Tokens: TypeAlias = list[Token]
"""A text."""


@dataclass(frozen=True, slots=True)
class Japanese:
    """A run of kanji and kana."""

    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of letters or digits in any other script."""

    text: str


def runs(text: str) -> Iterator[Japanese | Word]:
    """The runs and words of a text in order, in NFKC and lower case; a long word is cut."""
    return (run for run, _ in placed_runs(normalise(text)))


def tokens(text: str) -> Tokens:
    """The same as `runs`, in pairs."""
    found: Tokens = _RUNS.findall(normalise(text))
    return found


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, Latin and Greek letters without their accents."""
    return _ACCENTED.sub(lambda found: _without_accent(found[0]), nfkc(text).lower())


@lru_cache(maxsize=2_000)
def _without_accent(letter: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", letter) if not unicodedata.combining(one))


def clusters(text: str) -> Iterable[tuple[int, str]]:
    """The characters of a text with the marks on them, as half-width ｶﾞ, and the place of each.

    To normalise changes width and composition within a cluster only.
    """
    if text.isascii():
        return enumerate(text)
    return ((match.start(), match.group()) for match in _CLUSTER.finditer(text))


def written(texts: Iterable[str]) -> str:
    """The words of texts as they are indexed: joined by blanks, each text from the next by a GAP.

    Words stand as written and not as stems, which `stems` makes of them faster than a second copy is read.
    """
    return f" {GAP} ".join([" ".join(_indexed(text)) for text in texts])


def stems(indexed: str) -> str:
    """The same text with each word's stem in its place."""
    return " ".join(map(stem, indexed.split(" ")))


def _indexed(text: str) -> Iterator[str]:
    for run, word in tokens(text):
        if word:
            yield word
            continue
        for piece in pieces(run):
            yield from pairs(piece)
            yield piece[-1]


def placed_runs(normalised: str) -> Iterator[tuple[Japanese | Word, int]]:
    """The runs and words of a normalised text, and where each begins."""
    for match in _RUNS.finditer(normalised):
        japanese, word = match.groups()
        yield (Japanese(japanese) if japanese else Word(word)), match.start()


def pieces(run: str) -> list[str]:
    """The run, in overlapping pieces where it is long. A piece that equals another is left out, except the last.

    The words before and after a run are next to its first and its last piece.
    """
    *others, last = [run[start : start + PIECE] for start in range(0, max(len(run) - LONGEST, 1), LONGEST)]
    return [*dict.fromkeys(others), last]


def pairs(run: str) -> list[str]:
    """The overlapping pairs of characters of a run; none where it is a single character."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The English stem of a word in lower case. One without a Latin letter has none, which is quick to see."""
    return str(_STEMMER.stemWord(word)) if _LATIN.search(word) else word
