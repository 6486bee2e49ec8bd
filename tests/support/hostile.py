"""Texts that are hard to carry: of one to four bytes a character, incompressible, long runs, marks, directions."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

Make = Callable[[Random, int], str]


def _drawn(*ranges: tuple[int, int]) -> Make:
    """Characters from all of the ranges, each as likely as the others."""
    characters = [chr(code) for first, last in ranges for code in range(first, last + 1)]
    return lambda random, size: "".join(random.choices(characters, k=size))


def _run(characters: str) -> Make:
    """One of the characters again and again."""
    return lambda random, size: random.choice(characters) * size


def _again(piece: str) -> Make:
    return lambda random, size: (piece * (size // len(piece) + 1))[:size]


def _words(make: Make, most: int) -> Make:
    def words(random: Random, size: int) -> str:
        text, at, parts = make(random, size), 0, []
        while at < size:
            at += (length := random.randint(1, most)) + 1
            parts.append(text[at - length - 1 : at - 1])
        return " ".join(parts)[:size]

    return words


def _marked(marks: str) -> Make:
    """One letter with a long run of marks, which normalisation sorts by class."""
    return lambda random, size: ("e" + "".join(random.choices(marks, k=size)))[:size]


def _isolated(random: Random, size: int) -> str:
    """Directions that are closed."""
    return ("\u2068\u05d0" * (size // 4) + "\u2069" * (size // 4) or "\u05d0")[:size]


LATIN: Final = _drawn((0x21, 0x7E))
KANJI: Final = _drawn((0x4E00, 0x9FFF))
ASTRAL: Final = _drawn((0x20000, 0x2A6DF))
CARRIED: Final[Mapping[str, Make]] = {
    "latin": LATIN,
    "latin words": _words(_drawn((0x61, 0x7A)), 9),
    "greek and cyrillic words": _words(_drawn((0x391, 0x3A1), (0x410, 0x44F)), 12),
    "kanji": KANJI,
    "kanji words": _words(KANJI, 4),
    "kanji beyond the first plane": ASTRAL,
    "kana, halves of kana": _drawn((0x3041, 0x3096), (0x30A1, 0x30FA), (0xFF66, 0xFF9F)),
    "letters beyond the first plane": _words(_drawn((0x10400, 0x1044F), (0x1D400, 0x1D433)), 8),
    "hangul parts": _drawn((0x1100, 0x11FF)),
    "emoji": _again("👩‍👩‍👧‍👦🏳️‍🌈"),
    "one letter": _run("a0é"),
    "one kanji": _run("亜𠮷"),
    "two kanji": lambda random, size: "".join(random.choices("亜唖", k=size)),
    "marks": _marked("\u0301"),
    "marks of several classes": _marked("\u0301\u0323\u0334\u0345\u093c\u1dce"),
    "what NFKC makes eighteen of": _run("\ufdfa\u3300"),
    "what is more in lower case": _run("İ"),
    "blanks": lambda random, size: ("x" + " \u3000\u00a0\u2003" * size)[: size - 1] + "x" if size > 1 else "x",
    "no width": _again("a\u200b\u200d\ufeff\u00ad"),
    "directions closed": _isolated,
    "markup": _again("<&\"'>]]>&amp;{{x}}<!--"),
    "quotes and backslashes": _again('"\\\\u0000'),
    "signs": _again("!&|:*()<->"),
    "not characters": _again("a\ufffe\uffff\U0001ffff\ue000"),
    "digits": _drawn((0x30, 0x39), (0x660, 0x669), (0x1D7CE, 0x1D7FF)),
}
"""What any field of text takes, with U+FFFE and the like."""
REFUSED: Final[Mapping[str, Make]] = {
    "controls": _again("a\x1b[2J\x07\x7f\x9b"),
    "zero": _again("a\0"),
    "line ends": _again("a\r\n\u2028\u0085\f"),
    "directions open": _again("a\u202e\u2066"),
    "blank": _again(" \u3000"),
}
"""What some or all of them refuse, or what imports clean."""
KINDS: Final[Mapping[str, Make]] = {**CARRIED, **REFUSED}
