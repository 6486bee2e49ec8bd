"""A programme's page in a real Chromium, with scripts and without, narrow and wide."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.pages.test_chromium import SCRIPTS, chromium, reader
from tests.pages.test_programmes import shown

__all__ = ["chromium"]


@SCRIPTS
async def test_a_reader_goes_from_the_list_to_a_programme_and_switches_language(
    api: Api, chromium: Browser, scripts: bool
) -> None:
    on_node = await shown(api)
    window = await reader(api, chromium, java_script_enabled=scripts)
    page = window.page
    await window.open("/")
    await page.get_by_role("link", name="国際共同試験", exact=True).click()
    await page.get_by_role("link", name="小児の侵襲性真菌症の試験").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("小児の侵襲性真菌症の試験")
    await expect(page.get_by_role("img", name="全参加国・地域の時系列図")).to_be_visible()
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="Belgium Permitted")).to_be_visible()

    assert window.path == f"/en/programmes/{on_node.id}"
    assert (window.elsewhere, window.complaints) == ([], [])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_nothing_on_the_pages_of_programmes_stands_in_anybody_s_way(
    api: Api, chromium: Browser, width: int, colours: Any
) -> None:
    on_node = await shown(api)
    window = await reader(api, chromium, viewport={"width": width, "height": 900}, color_scheme=colours)
    for path in ("/programmes", f"/programmes/{on_node.id}", f"/en/programmes/{on_node.id}"):
        await window.open(path)
        found = await Axe().run(window.page)

        assert found.violations_count == 0, found.generate_report()
        wide = await window.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    assert window.complaints == []
