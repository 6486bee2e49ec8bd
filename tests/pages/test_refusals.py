"""Refusals for people: pages where a browser asks for the page, problem documents where a machine asks the API."""

import pytest

from registry.pages import assets
from registry.pages.rendering import POLICY
from tests.pages.conftest import HTML, Browser, PublishedTrial


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nothing", 404, "ページが見つかりません"),
        ("/en/nothing", 404, "There is no such page"),
        ("/en/trials/JTR1", 404, "There is no such trial"),
        ("/en/trials/%00", 400, "The address contains a condition that can’t be read"),
        ("/en/?as_of=2999-01-01", 400, "Write dates like 2026-11-22, and none after today."),
        ("/en/?as_of=yesterday", 400, "Write dates like 2026-11-22, and none after today."),
        ("/?colour=red", 400, "アドレスに正しくない条件が含まれています"),
        ("/en/?offset=100000", 400, "Other filters can be chosen again"),
    ],
)
async def test_a_browser_gets_a_page_that_says_what_to_do(browser: Browser, path: str, status: int, words: str) -> None:
    answer = await browser.get(path)

    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert words in answer.text
    assert answer.headers["Registry-Request"] in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


async def test_machines_still_get_problem_documents(browser: Browser) -> None:
    for path, accepted in (("/v1/trials/JTR1", HTML), ("/nothing", "*/*"), ("/nothing", "application/json")):
        answer = await browser.get(path, Accept=accepted)
        assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


async def test_a_wrong_method_is_told_which_are_right(browser: Browser) -> None:
    answer = await browser.post("/en/", {})

    assert (answer.status, "That can’t be done here" in answer.text) == (405, True)
    assert "GET" in answer.headers["Allow"]


async def test_an_outage_is_a_page_that_says_when_to_come_again(browser: Browser) -> None:
    await browser.api.node.views.close()
    answer = await browser.get("/en/?q=lung")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert "The registry is getting ready" in answer.text
    assert '<a class="button" href="/en/?q=lung">Try again</a>' in answer.source


async def test_every_page_forbids_scripts_and_everything_from_elsewhere(
    browser: Browser, published: PublishedTrial
) -> None:
    for path in ("/", f"/trials/{published.number}", f"/trials/{published.number}/timeline", "/report", "/nothing"):
        answer = await browser.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        # A frame around the form would let a foreign page catch the clicks.
        assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= {
            *POLICY.split("; ")
        }
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        for forbidden in ("<script", " style=", " onclick", "http://", "@import"):
            assert forbidden not in answer.source, (path, forbidden)


async def test_assets_are_kept_for_good_under_an_address_that_names_them(browser: Browser) -> None:
    style = await browser.get(assets.address("page.css"))
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert style.headers["Registry-Request"]
    assert "@import" not in style.source
    assert "url(" not in style.source

    old = await browser.get("/assets/0000000000000000/page.css")
    assert (old.status, old.headers["Cache-Control"]) == (200, "private, no-cache")
    assert (await browser.get("/assets/0000000000000000/other.css")).status == 404
    assert (await browser.get("/assets/x/..%2Fja.toml")).status == 404
