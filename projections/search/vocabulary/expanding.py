"""Other names for a reader's words: the other terms of the same group, never wider ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from projections.search.vocabulary.folding import Folded, fold, folded
from projections.search.vocabulary.matching import Occurrence, occurrences, script_of
from projections.search.vocabulary.table import Term, vocabulary


@dataclass(frozen=True, slots=True)
class Expansion:
    """A part of a text, from `start` to before `end`, with its synonyms.

    `forms`: terms, and codes as words. `shown`: the preferred ones among them, for a reader.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    shown: str


def alternatives(text: str) -> list[Expansion]:
    """The parts of a text that are terms of the vocabulary, in order; at each place the longest, none over another.

    A Japanese term behind other kanji is the head of a longer word (甲状腺がん): the whole word is the part, and its
    forms are Japanese (甲状腺癌). A term in two groups has the forms of both. A part in "quotes" is searched as
    written, so it has no other forms.
    """
    whole = fold(text)
    found = occurrences(whole)
    expansions = []
    former = 0
    for one in found:
        quoted = whole.text.count('"', 0, one.start) % 2
        expansion = None if quoted else _expansion(whole, one, _head(whole.text, one, former))
        if expansion is not None:
            expansions.append(expansion)
        former = one.end
    return expansions


def _head(text: str, one: Occurrence, former: int) -> int:
    """The beginning of the longer word that a term ends: the term's own beginning, if nothing touches it."""
    start = one.start
    if script_of(text[start]) == "word":
        return start
    while start > former and script_of(text[start - 1]) in ("kanji", "katakana"):
        start -= 1
    return start


def _expansion(whole: Folded, one: Occurrence, head: int) -> Expansion | None:
    terms = [term for group in vocabulary().by_form[one.form] for term in vocabulary().groups[group]]
    others = [term for term in terms if folded(term.term) != one.form]
    before = whole.text[head : one.start]
    if before:
        others = [term for term in others if term.is_japanese and term.kind != "spelling"]
    codes = () if before else tuple(dict.fromkeys(term.code for term in terms if term.code))
    forms = _distinct([before + term.term for term in others])
    if not forms and not codes:
        return None
    shown = " / ".join(_distinct([before + term.term for term in _preferred(others)]))
    return Expansion(whole.begins[head], whole.ends[one.end - 1], (*forms, *codes), shown or forms[0])


def _distinct(terms: Sequence[str]) -> tuple[str, ...]:
    return tuple({folded(term): term for term in reversed(terms)}.values())[::-1]


def _preferred(terms: Sequence[Term]) -> Sequence[Term]:
    return [term for term in terms if term.kind == "preferred"] or terms[:1]
