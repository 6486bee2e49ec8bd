"""A history of large events comes in pages of so many bytes, whole and in order, by the API and as a timeline."""

import pytest

from registry.api import history
from registry.pages import trial as pages
from tests.api.conftest import Api

VERSIONS = 9


@pytest.fixture
async def long(api: Api, monkeypatch: pytest.MonkeyPatch) -> str:
    """A trial with events of some 25 kB, or twice that with what they replace, where a page has 100 kB."""
    for module in (history, pages):
        monkeypatch.setattr(module, "PAGE_BYTES", 100_000)
    trial = await api.published()
    for version in range(3, VERSIONS + 1):
        description = {"description": {"en": f"{version} " + "x" * 25_000}}
        await api.done(f"/v1/trials/{trial}/amend", {"reason": "r", "registration": description})
    await api.settled()
    return trial


async def test_a_history_comes_in_pages_of_bytes(api: Api, long: str) -> None:
    at, versions, pages_read = f"/v1/trials/{long}/history", [], 0
    while at:
        page = await api.get(at)
        assert len(page.raw) < 350_000
        versions += [event["version"] for event in page.body["events"]]
        pages_read += 1
        at = page.body.get("next", "")

    assert versions == list(range(2, VERSIONS + 1))
    assert 3 <= pages_read <= VERSIONS


async def test_an_event_larger_than_a_page_is_a_page(api: Api, long: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE_BYTES", 10)
    page = await api.get(f"/v1/trials/{long}/history?after=5")

    assert [event["version"] for event in page.body["events"]] == [6]
    assert "after=6" in page.body["next"]


async def test_the_last_page_has_no_next(api: Api, long: str) -> None:
    page = await api.get(f"/v1/trials/{long}/history?after={VERSIONS - 1}&limit=1")

    assert [event["version"] for event in page.body["events"]] == [VERSIONS]
    assert "next" not in page.body


async def test_a_timeline_goes_on_where_its_page_ended(api: Api, long: str) -> None:
    first = await api.get(f"/en/trials/{long}/timeline")

    assert first.status == 200
    assert "after=" in first.raw.decode()
    assert f"after={VERSIONS}" not in first.raw.decode()


async def test_the_past_is_folded_from_pages(api: Api, long: str) -> None:
    events = (await api.get(f"/v1/trials/{long}/history?after=7")).body["events"]
    past = await api.get(f"/v1/trials/{long}?as_of={events[0]['position']}")

    assert past.body["version"] == 8
    assert past.body["registration"]["description"]["en"].startswith("8 ")
