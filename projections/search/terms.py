"""A reader's words as terms, all of which a trial must have.

Japanese is found wherever it stands within a run. English words are found by their stem, the last one also by how it
begins, as it may still be being typed. Words in "quotes" are found as written, next to each other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from projections.search.vocabulary import Expansion, alternatives
from projections.search.words import LONGEST, Token, pairs, tokens

STOP_WORDS: Final = frozenset(["a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with"])
"""Left out of a query, unless it has no other words or quotes them; they stay in the index."""
_CORE: Final = re.compile(r"\w(?:.*\w)?", re.DOTALL)
"""A word without the marks around it."""
SHORT: Final = 3
"""Letters of an unfinished word that is taken for a whole one first: ALS is not to find "also"."""
_TERMS: Final = re.compile(r'["“”„]([^"“”„]*)["“”„]?|([^\s"“”„]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand next to each other, as they are indexed: pairs of characters, and words as written.

    `quoted`: no word stands for others of its stem. `begins`: the last is a single character of Japanese, with which
    a pair may begin. `typed`: the last is a word that may go on.
    """

    words: tuple[str, ...]
    quoted: bool = False
    begins: bool = False
    typed: bool = False

    @property
    def whole_first(self) -> bool:
        """Whether the last word is so short that it is taken for whole where that finds something."""
        return self.typed and len(self.words[-1]) <= SHORT


@dataclass(frozen=True, slots=True)
class Term:
    """Ways to say one thing, any of which will do; each is phrases that must all be there."""

    ways: tuple[tuple[Phrase, ...], ...]


def terms(text: str, *, typing: bool = False) -> list[Term]:
    """The text's terms, each once. `typing`: the last word may be unfinished.

    A term written without a space, like COVID-19 or EGFR変異, is a phrase. A term of the vocabulary stands for
    all its synonyms.
    """
    return [*dict.fromkeys(term for unit in _units(text) for term in unit.terms(typing=typing))]


def also(text: str) -> tuple[str, ...]:
    """Terms that are searched besides the words of the text, for a reader."""
    found = [unit.expansion.shown for unit in _units(text) if unit.expansion and unit.expansion.shown]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Unit:
    """Words of a text that are one term: several only where the vocabulary has them together."""

    words: tuple[str, ...]
    quoted: bool
    last: bool
    """Whether nothing follows."""
    expansion: Expansion | None = None
    """Of all of the words, or of a part of the only one, which then begins `within` it."""
    within: int | None = None

    def terms(self, *, typing: bool) -> Iterator[Term]:
        """One term; of a run longer than a phrase can find, one for each piece."""
        typed = typing and self.last
        own = [
            phrase
            for at, word in enumerate(self.words, 1)
            for phrase in phrases(word, quoted=self.quoted, typing=typed and at == len(self.words))
        ]
        if not own:
            return
        ways = [tuple(phrases(form)) for form in self._forms()]
        if ways or len(self.words) > 1:
            yield Term(tuple(dict.fromkeys([tuple(own), *filter(None, ways)])))
        else:
            yield from (Term(((phrase,),)) for phrase in own)

    def _forms(self) -> Iterator[str]:
        if self.expansion is None:
            return
        if self.within is None:
            yield from self.expansion.forms
            return
        [word] = self.words
        end = self.within + self.expansion.end - self.expansion.start
        for form in self.expansion.forms:
            # Within a longer word, only a form written without blanks can replace it.
            if not form.isascii():
                yield word[: self.within] + form + word[end:]


@lru_cache(maxsize=1_000)
def _units(text: str) -> tuple[_Unit, ...]:
    """The text in order; words that are in most texts are left out, unless there are no others.

    Those of the latest texts are remembered: a search asks for them several times, and readers turn pages.
    """
    found = tuple(_in_order(text))
    counting = tuple(unit for unit in found if unit.quoted or unit.expansion or unit.words[0].lower() not in STOP_WORDS)
    return counting or found


def _in_order(text: str) -> Iterator[_Unit]:
    expansions = alternatives(text)
    matches = [*_TERMS.finditer(text)]
    ends = {_core(match)[1]: at for at, match in enumerate(matches)}
    at = 0
    while at < len(matches):
        match, last = matches[at], len(matches) - 1
        quoted, plain = match.groups()
        start, end = _core(match)
        whole = next((one for one in expansions if one.start == start and ends.get(one.end, -1) >= at), None)
        inside = next((one for one in expansions if start <= one.start and one.end <= end), None)
        if quoted or whole is None:
            within = inside.start - match.start() if inside and not quoted else None
            # Empty quotes match neither group.
            yield _Unit((quoted or plain or "",), bool(quoted), at == last, None if quoted else inside, within)
            at += 1
            continue
        until = ends[whole.end]
        yield _Unit(tuple(one[0] for one in matches[at : until + 1]), False, until == last, whole)
        at = until + 1


def _core(match: re.Match[str]) -> tuple[int, int]:
    """The beginning and end of a word, without the marks around it."""
    found = _CORE.search(match[0])
    start, end = found.span() if found else (0, len(match[0]))
    return match.start() + start, match.start() + end


def counting_terms(text: str) -> list[tuple[str, bool]]:
    """The words of a reader that count, in order, and whether each is quoted."""
    return [(word, unit.quoted) for unit in _units(text) for word in unit.words]


def other_forms(text: str) -> Iterator[str]:
    """Other names of the terms in the text."""
    for unit in _units(text):
        yield from unit.expansion.forms if unit.expansion else ()


def phrases(term: str, *, quoted: bool = False, typing: bool = False) -> Iterator[Phrase]:
    """The term's runs as one phrase; a run longer than a phrase can find, in overlapping pieces of their own."""
    short: list[Token] = []
    for run, word in tokens(term):
        if len(run) > LONGEST:
            cuts = {*range(0, len(run) - LONGEST, LONGEST // 2), len(run) - LONGEST}
            for cut in sorted(cuts):
                yield Phrase(tuple(pairs(run[cut : cut + LONGEST])))
        else:
            short.append((run, word))
    if short:
        yield _phrase(short, quoted=quoted, typing=typing)


def _phrase(parts: Sequence[Token], *, quoted: bool, typing: bool) -> Phrase:
    last = len(parts) - 1
    words: list[str] = []
    for at, (run, word) in enumerate(parts):
        words += _of_run(run, ends=at < last) if run else [word]
    run, word = parts[last]
    return Phrase(tuple(words), quoted, begins=len(run) == 1, typed=bool(word) and typing and not quoted)


def _of_run(run: str, *, ends: bool) -> list[str]:
    """`ends`: something follows, so the run ends here in the text, too, and its last character stands alone."""
    return [*pairs(run), run[-1]] if ends else pairs(run) or [run]
