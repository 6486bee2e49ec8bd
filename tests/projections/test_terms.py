"""The phrases that a reader's words become, written out."""

from itertools import pairwise

import pytest

from projections.search.terms import Phrase, also, terms
from projections.search.words import LONGEST, pairs


def phrases(text: str, *, typing: bool = False) -> list[Phrase]:
    """Of each term its own words, which are its first way."""
    return [phrase for term in terms(text, typing=typing) for phrase in term.ways[0]]


def written(phrase: Phrase) -> str:
    """The words; behind them a star where the last may go on, around them quotes where they stand as written."""
    text = " ".join(phrase.words) + "*" * (phrase.begins or phrase.typed)
    return f'"{text}"' if phrase.quoted else text


@pytest.mark.parametrize(
    ("text", "typing", "expected"),
    [
        ("studies", False, ["studies"]),
        ('"studies"', False, ['"studies"']),
        ("studies", True, ["studies*"]),
        ("new studies", True, ["new", "studies*"]),
        ('"studies"', True, ['"studies"']),
        ("covid-19", False, ["covid 19"]),
        ("癌", False, ["癌*"]),
        ("肺癌", False, ["肺癌"]),
        ("小細胞", False, ["小細 細胞"]),
        ("癌19", False, ["癌 19"]),
        ("EGFR変異", False, ["egfr 変異"]),
        ("EGFR変異19", False, ["egfr 変異 異 19"]),
        ('"EGFR studies" 変異', False, ['"egfr studies"', "変異"]),
        ("covid-studies", True, ["covid studies*"]),
        ("肺癌", True, ["肺癌"]),
        ("the studies", False, ["studies"]),
        ('"the" studies', False, ['"the"', "studies"]),
        ("the", False, ["the"]),
        ("studies studies", False, ["studies"]),
        ("Sjögren's Étude", False, ["sjogren s", "etude"]),
        ("がん ガン", False, ["がん", "ガン"]),
    ],
)
def test_words_are_phrases_of_what_is_indexed(text: str, typing: bool, expected: list[str]) -> None:
    assert [written(phrase) for phrase in phrases(text, typing=typing)] == expected


@pytest.mark.parametrize(("text", "whole_first"), [("ALS", True), ("new als", True), ("also", False), ("肺癌", False)])
def test_a_short_word_at_the_end_is_taken_for_whole_first(text: str, whole_first: bool) -> None:
    assert phrases(text, typing=True)[-1].whole_first is whole_first
    assert not phrases(text)[-1].whole_first


def test_a_run_longer_than_a_phrase_is_asked_for_in_pieces_that_overlap_from_its_first_character_to_its_last() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(1_000))
    found = [phrase.words for phrase in phrases(run)]

    assert len(found) == 31
    assert {len(words) for words in found} == {LONGEST - 1}
    assert {*pairs(run)} == {word for words in found for word in words}
    for one, following in pairwise(found):
        assert {*one} & {*following}


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_a_run_is_one_phrase_up_to_the_longest(length: int) -> None:
    run = "".join(chr(0x4E00 + number) for number in range(length))

    assert [len(phrase.words) for phrase in phrases(run)] == [LONGEST - 1] * (1 + (length > LONGEST))


def test_a_word_and_the_longest_run_are_one_phrase() -> None:
    run = "".join(chr(0x4E00 + number) for number in range(LONGEST))

    assert len(terms("a" + run)) == 1
    assert len(terms("a" + run + "亜")) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("乳がん", ["乳が がん", "乳癌"]),
        ("breast cancer", ["breast cancer", "乳癌"]),
        ("乳がん検診", ["乳が がん ん検 検診", "乳癌 癌検 検診"]),
        ('"breast cancer"', ['"breast cancer"']),
    ],
)
def test_what_the_vocabulary_has_is_one_term_with_all_that_means_the_same(text: str, expected: list[str]) -> None:
    (term,) = terms(text)
    ways = [" ".join(map(written, way)) for way in term.ways]

    assert [way for way in expected if way not in ways] == []
    assert ways[0] == expected[0]


@pytest.mark.parametrize("text", ["", '"', '""', '\u2060"', '" "', "!", "“”„", '"!" ?'])
def test_what_has_no_word_has_no_term(text: str) -> None:
    assert terms(text, typing=True) == []


def test_words_beside_one_of_the_vocabulary_are_terms_of_their_own() -> None:
    assert [written(term.ways[0][0]) for term in terms("new 乳がん drug")] == ["new", "乳が がん", "drug"]
    assert also("new 乳がん drug") == ("乳癌 / breast cancer",)
    assert also('"乳がん" drug') == ()
