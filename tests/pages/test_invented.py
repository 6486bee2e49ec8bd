"""A registry that began as a demo says on every page, in both languages, that it is invented; no other does."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from events import founding
from registry import wiring
from registry.node import Node
from registry.pages.routes import routes
from registry.settings import Settings
from tests.api.conftest import api
from tests.pages.conftest import Browser, PublishedTrial
from tests.support.programme_nodes import registered

__all__ = ["api"]

SAID = {
    "": "デモ版 掲載している試験、医療機関、人物はすべて架空のもので、実在しません。",
    "/en": "Demonstration All trials, hospitals and people shown here are invented; none of them exists.",
}
TEMPLATES = Path(__file__).parents[2] / "registry" / "pages" / "templates"


@pytest.fixture(params=["invented", "real"])
async def node(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Node]:
    async with wiring.log_and_vault(settings) as (log, _):
        topic, invented = wiring.topics(settings)[0], request.param == "invented"
        await founding.ensure(log, topic, settings.public_url, uuid4(), wiring.now(), invented=invented)
    async with wiring.running(settings) as running:
        yield running


async def test_every_page_says_that_all_is_invented_and_only_there(
    browser: Browser, published: PublishedTrial, node: Node
) -> None:
    programme = await registered(node)
    places = {
        "/": "/",
        "/trials/{trial}": f"/trials/{published.trial}",
        "/trials/{trial}/timeline": f"/trials/{published.trial}/timeline",
        "/report": f"/report?trial={published.trial}&site=kyoto",
        "/programmes": "/programmes",
        "/vocabulary": "/vocabulary",
        "/programmes/{programme}": f"/programmes/{programme.id}",
        "/problems": "/problems",
        "/problems/{code}": "/problems/invalid",
    }
    pages = {
        (prefix, place): await browser.get(prefix + place)
        for prefix in SAID
        for place in (*places.values(), "/report", f"/report?trial={published.number}", "/there-is-no-such-page")
    }
    fields = await browser.filled(published.trial, "kyoto", what="pause", on="2026-11-12")
    for prefix in SAID:
        pages[prefix, "refused"] = await browser.post(f"{prefix}/report", {**fields, "token": "none"})
        pages[prefix, "receipt"] = await browser.post(f"{prefix}/report", fields)

    known = {route.path.removeprefix("/en") or "/" for route in routes() if "/assets/" not in route.path}
    assert known == set(places), "a page of another address is to be looked at here"
    for (prefix, _), page in pages.items():
        assert (SAID[prefix] in page.text) is node.invented
        assert ('name="robots" content="noindex"' in page.source) is node.invented
    docs = await browser.get("/docs")
    assert ("are invented" in docs.text) is node.invented


def test_every_page_is_drawn_within_the_one_that_says_it() -> None:
    alone = {
        file.name for file in TEMPLATES.glob("*.html") if not file.read_text().startswith("{% extends 'base.html' %}")
    }

    assert alone == {"base.html", "draw.html"}
