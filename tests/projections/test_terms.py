"""The query that a reader's words become, written out."""

from itertools import pairwise

import pytest

from projections.views.search.terms import all_of, terms
from projections.views.search.words import LONGEST, pairs


@pytest.mark.parametrize(
    ("text", "typing", "exact"),
    [
        ("studies", False, ["'studi'"]),
        ('"studies"', False, ["'studies'"]),
        ("studies", True, ["('studi' | 'studies':*)"]),
        ("new studies", True, ["'new'", "('studi' | 'studies':*)"]),
        ('"studies"', True, ["'studies'"]),
        ("covid-19", False, ["'covid' <-> '19'"]),
        ("癌", False, ["'癌':*"]),
        ("肺癌", False, ["'肺癌'"]),
        ("小細胞", False, ["'小細' <-> '細胞'"]),
        ("癌19", False, ["'癌' <-> '19'"]),
        ("EGFR変異", False, ["'egfr' <-> '変異'"]),
        ("EGFR変異19", False, ["'egfr' <-> '変異' <-> '異' <-> '19'"]),
        ('"EGFR studies" 変異', False, ["'egfr' <-> 'studies'", "'変異'"]),
        ("covid-studies", True, ["'covid' <-> ('studi' | 'studies':*)"]),
        ("肺癌", True, ["'肺癌'"]),
        ("the studies", False, ["'studi'"]),
        ('"the" studies', False, ["'the'", "'studi'"]),
        ("the", False, ["'the'"]),
        ("studies study", False, ["'studi'"]),
    ],
)
def test_words_are_stems_and_what_is_quoted_is_as_written(text: str, typing: bool, exact: list[str]) -> None:
    assert [term.exact for term in terms(text, typing=typing)] == exact


@pytest.mark.parametrize(
    ("text", "typing", "start"),
    [
        ("studies", False, "'studi ':*"),
        ('"studies"', False, "'studies ':*"),
        ("studies", True, "'studi ':* | 'studies':*"),
        ('"studies"', True, "'studies ':*"),
        ("covid-studies", True, "'covid studi ':* | 'covid studies':*"),
        ("肺癌", True, "'肺癌':*"),
        ("studies肺癌", True, "'studi 肺癌':*"),
    ],
)
def test_titles_are_compared_by_stems_but_for_what_is_quoted(text: str, typing: bool, start: str) -> None:
    assert [term.start for term in terms(text, typing=typing)] == [start]


@pytest.mark.parametrize(
    ("text", "loose", "phrase"),
    [
        ("studies", "'studi'", False),
        ("肺癌", "'肺癌'", False),
        ("小細胞", "'小細' & '細胞'", True),
        ("covid-19", "'covid' & '19'", True),
    ],
)
def test_of_a_phrase_an_index_is_asked_for_its_words(text: str, loose: str, phrase: bool) -> None:
    [term] = terms(text)

    assert (term.loose, term.is_phrase) == (loose, phrase)


def test_all_terms_must_be_found() -> None:
    assert all_of(["'a'", "'b' | 'c'"]) == "('a') & ('b' | 'c')"
    assert all_of([]) == ""


def test_a_run_longer_than_a_phrase_is_asked_for_in_pieces_that_overlap_from_its_first_character_to_its_last() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(1_000))
    phrases = [term.exact for term in terms(run)]
    together = " ".join(phrases)

    assert len(phrases) == 31
    assert {one.count(" <-> ") + 2 for one in phrases} == {LONGEST}
    assert all(f"'{pair}'" in together for pair in pairs(run))
    for one, next_ in pairwise(phrases):
        assert set(one.split(" <-> ")) & set(next_.split(" <-> "))


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_a_run_is_one_phrase_up_to_the_longest(length: int) -> None:
    run = "".join(chr(0x4E00 + number) for number in range(length))

    assert [term.exact.count(" <-> ") + 2 for term in terms(run)] == [LONGEST] * (1 + (length > LONGEST))


def test_a_word_and_the_longest_run_are_one_phrase() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(LONGEST))

    assert len(terms("a" + run)) == 1
    assert len(terms("a" + run + "亜")) == 3
