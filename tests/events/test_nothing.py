"""Words in place of numbers and names: there is none, it does not apply, or it is not known."""

import pytest

from events.identifiers.nothing import WORDS, Nothing, no_acronym, nothing, nothing_named, nothing_said


@pytest.mark.parametrize("word", ["None", "NONE.", "Nil", "なし", "該当なし", "特になし", "該当 無し", "No", "Nenhum"])
def test_there_is_none(word: str) -> None:
    assert nothing(word) is Nothing.NONE


@pytest.mark.parametrize("word", ["NA", "N/A", "n.a.", "Ｎ／Ａ", "Not applicable", "(not applicable)", "非該当"])
def test_it_does_not_apply(word: str) -> None:
    assert nothing(word) is Nothing.NOT_APPLICABLE


@pytest.mark.parametrize("word", ["NULL", "TBA", "unknown", "Not assigned", "未定", "不明", "-", "—", "...", "", " "])
def test_it_is_not_known(word: str) -> None:
    assert nothing(word) is Nothing.UNKNOWN


@pytest.mark.parametrize("number", ["NA-001", "NCT01234567", "None-1", "1", "N/A 12", "Nil2020", "該当なし1"])
def test_a_number_is_one_though_a_word_stands_in_it(number: str) -> None:
    assert nothing(number) is None


def test_every_word_of_the_table_is_in_place_of_a_number() -> None:
    assert {word: nothing(word) for word in WORDS} == WORDS
    assert set(WORDS.values()) == {*Nothing}


@pytest.mark.parametrize("name", ["Na", "No", "NIL", "ＮＡ", "-", "*"])
def test_a_name_of_people_is_one(name: str) -> None:
    assert nothing_named(name) is None


@pytest.mark.parametrize("name", ["N/A", "n.a.", "None", "該当なし", "Not provided"])
def test_a_word_in_place_of_a_name_is_none(name: str) -> None:
    assert nothing_named(name) is nothing(name)


def test_an_acronym_may_be_a_word_that_elsewhere_says_nothing() -> None:
    assert [no_acronym(text) for text in ("UNKNOWN", "N/A", "None")] == [
        None,
        Nothing.NOT_APPLICABLE,
        Nothing.NONE,
    ]
    assert nothing_said("-") is None
