"""Each kind of problem has its page, in both languages, at the address that is its type."""

import html
import json
import re

import pytest
from playwright.async_api import Browser as Chromium

from registry.api.problems import KINDS, Kind
from registry.pages.rendering import ENGLISH
from registry.pages.words import Language, words_in
from tests.pages.conftest import Api, Browser
from tests.pages.test_chromium import chromium, reader, unobstructed

__all__ = ["chromium"]
LANGUAGES = {"": words_in(Language.JAPANESE), ENGLISH: words_in(Language.ENGLISH)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
async def test_each_kind_says_what_it_means_and_what_to_do(browser: Browser, kind: Kind) -> None:
    for prefix, words in LANGUAGES.items():
        answer = await browser.get(f"{prefix}/problems/{kind.code}")

        assert answer.status == 200
        assert f'<html lang="{words.language}">' in answer.source
        for part in ("title", "meaning", "advice"):
            assert words.say(f"problem_{part}.{kind.code}") in answer.text
        found = re.search("<pre[^>]*>(.*?)</pre>", answer.source, re.DOTALL)
        assert found is not None
        problem = json.loads(html.unescape(found[1]))
        assert (problem["type"], problem["title"], problem["status"]) == (
            f"/problems/{kind.code}",
            kind.title,
            kind.status,
        )


def test_the_title_in_english_is_the_one_of_the_document() -> None:
    titles = {kind.code: LANGUAGES[ENGLISH].say(f"problem_title.{kind.code}").replace("’", "'") for kind in KINDS}

    assert titles == {kind.code: kind.title for kind in KINDS}


async def test_a_refusal_s_type_leads_to_its_page(browser: Browser) -> None:
    refused = await browser.get("/v1/trials/JTR1", Accept="application/json")
    page = await browser.get(json.loads(refused.source)["type"])

    assert (refused.status, page.status) == (404, 200)
    assert "該当する試験がありません" in page.text


async def test_all_kinds_are_listed_and_linked_from_the_api_s_description(browser: Browser) -> None:
    listed, described = await browser.get("/problems"), await browser.get("/docs")

    for kind in KINDS:
        assert f'href="/problems/{kind.code}"' in listed.source
        assert f'href="/en/problems/{kind.code}"' in described.source
    assert 'href="/problems"' in described.source


@pytest.mark.parametrize("path", ["/problems/no-such-kind", "/en/problems/no-such-kind"])
async def test_a_kind_that_is_none_has_no_page(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status == 404


async def test_every_page_passes_axe(api: Api, chromium: Chromium) -> None:
    phone = await reader(api, chromium, viewport={"width": 390, "height": 844})
    for prefix in LANGUAGES:
        for place in ("/problems", *(f"/problems/{kind.code}" for kind in KINDS)):
            await phone.open(prefix + place)
            await unobstructed(phone.page, prefix + place)
    assert (phone.elsewhere, phone.complaints) == ([], [])
