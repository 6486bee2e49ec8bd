"""What else a reader's words are called, and which words are none of the vocabulary's."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search.vocabulary import alternatives
from projections.search.vocabulary.folding import folded
from projections.search.vocabulary.table import vocabulary
from tests.support.linear import assert_linear

LONGEST = 500
"""Characters of a search."""


def parts(text: str) -> list[str]:
    """The parts of a text that have alternatives, as written."""
    return [text[found.start : found.end] for found in alternatives(text)]


def forms(text: str) -> set[str]:
    """The alternatives of the only part of a text."""
    (found,) = alternatives(text)
    return set(found.forms)


@pytest.mark.parametrize(
    ("query", "among"),
    [
        ("乳がん", "乳癌"),
        ("にゅうがん", "乳癌"),
        ("肺がん", "肺癌"),
        ("がん", "癌"),
        ("ガン", "癌"),
        ("腫瘍", "癌"),
        ("うつ", "うつ病"),
        ("膝の痛み", "変形性膝関節症"),
        ("２型 糖尿病", "2型糖尿病"),
        ("東京都", "東京"),
        ("大阪府", "Osaka"),
        ("京都", "京都府"),
        ("Osaka", "大阪府"),
        ("breast tumour", "breast cancer"),
        ("breast cancers", "乳癌"),
        ("ALS", "筋萎縮性側索硬化症"),
        ("als", "amyotrophic lateral sclerosis"),
        ("NSCLC", "non-small cell lung cancer"),
        ("non small-cell lung cancer", "NSCLC"),
        ("hemophilia", "haemophilia"),
        ("Crohns disease", "クローン病"),
        ("Crohn’s disease", "crohn disease"),
        ("Sjögren syndrome", "シェーグレン症候群"),
        ("オプジーボ", "nivolumab"),
        ("ｵﾌﾟｼﾞｰﾎﾞ", "ニボルマブ"),
        ("Opdivo", "ニボルマブ"),
        ("パラセタモール", "paracetamol"),
        ("エーラスダンロス症候群", "ehlers-danlos syndrome"),
        ("COPD患者", "慢性閉塞性肺疾患"),
    ],
)
def test_a_term_has_what_means_the_same(query: str, among: str) -> None:
    assert among in forms(query)


def test_a_code_of_mesh_is_a_form() -> None:
    assert "D001943" in forms("乳がん")


def test_the_term_itself_is_no_alternative_and_no_form_comes_twice() -> None:
    for group in vocabulary().groups.values():
        for row in group:
            for found in alternatives(row.term):
                spelled = [folded(form) for form in found.forms]
                assert folded(row.term[found.start : found.end]) not in spelled
                assert len(set(spelled)) == len(spelled)


def test_the_longest_term_counts() -> None:
    assert parts("非小細胞肺がん") == ["非小細胞肺がん"]
    assert "肺癌" not in forms("非小細胞肺がん")
    assert "diabetes" not in forms("type 2 diabetes")


def test_a_wider_term_is_no_alternative_of_a_narrower_one() -> None:
    assert "癌" not in forms("乳がん")
    assert "lung cancer" not in forms("NSCLC")
    assert "非小細胞肺癌" not in forms("肺がん")


@pytest.mark.parametrize(
    "text",
    [
        "also",
        "falsely",
        "alsa",
        "がんばる",
        "うつる",
        "ガンマ線",
        "三重盲検",
        "大阪大学",
        "東大阪",
        "mscopd",
        "XALS",
        "",
    ],
)
def test_a_term_within_another_word_is_none(text: str) -> None:
    assert parts(text) == []


def test_places_in_the_text_as_written_are_those_of_each_term() -> None:
    text = "ｶﾞﾝ と ＮＳＣＬＣ、大阪で募集中の乳がんの治験"

    assert parts(text) == ["ｶﾞﾝ", "ＮＳＣＬＣ", "大阪", "乳がん"]


def test_a_term_behind_other_kanji_is_the_head_of_a_longer_word() -> None:
    assert parts("舌がん") == ["舌がん"]
    assert {"舌癌", "舌腫瘍"} <= forms("舌がん")
    assert not any(form.isascii() for form in forms("舌がん"))


def test_terms_that_touch_are_terms_of_their_own() -> None:
    assert parts("大阪乳がん") == ["大阪", "乳がん"]
    assert parts("小児喘息患者") == ["小児", "喘息"]


def test_what_is_quoted_is_searched_as_written() -> None:
    assert parts('"breast cancer" 乳がん') == ["乳がん"]
    assert parts("“lung cancer” asthma") == ["asthma"]


def test_an_ambiguous_abbreviation_has_the_forms_of_both_its_groups() -> None:
    assert {"autism spectrum disorder", "atrial septal defect"} <= forms("ASD")


def test_what_is_shown_is_the_preferred_term_of_the_others() -> None:
    (found,) = alternatives("乳がん")

    assert found.shown == "乳癌 / breast cancer"


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["乳がん", "の", "大阪", "ALS", " ", '"', "é", "ﾊﾞ", "s"])).map("".join)
)
def test_parts_lie_in_the_text_in_order_and_none_over_another(text: str) -> None:
    end = 0
    for found in alternatives(text):
        assert end <= found.start < found.end <= len(text)
        assert found.forms
        assert found.shown
        end = found.end


@pytest.mark.alone
@pytest.mark.parametrize(
    "part", ["非小細胞肺", "type 2 diabete ", "乳がん ", "の", "a", '"乳がん" ', "é̂̃", "大阪で募集中の乳がんの治験"]
)
def test_the_time_is_linear_in_the_length_of_the_text(part: str) -> None:
    def seconds(text: str) -> float:
        begun = time.process_time()
        alternatives(text)
        return time.process_time() - begun

    assert_linear(seconds, part * (LONGEST * 20 // len(part)), 0.02, part)


@pytest.mark.alone
def test_the_table_is_read_within_fifty_milliseconds() -> None:
    def seconds() -> float:
        vocabulary.cache_clear()
        begun = time.process_time()
        vocabulary()
        return time.process_time() - begun

    assert min(seconds() for _ in range(5)) < 0.05
