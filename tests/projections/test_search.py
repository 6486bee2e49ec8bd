"""The search view: Japanese by any substring, English by stems, and every filter."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tantivy import Index

from events.schemas import trial as happened
from events.schemas.registration import Phase
from events.schemas.values import Value
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.reading import Views
from projections.search.finding import Search
from projections.search.index import index_state
from projections.search.mark import Mark
from projections.search.query import SearchQuery
from projections.search.shape import schema
from projections.search.texts import texts
from projections.search.words import LONGEST, written
from projections.search.writing import Writer as IndexWriter
from projections.trial.document import stream_of
from tests.projections.entries import entry
from tests.projections.trials import Writer, imported, memory_log, now, registered, site_added, trial_id
from tests.projections.views import project

PUBLISHED = "JTR2026000017"
TRIALS: dict[str, list[Value]] = {
    "lung": [
        registered(
            public_title={
                "ja": "非小細胞肺癌に対するオシメルチニブの第III相試験",
                "en": "Osimertinib for lung cancers",
            },
            conditions=[{"name": {"ja": "非小細胞肺癌", "en": "Lung cancer"}}],
            primary_sponsor={"name": {"ja": "国立がん研究センター", "en": "National Cancer Center"}},
            secondary_sponsors=[],
            eligibility={
                "minimum_age": {"value": 20, "unit": "years"},
                "maximum_age": {"value": 75, "unit": "years", "inclusive": False},
                "sex": "all",
                "inclusion": {"ja": "EGFR変異陽性、治療歴のない患者", "en": "Good quality of life; COVID-19 negative"},
            },
            identifiers=[{"value": "U1111-1234-5678", "kind": "utn"}],
            countries=["JP"],
            phase="3",
            study_type="interventional",
            research_aim="development",
            first_enrolment={"date": "2026-11"},
        ),
        site_added(place={"country": "KR", "city": "Seoul"}),
        happened.TrialPublished(number=PUBLISHED, registered="2026-04-01"),
        happened.SiteOpened(site="site-1", was="not_yet", on="2026-05-01"),
    ],
    "children": [
        imported(
            "NCT01234567",
            public_title={"en": "Asthma in children, a study of inhalers and quality"},
            conditions=[{"name": {"en": "Asthma"}}],
            eligibility={
                "minimum_age": {"value": 6, "unit": "months"},
                "maximum_age": {"value": 11, "unit": "years"},
                "sex": "female",
            },
            phase="2",
            study_type="observational",
            first_enrolment={"date": "2024-03-02", "kind": "actual"},
        )
    ],
    "draft": [registered(owner="sponsor-9", public_title={"ja": "肺癌の下書き"})],
    "unstated": [imported("JPRN-UMIN000000123", public_title={"ja": "喘息の薬"}, recruitment="unknown")],
}


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    writer = Writer(memory_log())
    for name, payloads in TRIALS.items():
        for payload in payloads:
            await writer.append(stream_of(trial_of(name)), payload)
    await project(writer.log, database_url)
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()


def trial_of(name: str) -> str:
    return trial_id(list(TRIALS).index(name))


async def found(views: Views, **query: Any) -> list[str]:
    page = await views.search(SearchQuery(**query))
    names = {trial_of(name): name for name in TRIALS}
    assert page.total == len(page.found)
    return [names[each.summary["trial"]] for each in page.found]


WORDS = [
    ("肺", ["lung"]),
    ("癌", ["lung"]),
    ("小細胞肺", ["lung"]),
    ("治療歴のない患者", ["lung"]),
    ("陽性治療", []),
    ("薬", ["unstated"]),
    ("ＥＧＦＲ変異", ["lung"]),
    ("変異egfr", []),
    ("第III相", ["lung"]),
    ("肺癌 オシメルチニブ", ["lung"]),
    ("肺癌 喘息", []),
    ("cancer", ["lung"]),
    ("studies of inhaler", ["children"]),
    ("osimer", ["lung"]),
    ('"osimer"', []),
    ('"quality of life"', ["lung"]),
    ('"inhalers life"', []),
    ("quality", ["children", "lung"]),
    ("covid-19", ["lung"]),
    ("19-covid", []),
    ("the", []),
    ("!!!", []),
    ("", ["lung", "children", "unstated"]),
]


async def test_words_find_trials(views: Views, subtests: pytest.Subtests) -> None:
    for q, expected in WORDS:
        with subtests.test(q=q):
            assert await found(views, q=q) == expected


NUMBERS = [
    (PUBLISHED, "lung"),
    ("jtr-2026 000017", "lung"),
    ("JPRN-JTR2026000017", "lung"),
    ("u111112345678", "lung"),
    ("NCT01234567", "children"),
    ("ＮＣＴ０１２３４５６７", "children"),
    ("UMIN000000123", "unstated"),
]


async def test_any_identifier_finds_its_trial(views: Views, subtests: pytest.Subtests) -> None:
    for number, expected in NUMBERS:
        with subtests.test(number=number):
            assert await found(views, q=number) == [expected]


async def test_a_number_names_a_trial_only_where_a_registry_gave_it(views: Views) -> None:
    assert await views.trial_by_identifier("nct01234567") == trial_of("children")
    assert await views.trial_by_identifier("JPRN-" + PUBLISHED) == trial_of("lung")
    assert await views.trial_by_identifier("ＮＣＴ 0123 4567") == trial_of("children")
    assert await views.trial_by_identifier("ClinicalTrials.gov ID: NCT01234567") == trial_of("children")
    assert await views.trial_by_identifier("U1111-1234-5678") is None
    assert await views.trial_by_identifier("--") is None


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"recruitment": ["unknown"]}, ["unstated"]),
    ({"recruitment": ["unknown", "recruiting"]}, ["lung", "children", "unstated"]),
    ({"authorisation": ["draft"], "everything": True}, ["draft"]),
    ({"phase": ["3"]}, ["lung"]),
    ({"study_type": ["observational"]}, ["children"]),
    ({"aim": ["development"]}, ["lung"]),
    ({"country": ["KR"]}, ["lung"]),
    ({"country": ["US"]}, []),
    ({"condition": "lung"}, ["lung"]),
    ({"condition": "小細胞"}, ["lung"]),
    ({"condition": "osimertinib"}, []),
    ({"condition": "asthma", "q": "inhalers"}, ["children"]),
    ({"sponsor": "がん研究"}, ["lung"]),
    ({"sponsor": "cancer natio"}, []),
    ({"sponsor": "national cancer"}, ["lung"]),
    ({"sponsor": "!"}, []),
    ({"first_enrolment_from": "2026-11-30"}, ["lung"]),
    ({"first_enrolment_from": "2026-12"}, []),
    ({"first_enrolment_to": "2024-03-01"}, []),
    ({"first_enrolment_to": "2024"}, ["children"]),
    ({"first_enrolment_from": "2027", "first_enrolment_to": "2026"}, []),
    ({"age": 0}, ["children", "unstated"]),
    ({"age": 11}, ["children", "unstated"]),
    ({"age": 12}, ["unstated"]),
    ({"age": 19}, ["unstated"]),
    ({"age": 20}, ["lung", "unstated"]),
    ({"age": 74}, ["lung", "unstated"]),
    ({"age": 75}, ["unstated"]),
    ({"sex": "male"}, ["lung", "unstated"]),
    ({"sex": "female"}, ["lung", "children", "unstated"]),
    ({"sex": "all"}, ["lung"]),
    ({"own": True}, ["lung"]),
    ({"own": False}, ["children", "unstated"]),
    ({"home": "ctgov"}, ["children", "unstated"]),
    ({"home": "isrctn"}, []),
    ({"recruiting_sites": False}, ["unstated"]),
    ({"recruiting_sites": True, "own": True}, ["lung"]),
    ({"owner": "sponsor-9", "q": "肺癌"}, ["lung", "draft"]),
    ({"owner": "sponsor-8", "q": "肺癌"}, ["lung"]),
    ({"everything": True, "q": "下書き"}, ["draft"]),
]


async def test_filters_narrow_a_search(views: Views, subtests: pytest.Subtests) -> None:
    for query, expected in FILTERS:
        with subtests.test(query=query):
            assert await found(views, **query) == expected


async def test_pages_follow_each_other_and_know_the_total(views: Views) -> None:
    pages = [await views.search(SearchQuery(limit=2))]
    while (cursor := pages[-1].following) is not None:
        pages.append(await views.search(SearchQuery(limit=2, cursor=cursor)))

    assert [len(page.found) for page in pages] == [2, 1]
    assert [page.total for page in pages] == [3, 3]
    assert [page.skipped for page in pages] == [0, 2]
    assert len({each.summary["trial"] for page in pages for each in page.found}) == 3
    assert (await views.search(SearchQuery(limit=2, cursor=pages[1].preceding or ""))).found == pages[0].found


async def test_counts_tell_what_each_value_of_a_facet_would_find(views: Views, subtests: pytest.Subtests) -> None:
    counts = await views.counts(SearchQuery())
    assert counts["country"] == {"JP": 1, "KR": 1}
    assert counts["phase"] == {"3": 1, "2": 1}
    for facet in ("recruitment", "study_type", "phase", "country"):
        for value, number in counts[facet].items():
            with subtests.test(facet=facet, value=value):
                assert len(await found(views, **{facet: (value,)})) == number


async def test_a_chosen_facet_still_counts_its_other_values_and_narrows_those_of_others(views: Views) -> None:
    counts = await views.counts(SearchQuery(phase=(Phase.PHASE_3,), everything=True))

    assert counts["phase"] == {"3": 1, "2": 1}
    assert counts["study_type"] == {"interventional": 1}
    assert (await views.counts(SearchQuery(q="喘息")))["phase"] == {"2": 1}, "asthma is the same"


MIXED_UP = [
    ("Seoul 肺癌", ["lung"]),
    ("肺癌 東京病院", ["lung"]),
    ("jtr2026000017 seoul osimertinib", ["lung"]),
    ("東京病院 Seoul", ["lung"]),
    ("asthma seoul", []),
    ("imported clinic quality", ["children"]),
    ("病院東京", []),
    ('"good quality" seoul', ["lung"]),
    ('"quality good" seoul', []),
]


async def test_terms_may_stand_in_the_registration_and_beside_it(views: Views, subtests: pytest.Subtests) -> None:
    for q, expected in MIXED_UP:
        with subtests.test(q=q):
            assert await found(views, q=q) == expected


async def test_a_long_registration_is_found_by_all_its_words(database_url: str) -> None:
    description = " ".join(f"word{number}" for number in range(9_000))
    arms = [{"label": f"arm {number} x{number}", "description": {"ja": "肺癌。" * 900}} for number in range(12)]
    writer = Writer(memory_log())
    stream = stream_of(trial_id(8))
    await writer.append(stream, imported(description={"en": description}, public_title={"en": "Zinc"}, arms=arms))
    await writer.append(stream_of(trial_id(9)), imported("NCT2", public_title={"en": "Zinc"}))
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    try:
        for q in ("word0 word8999", "zinc x11 word17", "clinic word8999 肺癌", '"word8998 word8999" x0', "肺癌 zinc"):
            page = await views.search(SearchQuery(q=q))
            assert [each.summary["trial"] for each in page.found] == [trial_id(8)], q
            assert (await views.counts(SearchQuery(q=q)))["recruitment"] == {"recruiting": 1}
        for q in ("word0 word9000", '"word8999 word8998"', "zinc 癌肺"):
            assert (await views.search(SearchQuery(q=q))).found == [], q
    finally:
        await views.close()


async def test_pages_go_on_from_titles_to_other_words(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(memory_log())
    for number in range(7):
        fields = {"public_title": {"en": "Zinc"}} if number % 2 else {"description": {"en": "Zinc and copper"}}
        dated = f"2025-01-{number + 1:02}"
        await writer.append(stream_of(trial_id(number)), imported(f"NCT{number:08}", dated=dated, **fields))
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    try:
        pages = [await views.search(SearchQuery(q="zinc", limit=2))]
        while (cursor := pages[-1].following) is not None:
            pages.append(await views.search(SearchQuery(q="zinc", limit=2, cursor=cursor)))
    finally:
        await views.close()

    listed = [each.summary["trial"] for page in pages for each in page.found]
    assert listed == [trial_id(number) for number in (5, 3, 1, 6, 4, 2, 0)], "titles first, then newest"
    assert {page.total for page in pages} == {7}


async def test_a_partners_trial_is_as_new_as_its_home_says_and_one_of_ours_as_its_last_change_here(
    database_url: str,
) -> None:
    writer = Writer(memory_log())
    ours, *theirs = [stream_of(trial_id(number)) for number in range(7)]
    await writer.append(ours, registered(public_title={"en": "Zinc"}))
    await writer.append(ours, happened.TrialPublished(number="J1", registered="2026-04-01"))
    dates = ("2020-03-02", "2999-01-01", "2021", "2020-03", None, "2020-03-01")
    for number, (stream, dated) in enumerate(zip(theirs, dates, strict=True)):
        sent = imported(f"NCT{number:08}", "completed", dated=dated, public_title={"en": "Zinc"})
        # What is not dated has a confirmation, of January 2024.
        await writer.append(stream, sent)
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    try:
        pages = [await views.search(SearchQuery(q=q)) for q in ("zinc", "")]
    finally:
        await views.close()

    for page in pages:
        found = [each.summary for each in page.found]
        assert [one["trial"] for one in found] == [trial_id(number) for number in (2, 0, 5, 3, 1, 6, 4)]
        assert [one.get("at_home", {}).get("changed") for one in found] == [
            "2999-01-01", None, None, "2021", "2020-03-02", "2020-03-01", "2020-03",
        ]  # fmt: skip


async def test_a_title_weighs_more_than_a_criterion(views: Views) -> None:
    page = await views.search(SearchQuery(q="quality"))

    assert page.found[0].rank > page.found[1].rank > 0


JAPANESE = st.text(st.sampled_from("肺癌の薬ー々アイ"), min_size=1, max_size=12)
MIXED = st.lists(st.one_of(JAPANESE, st.sampled_from([" ", "、", "EGFR", "19"])), min_size=1, max_size=6).map("".join)


def finds(texts: list[str], q: str) -> bool:
    """Whether an index of one entry with the texts finds it by the query."""
    index = Index(schema())
    with_words = {"titles": "", "conditions": "", "sponsors": "", "rest": written(texts), "beside": ""}
    IndexWriter(lambda: index).write([entry(**with_words)], Mark({0: 1}, "views"))
    state = index_state(index)
    return Search(state, SearchQuery(q=q), date(2026, 11, 22)).find(0).total == 1


MANY = settings(max_examples=150, deadline=None)


@MANY
@given(texts=st.lists(MIXED, min_size=1, max_size=3), q=JAPANESE.map(lambda run: run[:4]))
@example(texts=["肺癌薬"], q="薬")
@example(texts=["肺癌、癌薬"], q="肺癌薬")
def test_japanese_is_found_where_it_stands_and_nowhere_else(texts: list[str], q: str) -> None:
    assert finds(texts, q) == any(q in text for text in texts)


@MANY
@given(text=JAPANESE, data=st.data())
def test_every_substring_of_a_run_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    assert finds(["前", text, "後"], text[start:end])


def test_no_length_of_text_hides_a_substring() -> None:
    kanji = [chr(0x4E00 + 7 * at) for at in range(2_500)]
    run = "".join(kanji[:1_200]) + "癌" * 700 + "".join(kanji[1_200:])
    text = run + "。" + "肺癌。" * 900 + "最後"
    index = Index(schema())
    IndexWriter(lambda: index).write([entry(rest=written([text]))], Mark({0: 1}, "views"))
    state = index_state(index)

    def found(q: str) -> bool:
        return Search(state, SearchQuery.model_construct(q=q), date(2026, 11, 22)).find(0).total == 1

    for length in (1, 2, 3, LONGEST):
        for start in [*range(0, len(run) - length, 61), 1_200 - 1, 1_900 - 2, len(run) - length]:
            assert found(run[start : start + length]), (start, length)
    assert found("最後")
    assert found(run[100 : 100 + 3 * LONGEST])
    assert not found(kanji[1] + kanji[0])


def test_a_text_of_any_length_is_indexed_whole() -> None:
    text = " ".join(f"word{number}" for number in range(40_000))

    assert finds([text, "the " * 20_000 + "end"], "word39999 word0 end")


async def test_sealed_persons_are_in_no_column_of_the_search(database_url: str) -> None:
    sealed = {"person": "person-1", "sealed": "1.c2VhbGVkc2VhbGVkc2VhbGVkc2VhbGVkc2VhbGVkc2VhbGVk"}
    contact = {"role": "public", "person": sealed}
    writer = Writer(memory_log())
    trial = stream_of(trial_id(7))
    await writer.append(trial, registered(public_title={"en": "Zinc"}, contacts=[contact]))
    await writer.append(trial, site_added(contacts=[contact | {"role": "site"}]))
    await project(writer.log, database_url)

    lines = [line async for line in dump(database_url, ["search"], program=PROGRAM)]

    assert any(b"zinc" in line for line in lines)
    assert not [line for line in lines if b"sealed" in line or b"person-1" in line]


def test_a_trial_is_found_by_the_summary_of_its_results_and_not_by_their_tables() -> None:
    results = {"summary": {"en": "Zinc did nothing"}, "adverse_events": {"en": "Nausea: 3 of 60"}}
    document = {"registration": {"results": results}, "sites": {}}

    assert texts(document) == ["Zinc did nothing"]
