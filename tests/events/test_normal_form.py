"""Text is normalised in time proportional to its length, and otherwise as Unicode says."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.normal_form import MARKS, MOST_MARKS, SEPARATOR, nfkc, nfkd, stream_safe

EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def test_every_character_that_normalisation_moves_is_a_mark() -> None:
    moved = {one for one in EVERY if unicodedata.combining(unicodedata.normalize("NFKD", one)[0])}
    assert set(re.compile(f"[{MARKS}]").findall("".join(EVERY))) == moved


@pytest.mark.parametrize("mark", ["\u0301", "\u0f73", "ﾞ", "\U0001e94a"])
def test_more_marks_than_any_language_has_are_parted(mark: str) -> None:
    assert stream_safe("e" + mark * MOST_MARKS) == "e" + mark * MOST_MARKS
    assert stream_safe("e" + mark * (MOST_MARKS + 1)) == "e" + mark * MOST_MARKS + SEPARATOR + mark
    parted = stream_safe("e" + mark * (3 * MOST_MARKS) + "x")
    assert parted.replace(SEPARATOR, "") == "e" + mark * (3 * MOST_MARKS) + "x"
    assert max(map(len, parted.split(SEPARATOR))) <= MOST_MARKS + 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_other_text_is_normalised_as_ever(text: str) -> None:
    if text == stream_safe(text):
        assert nfkc(text) == unicodedata.normalize("NFKC", text)
        assert nfkd(text) == unicodedata.normalize("NFKD", text)


@given(st.text(st.sampled_from("ae\u0301\u0316\u0334ﾞか"), max_size=300))
def test_what_is_normalised_stays_so(text: str) -> None:
    assert nfkc(nfkc(text)) == nfkc(text)
