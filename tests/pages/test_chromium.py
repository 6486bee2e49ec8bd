"""The page in a real Chromium: a reader's and a coordinator's way through it, with scripts and without."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from events.schemas.access import Role
from registry.pages.rendering import today
from tests.pages.conftest import Api, PublishedTrial
from tests.support.waiting import PATIENCE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
expect.set_options(timeout=PATIENCE * 1000)
SCREENS = {1280: 1.0, 390: 2.0}
"""How many screens the first part of a trial may take."""
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    assert CHROMIUM, "run deploy/prerequisites chromium"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass
class Reader:
    """A browser's window on the registry. Its requests to other servers and its errors are noted."""

    page: Page
    origin: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._note_request(request.url))
        self.page.on("console", lambda message: self._note_complaint(message.type, message.text))

    def _note_request(self, url: str) -> None:
        if not url.startswith(self.origin):
            self.elsewhere.append(url)

    def _note_complaint(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource: the server responded with a status of 4"):
            self.complaints.append(text)

    async def open(self, path: str) -> None:
        await self.page.goto(self.origin + path)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.origin)


async def reader(api: Api, chromium: Browser, **options: Any) -> Reader:
    """A window of 1280 by 900, unless the options say otherwise."""
    context: BrowserContext = await chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(PATIENCE * 1000)
    return Reader(await context.new_page(), f"http://127.0.0.1:{api.port}")


@SCRIPTS
async def test_a_reader_finds_a_trial_in_both_languages_and_sees_what_happened(
    api: Api, chromium: Browser, published: PublishedTrial, scripts: bool
) -> None:
    window = await reader(api, chromium, java_script_enabled=scripts)
    page = window.page
    await window.open("/")
    await page.get_by_label("病名、薬、施設、番号など").fill("肺癌")
    await page.get_by_role("button", name="さがす", exact=True).click()
    await expect(page.locator(".hit mark").first).to_have_text("肺がん")

    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.get_by_label("Condition, medicine, hospital, number …")).to_have_value("肺癌")
    await page.get_by_label("Condition, medicine, hospital, number …").fill("new treatments")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator(".hit h3 mark")).to_have_text(["new", "treatment"])

    await page.locator(".facet a", has_text="South Korea").click()
    assert "country=KR" in window.path
    await expect(page.locator(".chosen")).to_contain_text("South Korea")
    await page.locator(".hit h3 a").click()
    assert window.path == f"/en/trials/{published.number}"
    await expect(page.get_by_role("heading", level=1)).to_have_text("A trial of a new treatment for lung cancer")
    await expect(page.locator("#in-short")).to_contain_text("180 people planned")
    await expect(page.locator("#site-kyoto .badge")).to_have_text("Recruiting")

    await page.get_by_role("link", name=re.compile("See the whole timeline")).click()
    row = page.locator("#v6 .changes tbody tr", has_text="Participants planned")
    await expect(row.locator("td")).to_have_text(["120", "180"])
    await expect(page.locator("#v6 .because")).to_contain_text("Sample size <recalculated>")
    await page.locator("#v5").get_by_role("link").click()
    await expect(page.locator(".banner")).to_contain_text(f"record number {published.before}")
    await expect(page.locator("#in-short")).to_contain_text("120 people planned")
    await page.get_by_role("link", name="See the current information").click()
    await expect(page.locator(".banner")).to_have_count(0)

    assert (window.elsewhere, window.complaints) == ([], [])


@SCRIPTS
async def test_a_reader_goes_back_to_a_day_and_switches_language_there(
    api: Api, chromium: Browser, published: PublishedTrial, scripts: bool
) -> None:
    window = await reader(api, chromium, java_script_enabled=scripts)
    page = window.page
    await window.open(f"/en/trials/{published.number}")
    await page.get_by_label("Date").fill(today())
    await page.get_by_role("button", name="Show that day").click()
    await expect(page.locator(".banner")).to_contain_text("This page shows what was known at")
    await page.get_by_role("link", name="日本語").click()

    assert window.path == f"/trials/{published.number}?as_of={today()}"
    await expect(page.locator(".banner")).to_contain_text("時点の内容を表示しています")
    await expect(page.get_by_role("heading", level=1)).to_have_text("肺がんに対する新しい治療の試験")
    await window.open(f"/en/trials/{published.number}?as_of=2020-01-01")
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such trial")

    assert (window.elsewhere, window.complaints) == ([], [])


@SCRIPTS
async def test_a_coordinator_reports_a_pause_and_sees_it_on_the_public_page(
    api: Api, chromium: Browser, published: PublishedTrial, scripts: bool
) -> None:
    window = await reader(api, chromium, java_script_enabled=scripts)
    page = window.page
    await window.open(f"/en/trials/{published.number}")
    await page.get_by_role("link", name=re.compile("For the site: report on recruitment.*Kyoto Hospital")).click()
    await page.get_by_label("We paused recruitment").check()
    await page.get_by_label("On which day").fill("2026-11-17")
    await page.get_by_label("Reason (made public)").fill("Equipment check")
    await page.get_by_label("Your site’s token").fill("registry_mistyped")
    await page.get_by_role("button", name="Report").click()
    await expect(page.get_by_role("alert")).to_contain_text("The site’s token is wrong or has expired")
    await expect(page.get_by_label("We paused recruitment")).to_be_checked()
    await expect(page.get_by_label("Reason (made public)")).to_have_value("Equipment check")

    await page.get_by_label("Your site’s token").fill(api.tokens[Role.SITE])
    await page.get_by_role("button", name="Report").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Recorded")
    await expect(page.locator("#version")).to_have_text("7")
    await expect(page.locator("#shown")).to_contain_text("Shown")
    await page.reload()  # The browser sends the form again.
    await expect(page.locator("#version")).to_have_text("7")

    await page.get_by_role("link", name="See the public page").click()
    assert window.path.endswith("#site-kyoto")
    await expect(page.locator("#site-kyoto .badge")).to_have_text("Paused")
    await expect(page.locator("#site-kyoto")).to_contain_text("Equipment check")

    assert (window.elsewhere, window.complaints) == ([], [])


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (360, "dark")], ids=["desktop", "phone in the dark"])
async def test_nothing_stands_in_anybody_s_way(
    api: Api, chromium: Browser, published: PublishedTrial, width: int, colours: Any
) -> None:
    window = await reader(api, chromium, viewport={"width": width, "height": 800}, color_scheme=colours)
    page, at = window.page, f"/trials/{published.number}"
    form = f"/en/report?trial={published.number}&site=kyoto"
    for path in (
        "/", "/en/?q=lung&phase=2", "/?q=花粉症", at, f"/en{at}?as_of={published.before}", f"{at}/timeline", "/report",
        f"/report?trial={published.number}", form, "/en/nothing",
    ):  # fmt: skip
        await window.open(path)
        await unobstructed(page, path)
    await window.open(form)
    await page.get_by_label("Nothing has changed; we checked").check()
    await page.get_by_label("Your site’s token").fill("registry_mistyped")
    await page.get_by_role("button", name="Report").click()
    await unobstructed(page, "the form refused")
    await page.get_by_label("Reason (made public)").fill("Tanaka Taro, 090-1234-5678")
    await page.get_by_label("Your site’s token").fill(api.tokens[Role.SITE])
    await page.get_by_role("button", name="Report").click()
    await expect(page.get_by_role("alert")).to_contain_text("A telephone number: 090-1234-5678")
    await unobstructed(page, "the form asking again")
    await page.get_by_label("I have checked the reason").check()
    await page.get_by_label("Your site’s token").fill(api.tokens[Role.SITE])
    await page.get_by_role("button", name="Report").click()
    await unobstructed(page, "the receipt")


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (320, "dark")], ids=["desktop", "phone in the dark"])
async def test_the_api_s_own_page_stands_in_nobody_s_way(api: Api, chromium: Browser, width: int, colours: Any) -> None:
    window = await reader(api, chromium, viewport={"width": width, "height": 800}, color_scheme=colours)
    await window.open("/docs")
    await unobstructed(window.page, "/docs")
    await window.page.get_by_role("link", name="registerTrial").first.click()
    assert window.path.endswith("#registerTrial")
    dark = await window.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == ("rgb(21, 24, 27)" if colours == "dark" else "rgb(255, 255, 255)")
    for name in await window.page.locator("details > summary").all():
        await name.evaluate("summary => summary.parentElement.open = true")
    await unobstructed(window.page, "/docs unfolded")


async def unobstructed(page: Page, name: str) -> None:
    """Asserts that axe finds nothing, and that nothing is wider than the window."""
    found = await Axe().run(page)
    violations = [
        (one["id"], one["impact"], [node["target"] for node in one["nodes"]]) for one in found.response["violations"]
    ]
    assert violations == [], (name, violations)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (name, wide)


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_the_first_part_of_a_long_trial_fits_a_screen_and_unfolds(
    api: Api, chromium: Browser, published: PublishedTrial, width: int
) -> None:
    criteria = {
        name: {"ja": "\n".join(f"・長い基準の {at} 行目です。" for at in range(80))}
        for name in ("inclusion", "exclusion")
    }
    conditions = [{"name": {"ja": f"病名 {at}"}} for at in range(40)]
    fields = {"eligibility": {**criteria, "sex": "all"}, "conditions": conditions}
    amended = await api.done(f"/v1/trials/{published.trial}/amend", {"reason": "Long", "registration": fields})
    window = await reader(api, chromium, viewport={"width": width, "height": 900}, java_script_enabled=False)
    await window.open(f"/trials/{published.number}?wait_for={amended['position']}")
    box = await window.page.locator("#in-short").bounding_box()

    assert box
    assert box["height"] <= SCREENS[width] * 900
    rest = window.page.locator("#in-short .rest").first
    await expect(rest.locator("p")).to_be_hidden()
    await rest.locator("summary").click()
    await expect(rest.locator("p")).to_contain_text("79 行目")


@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_the_keyboard_goes_through_a_search_in_the_order_in_which_it_is_seen(
    api: Api, chromium: Browser, published: PublishedTrial, width: int
) -> None:
    window = await reader(api, chromium, viewport={"width": width, "height": 900})
    await window.open("/en/")
    [filters, results] = [await window.page.locator(part).bounding_box() for part in (".filters", ".results")]
    order = []
    for _ in range(99):
        await window.page.keyboard.press("Tab")
        at = await window.page.evaluate(
            "(e => [e.closest('.filters, .results')?.className ?? '', e.getAttribute('href')])(document.activeElement)"
        )
        if at[1] == "#content" and order:
            break  # At the end of the page the focus begins again.
        order.append(at)
    places = [place for place, _ in order if place]

    assert places.index("filters") < places.index("results")
    assert [place for at, place in enumerate(places) if place not in places[:at]] == ["filters", "results"]
    assert places[: places.count("filters")] == ["filters"] * places.count("filters")
    assert "#found" in [link for _, link in order]
    assert filters
    assert results
    assert filters["x"] < results["x"] or filters["y"] < results["y"]


async def test_print_leaves_out_what_paper_cannot_do(api: Api, chromium: Browser, published: PublishedTrial) -> None:
    window = await reader(api, chromium)
    await window.open(f"/en/trials/{published.number}")
    await window.page.emulate_media(media="print")

    for hidden in (".top nav", ".contents", "form.moment", ".then"):
        await expect(window.page.locator(hidden).first).to_be_hidden()
    for visible in ("#in-short", "#site-kyoto", "#full"):
        await expect(window.page.locator(visible)).to_be_visible()
