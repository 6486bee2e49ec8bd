"""A question in a sentence, as 大阪で募集中の乳がんの治験, as the words that it asks for."""

import re
from dataclasses import dataclass
from typing import Final

from projections.search.vocabulary.folding import Folded, fold
from projections.search.vocabulary.matching import gaps, occurrences

_GENERIC: Final = (
    "臨床試験", "臨床研究", "治験", "試験", "研究", "募集中", "募集", "参加者", "参加", "患者さん", "患者",
    "方法", "情報", "一覧",
    "recruiting", "clinical trials", "clinical trial", "clinical studies", "clinical study", "trials", "trial",
    "studies", "study", "patients", "patient", "near me", "looking for",
)  # fmt: skip
"""Words that are true of every trial, as that it is one or takes participants: they narrow nothing here."""
_GRAMMAR: Final = (
    "を探しています", "を探している", "をさがしています", "がありますか", "はありますか", "ありますか", "について",
    "に関する", "に対する", "における", "のための", "したいです", "したい", "できますか", "できる", "している", "中の",
    "教えてください", "を教えて", "ください", "を探す", "をさがす", "です", "ですか", "から", "まで", "での", "への",
    "との", "の", "に", "で", "と", "を", "は", "が", "も", "や", "へ", "か", "な",
    "in", "for", "of", "with", "and", "the", "a", "an", "at", "on", "or", "by", "to",
)  # fmt: skip
"""Particles and the endings of questions."""


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(rf"\b{word}\b" if word.isascii() else word for word in sorted(words, key=len, reverse=True))


_PARTS: Final = re.compile(
    rf"(?P<generic>{_one_of(_GENERIC)})|(?P<grammar>{_one_of(_GRAMMAR)})|(?P<space>[ ？?。、]+)"
    r"|(?P<word>[一-龯々ァ-ヺー]+?(?=" + _one_of(_GENERIC) + r"|[^一-龯々ァ-ヺー]|\Z)|[a-z0-9]+)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """The words that a text asks for, in order, and the generic ones that were left out."""

    words: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def query_words(text: str) -> Question:
    """The words of a question; the text as it is where it is none.

    It is one if it has a term of the vocabulary, if all that lies between is understood, and if something of that is
    grammar or generic, or if there are several terms, as in 大阪乳がん. For a text that finds nothing as written: a
    phrase says more than its words.
    """
    whole = fold(text)
    found = occurrences(whole)
    if not found or '"' in whole.text:
        return Question((text,))
    words: list[tuple[int, int]] = [(one.start, one.end) for one in found]
    left_out: list[tuple[int, int]] = []
    understood = False
    for start, end in gaps(whole, found):
        parts = _parts(whole.text, start, end)
        if parts is None:
            return Question((text,))
        words += [part for kind, part in parts if kind == "word"]
        left_out += [part for kind, part in parts if kind == "generic"]
        understood = understood or any(kind in ("generic", "grammar") for kind, _ in parts)
    if not understood and len(found) == 1:
        return Question((text,))
    return Question(_written(text, whole, words), _written(text, whole, left_out))


def _parts(text: str, start: int, end: int) -> list[tuple[str, tuple[int, int]]] | None:
    """The parts of the text between two terms; None if one of them is not understood."""
    parts = []
    while start < end:
        match = _PARTS.match(text, start, end)
        if match is None:
            return None
        parts.append((match.lastgroup or "", match.span()))
        start = match.end()
    return parts


def _written(text: str, whole: Folded, parts: list[tuple[int, int]]) -> tuple[str, ...]:
    return tuple(text[whole.begins[start] : whole.ends[end - 1]] for start, end in sorted(parts))
