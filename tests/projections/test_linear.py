"""The worst texts take time in proportion to their length, whatever is done with them."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from events.changes import diff
from events.normal_form import nfkc
from projections.search.highlights import excerpt, marked, wanted
from projections.search.terms import counting_terms
from projections.search.words import stems, tokens, written
from tests.support.linear import assert_linear

LENGTH: Final = 8_000
"""Long enough to tell: before runs of marks were bounded, this took 0.06 s and twice as much 0.25."""
FEW: Final = 0.02
"""Seconds that are too short to compare on a busy machine, and too short to harm anybody."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
TEXTS: Final = {
    "marks": "か\u0301\u0316\u0334" + "\u0301\u0316\u0334" * LENGTH,
    "half-width marks": "ｶ" + "ﾞ\u0323" * LENGTH,
    "one letter": "a" * LENGTH * 2,
    "one kanji": "癌" * LENGTH * 2,
    "two kanji": "癌肺癌癌肺" * LENGTH,
    "ligatures": "\ufdfa" * LENGTH * 2,
    "spaces": " " * LENGTH * 2,
    "brackets": "(<[\"'" * LENGTH,
    "scripts by turns": "a癌" * LENGTH,
    "single kanji": "癌 " * LENGTH,
    "other words": " ".join(f"{a}{b}{c}{d}" for a in LETTERS for b in LETTERS for c in LETTERS for d in "aeiou"),
}
DONE: Final[dict[str, Callable[[str], Any]]] = {
    "normalised": nfkc,
    "cut into words": tokens,
    "made ready for an index": lambda text: stems(written([text])),
    "marked": lambda text: marked(text, wanted("癌 cancer")),
    "excerpted": lambda text: excerpt([text], wanted("zinc 肺胃")),
    "read as a search": counting_terms,
    "compared": lambda text: [*diff({"text": text + "a"}, {"text": text + "b"})],
}


def seconds(done: Callable[[str], Any], text: str) -> float:
    """Of processor time, so that a busy machine counts for little."""
    began = time.process_time()
    done(text)
    return time.process_time() - began


@pytest.mark.parametrize("done", DONE)
def test_twice_the_text_takes_some_twice_as_long(done: str) -> None:
    for name, text in TEXTS.items():
        assert assert_linear(partial(seconds, DONE[done]), text[: 2 * LENGTH], FEW, name) < 2, name
