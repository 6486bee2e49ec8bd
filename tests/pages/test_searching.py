"""The first page as HTML: searching, marks, filters, pages, and the page as of a day."""

import re
from html import unescape

from events.schemas.access import Role
from projections.search.query import SearchQuery
from registry.pages.facets import facets, toggled
from registry.pages.words import Language, words_in
from tests.pages.conftest import SECRETS, Browser, PublishedTrial
from tests.support.trials import registration


async def test_a_trial_is_found_in_both_languages_with_the_words_marked(
    browser: Browser, published: PublishedTrial
) -> None:
    nothing = await browser.get("/?q=花粉症")
    assert "見つかりませんでした" in nothing.text
    japanese = await browser.get("/?q=肺癌")
    english = await browser.get("/en/?q=treatments+lung")

    assert japanese.status == english.status == 200
    assert f"/trials/{published.number}" in japanese.source
    assert "非小細胞<mark>肺癌</mark>" in japanese.source
    assert "A trial of a new <mark>treatment</mark> for <mark>lung</mark> cancer" in english.source
    assert f'href="/en/trials/{published.number}"' in english.source


async def test_what_the_list_does_not_show_is_quoted_from_the_text(browser: Browser, published: PublishedTrial) -> None:
    found = await browser.get("/en/?q=survival")

    assert "From the text" in found.text
    assert "Overall <mark>survival</mark>" in found.source


async def test_a_facet_counts_and_narrows_and_is_taken_back(browser: Browser, published: PublishedTrial) -> None:
    await browser.api.published(phase="3")
    await browser.api.settled()

    every = await browser.get("/en/")
    assert "All trials 2 found" in " ".join(every.text.split())
    assert 'href="/en/?phase=3"' in every.source
    narrowed = await browser.get("/en/?phase=3")
    assert "Trials that match 1 found" in " ".join(narrowed.text.split())
    assert published.number not in narrowed.text
    # Its other value can be chosen besides, and the chosen one dropped.
    assert 'href="/en/?phase=3&amp;phase=2"' in narrowed.source
    assert "Remove Phase 3" in narrowed.text
    both = await browser.get("/en/?phase=3&phase=2")
    assert "2 found" in both.text


def test_choosing_twice_is_not_choosing() -> None:
    query = {"q": "肺癌", "phase": ["2"]}

    assert toggled(query, "phase", "2") == {"q": "肺癌"}
    assert toggled(toggled(query, "country", "JP"), "country", "JP") == query


def test_values_are_offered_without_numbers_where_counting_takes_too_long() -> None:
    offered = facets(words_in(Language.ENGLISH), None, {"phase": ["2"], "country": ["KR"]})

    assert [facet.name for facet in offered] == ["Recruitment", "Registration", "Kind of study", "Phase",
        "Aim of the research", "Country"]  # fmt: skip
    assert {choice.number for facet in offered for choice in facet.choices} == {None}
    assert [choice.words for facet in offered for choice in facet.choices if choice.chosen] == [
        "Phase 2: tests of effect and dose", "South Korea",
    ]  # fmt: skip


async def test_the_switch_keeps_the_place(browser: Browser, published: PublishedTrial) -> None:
    found = await browser.get("/?q=肺癌&phase=2&phase=3&as_of=2026-11-22")
    assert (
        '<a class="switch" href="/en/?q=%E8%82%BA%E7%99%8C&amp;phase=2&amp;phase=3&amp;as_of=2026-11-22"'
        in found.source
    )

    trial = await browser.get(f"/en/trials/{published.number}?as_of={published.before}")
    assert (
        f'<a class="switch" href="/trials/{published.number}?as_of={published.before.replace(":", "%3A")}"'
        in trial.source
    )


async def test_fields_left_empty_leave_no_trace_in_the_address(browser: Browser, published: PublishedTrial) -> None:
    found = await browser.get("/en/?q=lung&age=&sex=&as_of=")

    assert found.status == 200
    assert '<link rel="alternate" hreflang="en" href="/en/?q=lung">' in found.source


async def test_pages_are_turned_and_end(browser: Browser) -> None:
    for _ in range(3):
        await browser.api.published()
    await browser.api.settled()

    first = await browser.get("/en/?limit=2")
    [following] = re.findall(r'rel="next" href="(/en/[?]limit=2&amp;cursor=2[.][^"]*)"', first.source)
    assert 'rel="prev"' not in first.source
    assert "1–2" in first.text
    await browser.api.published()
    await browser.api.settled()
    last = await browser.get(unescape(following))
    [preceding] = re.findall(r'rel="prev" href="(/en/[?]limit=2&amp;cursor=0[.][^"]*)"', last.source)
    assert 'rel="next"' not in last.source
    assert "3 found" in " ".join(last.text.split())
    assert "3–3" in last.text
    again = await browser.get(unescape(preceding))
    assert re.findall('/en/trials/[^"?]*', again.source) == re.findall('/en/trials/[^"?]*', first.source)
    beyond = await browser.get(unescape(following).replace("cursor=2.", "cursor=4."))
    assert "There are no further pages" in beyond.text


async def test_a_list_can_have_the_latest_changes_first(browser: Browser, published: PublishedTrial) -> None:
    found = await browser.get("/en/?q=lung")
    assert '<a href="/en/?q=lung&amp;order=newest">Latest changes first</a>' in found.source
    newest = await browser.get("/en/?q=lung&order=newest")
    assert '<a href="/en/?q=lung">Best first</a>' in newest.source
    assert "The latest changes come first." in newest.text


async def test_drafts_are_in_no_list_and_on_no_page_whoever_asks(browser: Browser) -> None:
    trial = await browser.api.draft(**registration(acronym="HIDDEN"))
    await browser.api.settled()
    owner = {"Authorization": f"Bearer {browser.api.tokens[Role.SPONSOR]}"}

    assert (await browser.api.node.views.search(SearchQuery(q="HIDDEN", everything=True))).total == 1
    for headers in ({}, owner):
        assert "HIDDEN" not in (await browser.get("/en/?q=HIDDEN", **headers)).source.replace("q=HIDDEN", "").replace(
            'value="HIDDEN"', ""
        ).replace("“HIDDEN”", "")
        for path in (f"/en/trials/{trial}", f"/en/trials/{trial}/timeline", f"/en/report?trial={trial}"):
            answer = await browser.get(path, **headers)
            assert (answer.status, "There is no such trial" in answer.text) == (404, True), path


async def test_no_list_form_or_past_page_names_a_person(browser: Browser, published: PublishedTrial) -> None:
    at = f"/trials/{published.number}"
    for path in (
        "/",
        f"{at}/timeline",
        f"{at}?as_of={published.before}",
        f"/report?trial={published.number}&site=kyoto",
    ):
        source = (await browser.get(path)).source
        assert not [secret for secret in SECRETS if secret in source], path
    assert (await browser.get(f"/en/?q={SECRETS[1].split()[0]}")).text.count("Nothing was found") == 1


async def test_an_empty_registry_says_so(browser: Browser) -> None:
    assert "No trial is registered yet." in (await browser.get("/en/")).text


async def test_what_a_reader_types_is_shown_as_text(browser: Browser, published: PublishedTrial) -> None:
    found = await browser.get("/en/?q=%3Cscript%3Ealert(1)%3C/script%3E%22%20onload=x")

    assert found.status == 200
    assert "<script" not in found.source
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;&#34; onload=x"' in found.source


async def test_cancer_written_as_patients_do_finds_what_titles_say_and_the_page_says_so(
    browser: Browser, published: PublishedTrial
) -> None:
    found = await browser.get("/?q=肺がん")
    assert f"/trials/{published.number}" in found.source
    assert "次の言葉でも検索しました：肺癌" in found.text
    assert "非小細胞<mark>肺癌</mark>" in found.source
    assert "次の言葉でも検索しました" not in (await browser.get("/?q=花粉")).text


async def test_a_mistyped_word_leads_to_one_that_finds_something(browser: Browser, published: PublishedTrial) -> None:
    nothing = await browser.get("/en/?q=treatmant")
    assert "Nothing was found" in nothing.text
    assert '<a href="/en/?q=treatment">Search for “treatment”</a>' in nothing.source
    assert published.number in (await browser.get("/en/?q=treatment")).source
    assert "Search for “" not in (await browser.get("/en/?q=xqzvw")).text
