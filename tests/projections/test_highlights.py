"""Marks in found texts: what the search finds, where it stands in the text as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search.highlights import AROUND, excerpt, marked, wanted

MARKED = [
    ("肺癌", "非小細胞肺癌に対する肺癌の試験", "非小細胞[肺癌]に対する[肺癌]の試験"),
    ("肺", "肺の癌", "[肺]の癌"),
    ("trial", "Two trials of a Trial", "Two [trials] of a [Trial]"),
    ("osimer", "Osimertinib for lung", "[Osimertinib] for lung"),
    ('"osimer"', "Osimertinib for lung", "Osimertinib for lung"),
    ("the cancer", "The cancer of the lung", "The [cancer] of the lung"),
    ("ＥＧＦＲ変異", "EGFR変異陽性", "[EGFR変異]陽性"),
    ("ガン", "ﾊｲｶﾞﾝの試験", "ﾊｲ[ｶﾞﾝ]の試験"),
    ("ﬁbrosis", "Cystic ﬁbrosis", "Cystic [ﬁbrosis]"),
    ("…", "no words…", "no words…"),
    ("", "nothing asked", "nothing asked"),
]


@pytest.mark.parametrize(("query", "text", "expected"), MARKED)
def test_words_are_marked_as_they_are_searched(query: str, text: str, expected: str) -> None:
    pieces = marked(text, wanted(query))

    assert "".join(f"[{piece}]" if mark else piece for piece, mark in pieces) == expected


@given(st.text(max_size=60), st.text(max_size=20))
def test_marks_leave_the_text_as_it_is(text: str, query: str) -> None:
    pieces = marked(text, wanted(query))

    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)


def test_an_excerpt_shows_what_surrounds_the_first_mark() -> None:
    long = "前" * 200 + "肺癌" + "後" * 200

    assert excerpt(["none here", long], wanted("肺癌")) == [
        ("…" + "前" * AROUND, False),
        ("肺癌", True),
        ("後" * AROUND + "…", False),
    ]
    assert excerpt(["none here"], wanted("肺癌")) == []
