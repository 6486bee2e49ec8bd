"""What words find: other names of the same, accents, questions, and what is suggested where they find nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.schemas import trial as happened
from events.schemas.values import Value
from projections.reading import Views
from projections.search.query import SearchPage, SearchQuery
from projections.search.suggesting import MOST_LETTERS, alike, suggestions
from projections.trial.document import stream_of
from tests.projections.trials import Writer, imported, memory_log, now, registered, site_added, trial_id
from tests.projections.views import project

TOKYO = {"country": "JP", "city": "Chiyoda-ku", "region": "Tokyo"}
TRIALS: dict[str, list[Value]] = {
    "breast": [
        registered(
            public_title={"ja": "乳癌の術後療法"},
            conditions=[{"name": {"ja": "乳癌"}}],
            primary_sponsor={"name": {"en": "A"}, "kind": "INDUSTRY"},
            legal_regime="drug_gcp",
        ),
        site_added(place=TOKYO),
        happened.TrialPublished(number="J1", registered="2026-04-01"),
    ],
    "sjogren": [imported("NCT00000002", public_title={"en": "Étude sur le traitement de Sjögren's syndrome"})],
    "als": [imported("NCT00000003", public_title={"ja": "筋萎縮性側索硬化症の新薬"})],
    "also": [imported("NCT00000004", public_title={"en": "Zinc, also with pembrolizumab"})],
    "draft": [registered(owner="sponsor-9", public_title={"en": "Secretinib, also with pembrolizumap"})],
}


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    writer = Writer(memory_log())
    for number, payloads in enumerate(TRIALS.values()):
        for payload in payloads:
            await writer.append(stream_of(trial_id(number)), payload)
    await project(writer.log, database_url)
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()


async def page_of(views: Views, **query: Any) -> tuple[list[str], SearchPage]:
    names = {trial_id(number): name for number, name in enumerate(TRIALS)}
    page = await views.search(SearchQuery(**query))
    return [names[one.summary["trial"]] for one in page.found], page


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({"q": "乳がん"}, ["breast"]),
    ({"q": "breast cancer"}, ["breast"]),
    ({"q": "東京で募集中の乳がんの治験"}, ["breast"]),
    ({"q": '"breast cancer"'}, []),
    ({"q": "sjogren"}, ["sjogren"]),
    ({"q": "Sjögren"}, ["sjogren"]),
    ({"q": "etude"}, ["sjogren"]),
    ({"q": "ETUDE traitement"}, ["sjogren"]),
    ({"q": "ALS"}, ["als"]),
    ({"q": "condition", "condition": "乳がん"}, []),
    ({"condition": "乳がん"}, ["breast"]),
    ({"prefecture": "東京都"}, ["breast"]),
    ({"prefecture": "tokyo-to"}, ["breast"]),
    ({"prefecture": "大阪府"}, []),
    ({"prefecture": "nowhere"}, []),
    ({"city": "chiyoda ku"}, ["breast"]),
    ({"city": "chiyoda"}, []),
    ({"legal_regime": "drug_gcp"}, ["breast"]),
    ({"legal_regime": "other"}, []),
    ({"sponsor_kind": "industry"}, ["breast"]),
    ({"registered_from": "2026-04"}, ["breast"]),
    ({"registered_from": "2026-04-02"}, []),
    ({"registered_to": "2026-04-01", "own": True}, ["breast"]),
    ({"confirmed_from": "2026-04", "own": True}, ["breast"]),
    ({"confirmed_from": "2026-05"}, []),
    ({"programme": "p-1"}, []),
    ({"region": "JP"}, []),
]


async def test_words_and_filters_find_what_they_mean(views: Views, subtests: pytest.Subtests) -> None:
    for query, expected in FOUND:
        with subtests.test(query=query):
            assert (await page_of(views, **query))[0] == expected


async def test_what_else_was_searched_is_told(views: Views) -> None:
    assert (await page_of(views, q="乳がん"))[1].also == ("乳癌 / breast cancer",)
    assert (await page_of(views, q="zinc"))[1].also == ()
    question = (await page_of(views, q="東京で募集中の乳がんの治験"))[1]
    assert {"東京", "乳がん"} <= {*question.also}


async def test_a_mistyped_word_gets_a_suggestion_that_finds_something_and_never_one_that_finds_nothing(
    views: Views,
) -> None:
    for mistyped in ("pembrolizumeb", "pembrolizuab", "pembrolizumabb", "pembrolizmuab"):
        found, page = await page_of(views, q=mistyped)
        assert (found, page.suggestion) == ([], "pembrolizumab")
        assert (await page_of(views, q=page.suggestion))[0] == ["also"]
    assert (await page_of(views, q="pembrolizumab"))[1].suggestion == ""
    assert (await page_of(views, q="nonsense"))[1].suggestion == ""
    # What only a draft says is suggested to nobody who may not see it.
    assert (await page_of(views, q="secretinip"))[1].suggestion == ""
    assert (await page_of(views, q="secretinip", owner="sponsor-9"))[1].suggestion == "secretinib"
    # Nor does a word of a draft show itself by a suggestion that is not made.
    assert (await page_of(views, q="pembrolizumap"))[1].suggestion == "pembrolizumab"
    assert (await page_of(views, q="pembrolizumap", owner="sponsor-9"))[0] == ["draft"]
    assert (await page_of(views, q="pembrolizumeb", legal_regime="drug_gcp"))[1].suggestion == ""


def test_the_work_for_a_suggestion_is_bounded_however_long_the_words_are() -> None:
    words: list[str] = []

    def frequency(word: str) -> int:
        words.append(word)
        return 0

    for text in ("x" * 500, " ".join(letter * 64 for letter in "vwxyz"), " ".join(letter * 12 for letter in "vwxyz")):
        words.clear()
        assert [*suggestions(frequency, text)] == []
        assert len(words) <= 60 * MOST_LETTERS
    assert len(words) > 60 * 12, "words of usual length are all tried"


def test_one_mistake_is_a_letter_less_more_or_another_or_two_the_other_way_round() -> None:
    made = {*alike("zinc")}

    assert {"inc", "zin", "zzinc", "zincs", "zing", "ibinc"[1:], "iznc", "zicn"} <= made
    assert not {"zn", "zincss", "cniz"} & made
