"""Marks in found texts: what the search finds, where it stands in the text as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search.highlights import (
    AROUND,
    EDGE,
    LEAST_READ,
    MOST_MARKED,
    MOST_READ,
    PART,
    WINDOW,
    Wanted,
    excerpt,
    marked,
    wanted,
)

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
    ("肺", "肺癌肺胃肺", "[肺]癌[肺]胃[肺]"),
    ("癌", "癌癌癌", "[癌癌癌]"),
    ("会社", "肺㍿癌", "肺[㍿]癌"),
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
        ("後" * (WINDOW - 2) + "…", False),
    ]
    assert excerpt(["none here"], wanted("肺癌")) == []


@pytest.mark.parametrize("at", [0, 1, 59, 61, PART - 1, PART, PART + 1, 3 * PART - 3, 30 * PART])
@pytest.mark.parametrize(("query", "word"), [("肺癌", "肺癌"), ("studies", "study"), ('"zinc"', "ZINC")])
def test_a_mark_is_found_wherever_it_stands(at: int, query: str, word: str) -> None:
    text = ("x " * at)[:at] + f" {word} " + "後ろ " * 100
    pieces = excerpt([text], wanted(query))

    assert [piece for piece, mark in pieces if mark] == [word]
    assert "".join(piece for piece, _ in pieces).strip("…") in text


LONG = ["癌" * 100_000, "肺癌" * 50_000, "a癌" * 50_000, "癌 " * 50_000, "癌" + "\u0315\u0316" * 50_000]


@pytest.mark.parametrize("text", LONG)
def test_an_excerpt_is_as_long_as_its_window(text: str) -> None:
    pieces = excerpt([text], wanted("癌"))

    assert any(mark for _, mark in pieces)
    assert sum(len(piece) for piece, _ in pieces) <= AROUND + WINDOW + 2


@pytest.mark.parametrize("before", [PART - EDGE, PART - EDGE + 1, PART + EDGE - 4, PART])
def test_half_a_word_at_the_edge_of_a_part_is_no_word(before: int) -> None:
    """The word is longer than what is compared, so that none of its parts is the beginning that is asked for."""
    text = "x" * before + "zinc" + "x" * 3 * PART

    assert excerpt([text], wanted("zinc")) == excerpt([text], wanted("xx zinc")) == []


@pytest.mark.parametrize("length", [4, 50, 60])
def test_a_word_is_not_found_in_the_beginning_of_another_that_was_cut(length: int) -> None:
    word = "z" * length
    whole = PART + EDGE - length
    text = "x " * (whole // 2) + word + "zing " + "y " * PART

    assert excerpt([text], wanted(f'"{word}"')) == []


def test_an_excerpt_ends_with_its_window_though_a_mark_follows() -> None:
    pieces = excerpt(["x " * 150 + "zinc" + " y" * (WINDOW // 2) + " zinc"], wanted("zinc"))

    assert [piece for piece, mark in pieces if mark] == ["zinc"]
    assert all(piece for piece, _ in pieces)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["none"] * (MOST_READ // LEAST_READ - 1) + ["zinc"], True),
        (["none"] * (MOST_READ // LEAST_READ) + ["zinc"], False),
        (["none " * PART] * 8 + ["zinc"], True),
        (["none " * PART] * 9 + ["zinc"], False),
        # A part that seems to have the word counts more: of zincs, zinc is no word.
        (["azinc"] * (MOST_MARKED - 1) + ["zinc"], True),
        (["azinc"] * MOST_MARKED + ["zinc"], False),
    ],
)
def test_a_look_for_an_excerpt_ends(texts: list[str], found: bool) -> None:
    assert excerpt(texts, wanted('"zinc"')) == ([("zinc", True)] if found else [])


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (AROUND, WINDOW - 4, ("x" * AROUND, "y" * (WINDOW - 4))),
        (AROUND + 1, WINDOW - 3, ("…" + "x" * AROUND, "y" * (WINDOW - 4) + "…")),
        (0, 0, ("", "")),
        (1, 1, ("x", "y")),
    ],
)
def test_an_excerpt_says_where_it_was_cut(before: int, after: int, shown: tuple[str, str]) -> None:
    spaced = ("x" * before)[:-1] + " " * (before > 0), " " * (after > 0) + ("y" * after)[1:]
    pieces = excerpt([f"{spaced[0]}zinc{spaced[1]}"], wanted("zinc"))
    expected = (shown[0][:-1] + " " * (before > 0), "zinc", " " * (after > 0) + shown[1][1:])

    assert pieces == [(piece, piece == "zinc") for piece in expected if piece]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Wanted()),
        ("studies", Wanted(stems=frozenset(["studi"]), begun="studies")),
        ('"studies"', Wanted(exact=frozenset(["studies"]))),
        ('new "studies"', Wanted(stems=frozenset(["new"]), exact=frozenset(["studies"]))),
        ('"new" studies', Wanted(stems=frozenset(["studi"]), exact=frozenset(["new"]), begun="studies")),
        ("studies 陽性", Wanted(("陽性",), frozenset(["studi"]))),
        ("陽性 study", Wanted(("陽性",), frozenset(["studi"]), begun="study")),
    ],
)
def test_what_can_be_marked_of_a_query(query: str, expected: Wanted) -> None:
    assert wanted(query) == expected


def test_other_names_of_the_same_are_marked_too() -> None:
    assert marked("乳癌 and breast carcinomas", wanted("乳がん")) == [
        ("乳癌", True),
        (" and ", False),
        ("breast", True),
        (" ", False),
        ("carcinomas", True),
    ]


LETTERS = st.sampled_from("肺癌 studyingが\u3099")


@given(st.lists(st.text(LETTERS, max_size=3_000), max_size=3), st.sampled_from(["肺癌", "study", "が"]))
def test_an_excerpt_marks_what_the_whole_text_marks(texts: list[str], query: str) -> None:
    words = wanted(query)
    pieces = excerpt(texts, words)
    found = next((text for text in texts if any(mark for _, mark in marked(text, words))), None)

    assert bool(pieces) == (found is not None)
    if found is not None:
        first = next(piece for piece, mark in marked(found, words) if mark)
        assert next(piece for piece, mark in pieces if mark)[:10] == first[:10]
