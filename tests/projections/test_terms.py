"""The query that a reader's words become, written out."""

from itertools import pairwise

import pytest

from projections.search import starts
from projections.search.terms import Term, terms
from projections.search.words import pairs


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
    ],
)
def test_words_are_stems_and_what_is_quoted_is_as_written(text: str, typing: bool, exact: list[str]) -> None:
    assert [term.exact for term in terms(text, typing=typing)] == exact


def test_titles_are_compared_by_stems_but_for_what_is_quoted() -> None:
    [plain], [quoted] = terms("studies"), terms('"studies"')

    assert isinstance(plain, Term)
    assert (plain.start, quoted.start) == (starts.query([("", "studi")], whole=True), "'studies ':*")


def test_a_run_longer_than_a_phrase_is_asked_for_in_pieces_that_overlap_from_its_first_character_to_its_last() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(1_000))
    asked = [term.exact for term in terms(run)]
    said = " ".join(asked)

    assert len(asked) > 1
    assert all(f"'{pair}'" in said for pair in pairs(run))
    for one, next_ in pairwise(asked):
        assert set(one.split(" <-> ")) & set(next_.split(" <-> "))
