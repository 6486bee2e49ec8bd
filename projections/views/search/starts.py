"""Short texts so that an index alone decides whether they say something: titles, conditions, names of sponsors.

Every place in a text where a word or a character of Japanese begins gives a lexeme: what follows from there, up to
`REACH` characters. What a reader asks for is then the beginning of a lexeme wherever in the text it stands, be it a
word or a phrase, and nothing has to be read again to be sure of it. What is longer is a phrase of several lexemes.
Words stand in the text as written and once more as stems, each with a blank behind it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from projections.views.search.vectors import LAST_POSITION, MOST_BYTES, PLACES
from projections.views.search.words import Token, Tokens, stem

REACH: Final = 20
"""Few names of diseases and drugs are longer."""


def starts(*groups: Iterable[Tokens]) -> list[str]:
    """For each group of texts a vector literal, which has those of the groups before it, too.

    A text that there is no room for, beyond some 8,000 characters or MOST_BYTES, is left out.
    """
    literals: list[str] = []
    base, size, made = 1, 0, []
    for texts in groups:
        for written in texts:
            stems = stemmed(written)
            for form in (written,) if stems == written else (written, stems):
                line = spelled(form)
                if base + len(line) > LAST_POSITION:
                    continue
                literal = " ".join([f"'{lexeme}{PLACES[base + at]}" for at, lexeme in beginnings(form, line)])
                taken = len(literal.encode()) + 1
                if size + taken <= MOST_BYTES:
                    literals.append(literal)
                    base, size = base + len(line) + 1, size + taken
        made.append(" ".join(literals))
    return made


def stemmed(written: Iterable[Token]) -> list[Token]:
    """The text with each word's stem in its place."""
    return [(run, stem(word) if word else word) for run, word in written]


def spelled(text: Iterable[Token]) -> str:
    """The runs and words in one line, a blank behind each."""
    return "".join([f"{run}{word} " for run, word in text])


def beginnings(text: Iterable[Token], line: str) -> list[tuple[int, str]]:
    """Each place of the line where something begins, and its lexeme: never less than a whole word."""
    at, found = 0, []
    for run, word in text:
        if word:
            found.append((at, line[at : at + max(REACH, len(word) + 1)]))
            at += len(word) + 1
        else:
            found += [(place, line[place : place + REACH]) for place in range(at, at + len(run))]
            at += len(run) + 1
    return found


def query(phrase: Sequence[Token], *, whole: bool) -> str:
    """What matches texts that say this; `whole`: its last word ends there. Runs of Japanese go on as they like."""
    line = spelled(phrase)
    searched = line if whole and phrase[-1][1] else line[:-1]
    lexemes = dict(beginnings(phrase, searched))
    place, found = 0, lexemes[0]
    parts: list[str] = []
    while place + len(found) < len(searched):
        following = max(at for at in lexemes if at <= place + len(found))
        parts.append(f"'{found}' <{following - place}>")
        place, found = following, lexemes[following]
    return " ".join([*parts, f"'{found}':*"])
