"""A question in a sentence, as the words that it asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search.vocabulary import Question, query_words


@pytest.mark.parametrize(
    ("text", "words", "left_out"),
    [
        ("大阪で募集中の乳がんの治験", ("大阪", "乳がん"), ("募集中", "治験")),
        ("京都府の糖尿病の試験に参加したい", ("京都府", "糖尿病"), ("試験", "参加")),
        ("小児の喘息について", ("小児", "喘息"), ()),
        ("喘息の治験はありますか？", ("喘息",), ("治験",)),
        ("肝臓がんの免疫療法", ("肝臓がん", "免疫療法"), ()),
        ("大阪乳がん", ("大阪", "乳がん"), ()),
        ("小児喘息", ("小児", "喘息"), ()),
        ("乳がん 大阪", ("乳がん", "大阪"), ()),
        ("recruiting breast cancer Osaka", ("breast cancer", "Osaka"), ("recruiting",)),
        ("clinical trials for ALS in Tokyo", ("ALS", "Tokyo"), ("clinical trials",)),
    ],
)
def test_a_question_has_the_words_that_it_asks_for(
    text: str, words: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    assert query_words(text) == Question(words, left_out)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "乳がん",
        "乳がん治療",
        "2型糖尿病",
        "食べてみたい",
        "治験",
        "JTR20260000013",
        '"乳がんの治験"',
        "乳がんをやっつける",
    ],
)
def test_what_is_no_question_or_is_not_understood_stays_as_it_is(text: str) -> None:
    assert query_words(text) == Question((text,))


@given(
    st.lists(st.sampled_from(["乳がん", "の", "大阪", "治験", "ALS", " ", "trial", "x", "を", "。", "é"])).map("".join)
)
def test_every_word_stands_in_the_text(text: str) -> None:
    question = query_words(text)

    assert question.words
    assert all(word in text for word in (*question.words, *question.left_out))
