"""The file of queries is sound, and a record's concepts follow from its statements."""

import re
from itertools import chain
from typing import Any

import pytest

from tests.search_quality.drawing import drawn
from tests.search_quality.judging import Judged, Query, concepts, expected, queries, summary

JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
KINDS = {
    "official", "everyday", "kana", "abbreviation", "spelling", "brand", "generic", "place", "combined", "sentence",
}  # fmt: skip
AS_A_PATIENT = (
    "乳がん", "にゅうがん", "乳がん 大阪", "大阪で募集中の乳がんの治験", "腫瘍", "肺がん", "喘息", "うつ", "膝の痛み",
    "２型 糖尿病", "東京都", "大阪府", "京都府", "breast cancer", "breast tumour", "breast cancer Osaka", "ALS",
    "NSCLC", "type 2 diabetes", "stroke", "hemophilia", "Crohns disease", "Tokyo", "Osaka", "胃がん", "大腸がん",
    "前立腺がん", "非小細胞肺がん", "がん",
)  # fmt: skip
"""Queries from an evaluation that used the search as patients do."""


def record(trial: str, **fields: Any) -> dict[str, Any]:
    """A public record."""
    document = {"trial": trial, "number": f"JTR{trial}", "registration": {}, "sites": {}}
    return {**document, **fields}


def about(condition: str, *codes: str) -> dict[str, Any]:
    """A registration of this condition."""
    return {"conditions": [{"name": {"en": condition}, "codes": [{"system": "MeSH", "code": code} for code in codes]}]}


def found(about_: str, *documents: dict[str, Any]) -> set[str]:
    """The records that a query about this must find."""
    return set(expected(Query("words", "en", "official", tuple(about_.split())), documents))


def test_there_are_at_least_three_hundred_queries_in_both_languages_each_once() -> None:
    written = queries()

    assert len(written) >= 300
    assert len({query.text for query in written}) == len(written)
    for query in written:
        assert query.language == ("ja" if JAPANESE.search(query.text) else "en")
        assert query.kind in KINDS
    assert {query.kind for query in written} == KINDS


def test_what_patients_asked_is_among_them() -> None:
    assert {query.text for query in queries()} >= {*AS_A_PATIENT}


def test_every_query_is_about_something_known_and_every_concept_is_asked_for() -> None:
    subjects = set(chain.from_iterable(query.about for query in queries()))
    named = {one.rpartition(":")[2] for one in subjects if not one.startswith("place:")}

    assert named == set(concepts())


def test_a_record_is_about_a_condition_by_its_code_or_its_name() -> None:
    records = (
        record("1", registration=about("Mammary malignancy", "D001943")),
        record("2", registration=about("Early breast cancers")),
        record("3", registration=about("Lung cancer", "D008175")),
        record("4", registration={"conditions": [{"name": {"ja": "転移性乳癌"}}]}),
    )

    assert found("breast", *records) == {"1", "2"}
    assert found("cancer", *records) == {"2", "3", "4"}


def test_the_code_of_a_partner_with_zeros_in_front_is_the_same() -> None:
    assert found("breast", record("1", registration=about("x", "D000001943"))) == {"1"}


def test_an_english_word_within_another_is_none() -> None:
    assert found("stroke", record("1", registration=about("Backstroke injury"))) == set()


def test_all_that_a_query_is_about_must_hold() -> None:
    site = {"kyoto": {"place": {"region": "Osaka"}}}
    records = (
        record("1", registration=about("Breast cancer"), sites=site),
        record("2", registration=about("Breast cancer")),
        record("3", registration=about("Asthma"), sites=site),
    )

    assert found("breast place:Osaka", *records) == {"1"}
    assert found("place:Osaka", *records) == {"1", "3"}


def test_a_drug_is_one_that_an_intervention_names() -> None:
    intervention = {"interventions": [{"name": {"en": "Study drug"}, "other_names": ["Nivolumab (BMS-936558)"]}]}

    assert found("drug:nivolumab", record("1", registration=intervention), record("2")) == {"1"}


def test_a_draft_is_expected_by_nobody() -> None:
    draft = record("1", registration=about("Breast cancer"))
    del draft["number"]

    assert found("breast", draft) == set()


@pytest.mark.parametrize(
    ("must", "first", "recall", "precision"),
    [
        ("abcd", "abcd", 1.0, 1.0),
        ("abcd", "abxy", 0.5, 0.5),
        ("ab", "", 0.0, 0.0),
        ("a", "xyzua", 1.0, 0.2),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst", 1.0, 1.0),
    ],
)
def test_recall_looks_at_twenty_and_precision_at_five(must: str, first: str, recall: float, precision: float) -> None:
    judged = Judged(Query("words", "en", "official", ("x",)), frozenset(must), tuple(first))

    assert (judged.recall, judged.precision) == (recall, precision)
    assert summary([judged])[0] == ("all", 1, recall, precision)


def test_queries_are_drawn_alike_from_the_same_records_whatever_their_order() -> None:
    titled = [
        record(
            str(number),
            registration={**about("asthma"), "public_title": {"en": f"Alpha Beta gamma delta{'x' * number}"}},
        )
        for number in range(20)
    ]

    forwards, backwards = list(drawn(titled)), list(drawn(titled[::-1]))

    assert forwards == backwards
    assert {query.kind for query, _ in forwards} == {"known item", "other language"}
    assert ("喘息", {str(number) for number in range(20)}) in [(query.text, set(must)) for query, must in forwards]
