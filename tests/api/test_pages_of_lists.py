"""Sites, sources, receipts and refusals come in pages of bytes, whole and in order, at the largest they may be."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest

from adapters.losses import Losses
from events.schemas.access import Role
from events.schemas.exchange import Refusal
from events.schemas.trial import SiteAsImported
from registry.api import imports
from registry.api.paging import PAGE_BYTES, page
from registry.domain.trial import sizes
from registry.domain.trial.commands import ImportTrial
from registry.exchange.intake import Intake
from registry.exchange.placing import stream_of
from registry.exchange.received import Received
from tests.api.conftest import Api
from tests.api.test_sources import each
from tests.support.receiving import receive
from tests.support.trials import partner_study

LARGEST_ITEM = 900_000
"""Bytes of one record of the log; what an item says of two of them is twice that."""


async def pages(api: Api, at: str, listed: str, role: Role | None = None) -> list[list[Any]]:
    """The items of each page."""
    found = []
    while at:
        got = await api.get(at, role=role)
        assert got.status == 200, got.raw[:500]
        assert len(got.raw) < PAGE_BYTES + 2 * LARGEST_ITEM
        found.append(got.body[listed])
        at = got.body.get("next", "")
    return found


def test_a_page_asks_for_no_more_than_it_has_and_one() -> None:
    yielded: list[int] = []

    def items() -> Any:
        for number in range(9):
            yielded.append(number)
            yield str(number), "x" * 8

    assert page(items(), 25, 99) == (["x" * 8] * 3, "2")
    assert yielded == [0, 1, 2, 3]
    assert page(items(), 999, 2) == (["x" * 8] * 2, "1")
    assert page(items(), 999, 9) == (["x" * 8] * 9, None)


async def test_three_thousand_sites_come_in_pages(api: Api) -> None:
    sites = [
        {"site": f"s{number:04}", "name": {"en": "n" * 230}, "recruitment": "recruiting"}
        for number in range(sizes.MOST_SITES)
    ]
    study = partner_study() | {"sites": tuple(map(SiteAsImported.model_validate, sites))}
    stream = stream_of(study["home"])
    received = Received.of("ctgov", b"{}", "application/json")
    await receive(api.node, stream, received, lambda source: ImportTrial(**study, source=source))
    await api.settled()
    trial = stream.removeprefix("trial/")
    found = await pages(api, f"/v1/trials/{trial}/sites", "sites")

    names = sorted(f"s{number}" for number in range(1, sizes.MOST_SITES + 1))
    assert [site["site"] for one in found for site in one] == names
    assert len(found) == 3
    whole = await api.get(f"/v1/trials/{trial}")
    assert len(whole.raw) < PAGE_BYTES + LARGEST_ITEM
    assert [*whole.body["sites"]] == [site["site"] for site in found[0]]
    assert [site["site"] for one in await pages(api, whole.body["sites_next"], "sites") for site in one] == [
        site["site"] for one in found[1:] for site in one
    ]
    assert await listed_on_pages(api, f"/en/trials/{trial}") == names


async def listed_on_pages(api: Api, at: str) -> list[str]:
    """The sites that a trial's page lists, and those that it leads on to."""
    found: list[str] = []
    while at:
        got = await api.get(at)
        assert (got.status, len(got.raw) < 4 * PAGE_BYTES) == (200, True)
        text = got.raw.decode()
        found += re.findall(r'<li id="site-(\w+)">', text)
        following = re.search(r'<a rel="next" href="([^"]+)">Further sites', text)
        at = html.unescape(following[1]) if following else ""
    return found


async def test_trials_found_come_in_pages_of_bytes_and_none_is_left_out(api: Api) -> None:
    conditions = [{"name": {"ja": "癌" * 1_900}}] * 65
    trials = {await api.published(conditions=conditions) for _ in range(4)}
    await api.settled()
    found = await pages(api, "/v1/trials?limit=100", "trials")
    first = (await api.get("/en/")).raw.decode()

    assert sorted(one["trial"] for part in found for one in part) == sorted(trials)
    assert [len(part) for part in found] == [3, 1]
    assert first.count('<li class="hit">') == 3
    following = re.search(r'<a rel="next" href="([^"]+)"', first)
    assert following is not None
    assert (await api.get(html.unescape(following[1]))).raw.decode().count('<li class="hit">') == 1


async def test_sources_of_400_kb_each_come_in_pages(api: Api) -> None:
    senders = [f"Registry {number:02}" for number in range(5)]
    for number, sender in enumerate(senders):
        conditions = {"conditions": [{"name": {"en": f"{number} {line} " + "x" * 380}} for line in range(1_000)]}
        study = partner_study(**conditions)
        stream = stream_of(study["home"])
        received = Received.of(sender, sender.encode(), "text/plain")
        await receive(api.node, stream, received, lambda source, study=study: ImportTrial(**study, source=source))  # type: ignore[misc]
    await api.settled()
    found = await pages(api, f"/v1/trials/{stream.removeprefix('trial/')}/sources", "sources")

    assert [one["source"] for part in found for one in part] == senders
    assert 2 <= len(found) <= 5


async def test_receipts_and_refusals_come_in_pages(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest receipt has 81,500 bytes."""
    monkeypatch.setattr(imports, "PAGE_BYTES", 200_000)
    for _ in range(6):
        intake = Intake(api.node, adopt=False, owner="registry", import_id=(name := uuid4()))
        refusals = [Refusal(place=f"study {number}", reason="r" * 4_000) for number in range(200)]
        await intake.take_all(each(refusals), lambda _: None)
        await intake.finish("ctgov", ["f" * 500] * 750, Losses())
    await api.settled()
    receipts = await pages(api, "/v1/imports?limit=5", "imports", Role.REGISTRY)
    refusal_pages = await pages(api, f"/v1/imports/{name}", "refusals", Role.REGISTRY)

    assert receipts[0][0]["id"] == str(name)
    assert len({one["id"] for part in receipts for one in part}) == 6
    assert [len(part) for part in receipts] == [3, 3]
    assert [one["place"] for part in refusal_pages for one in part] == [one.place for one in refusals]
    assert len(refusal_pages) > 2
    assert (await api.get("/v1/imports?before=x", role=Role.REGISTRY)).kind == "bad-parameter"
