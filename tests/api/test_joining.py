"""Whether somebody can join: one answer in search, pages, API and WHO's upload, whatever makes it a no."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

from adapters.catalogue import TARGETS
from events.schemas.access import Role
from events.schemas.zones import JAPAN
from registry.api.answers import SearchAnswer, SitesAnswer, TrialAnswer
from registry.exchange.exporting import export
from tests.api.conftest import Api
from tests.pages.conftest import Browser

OPENED: Final = "2026-11-10"
STALE: Final = datetime(2028, 11, 11, tzinfo=JAPAN)


async def opened(api: Api, **fields: Any) -> tuple[str, str]:
    """A published trial with one site, which is open; its id, and the address of the site's commands."""
    trial = await api.published(**fields)
    site = await api.with_site(trial)
    await api.done(f"{site}/open", {"on": OPENED}, role=Role.SITE)
    return trial, site


async def told_everywhere(api: Api, trial: str, folder: Path) -> dict[str, Any]:
    """What search, facet, count, filter, record, board, pages and upload say of the only trial."""
    await api.settled()
    browser = Browser(api)
    [found] = SearchAnswer.model_validate((await api.get("/v1/trials")).body).trials
    record = TrialAnswer.model_validate((await api.get(f"/v1/trials/{trial}")).body)
    board = SitesAnswer.model_validate((await api.get(f"/v1/trials/{trial}/sites")).body)
    filtered = (await api.get("/v1/trials?recruitment=recruiting")).body["total"]
    with_sites = (await api.get("/v1/trials?recruiting_sites=true")).body["total"]
    page, hits = (await browser.get(f"/en/trials/{trial}")).text, (await browser.get("/en/")).text
    out = folder / "upload.xml"
    await export(TARGETS["ictrp"], await api.node.outgoing(), out)
    assert record.joining == board.joining == found.joining
    assert (record.sites["kyoto"].joining, record.status) == (board.sites[0].joining, board.status)
    return {
        "possible": [found.joining.possible, filtered == 1, with_sites == 1, found.recruiting_sites == 1],
        "why": (found.joining.why_not, board.sites[0].joining.why_not),
        "page": page,
        "hits": hits,
        "who": etree.parse(out).findtext("trial/main/recruitment_status"),
        "stored": (record.status.authorisation, record.status.recruitment, board.sites[0].recruitment),
    }


async def paused(api: Api, trial: str, site: str) -> None:
    await api.done(f"{site}/pause", {"on": "2026-11-12", "why": {"en": "Equipment check"}}, role=Role.SITE)


async def suspended(api: Api, trial: str, site: str) -> None:
    decision = {"reason": "A signal", "to": "suspended_by_authority", "on": "2026-11-12"}
    await api.done(f"/v1/trials/{trial}/change-authorisation", decision, role=Role.REGULATOR)


async def left(api: Api, trial: str, site: str) -> None:
    await api.done(f"{site}/leave", {"on": "2026-11-12"}, role=Role.SITE)


async def stale(api: Api, trial: str, site: str) -> None:
    api.node.views._clock = lambda: STALE


async def past_its_end(api: Api, trial: str, site: str) -> None:
    amendment = {"reason": "A slip", "registration": {"completion": {"date": "2027-03", "kind": "anticipated"}}}
    await api.done(f"/v1/trials/{trial}/amend", amendment)
    api.node.views._clock = lambda: datetime(2027, 4, 1, tzinfo=JAPAN)


@dataclass(frozen=True, slots=True)
class Case:
    """What happens, and what is right then: why nobody can join trial and site, and what page, WHO and status say."""

    happens: Callable[[Api, str, str], Awaitable[None]]
    why: tuple[str, str]
    said: str
    who: str
    stored: tuple[str, str, str]


RECRUITING: Final = ("published", "recruiting", "recruiting")
CASES: Final = (
    Case(
        paused,
        ("no_site_open", "paused"),
        "No site is recruiting today",
        "Suspended",
        ("published", "recruiting", "paused"),
    ),
    Case(
        suspended,
        ("suspended_by_authority", "trial"),
        "Suspended by the authority",
        "Suspended",
        ("suspended_by_authority", "recruiting", "recruiting"),
    ),
    Case(
        left,
        ("no_site_open", "left"),
        "No site is recruiting today",
        "Complete",
        ("published", "recruiting", "closed"),
    ),
    Case(stale, ("not_confirmed", "not_confirmed"), "Not confirmed since 10 November 2026", "Other", RECRUITING),
    Case(
        past_its_end,
        ("past_completion", "past_completion"),
        "Past its completion date (March 2027)",
        "Other",
        RECRUITING,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.happens.__name__)
async def test_nobody_is_told_anywhere_that_a_trial_recruits_where_nobody_can_join(
    api: Api, tmp_path: Path, case: Case
) -> None:
    trial, site = await opened(api)
    before = await told_everywhere(api, trial, tmp_path)
    await case.happens(api, trial, site)
    after = await told_everywhere(api, trial, tmp_path)

    assert (before["possible"], before["why"], before["who"]) == ([True] * 4, (None, None), "Recruiting")
    assert (after["possible"], after["why"], after["who"]) == ([False] * 4, case.why, case.who)
    for page, count in (("page", "Sites recruiting: 1 of 1"), ("hits", "Sites recruiting: 1")):
        assert "Looking for participants" in before[page]
        assert count in before[page]
        assert "Looking for participants" not in after[page]
        assert count not in after[page]
        assert case.said in after[page]
    assert "Status as reported" in after["page"]
    assert after["stored"] == case.stored, "what was reported stays"


async def test_open_trials_come_before_the_others_and_the_page_says_so(api: Api) -> None:
    names = {}
    for name in ("open", "paused", "open later", "paused later"):
        trial, site = await opened(api)
        names[trial] = name
        if name.startswith("paused"):
            await paused(api, trial, site)
    await api.settled()

    for query in ("", "?q=肺癌"):
        listed = [names[one["trial"]] for one in (await api.get(f"/v1/trials{query}")).body["trials"]]
        assert listed == ["open later", "open", "paused later", "paused"]
    browser = Browser(api)
    assert "Trials that are looking for participants come first" in (await browser.get("/en/")).text
    assert "募集中の試験を先に" in (await browser.get("/")).text
    assert "In both, trials that are looking for participants come first" in (await browser.get("/en/?q=lung")).text


async def test_an_answer_that_ended_by_itself_is_another_representation(api: Api) -> None:
    """Who holds the trial of yesterday is not told that nothing has changed."""
    trial, _ = await opened(api)
    await api.settled()
    before = await api.get(f"/v1/trials/{trial}")
    api.node.views._clock = lambda: STALE
    after = await api.get(f"/v1/trials/{trial}", If_None_Match=before.headers["ETag"])

    assert (after.status, after.body["joining"]["why_not"]) == (200, "not_confirmed")
    assert before.body["joining"] == {"possible": True, "recruitment": "recruiting", "until": "2028-11-11"}
    again = await api.get(f"/v1/trials/{trial}", If_None_Match=after.headers["ETag"])
    assert again.status == 304


async def test_as_of_a_moment_the_answer_is_that_of_its_day(api: Api) -> None:
    trial, site = await opened(api)
    await api.settled()
    position = (await api.get(f"/v1/trials/{trial}")).body["position"]
    await paused(api, trial, site)
    await api.settled()
    api.node.views._clock = lambda: STALE

    for path in (f"/v1/trials/{trial}", f"/v1/trials/{trial}/sites"):
        assert (await api.get(f"{path}?as_of={position}")).body["joining"]["possible"] is True
        assert (await api.get(path)).body["joining"]["why_not"] == "no_site_open"
    page = (await Browser(api).get(f"/en/trials/{trial}?as_of={position}")).text
    assert "Looking for participants" in page


async def test_a_trial_without_sites_is_joined_as_it_says_itself(api: Api, tmp_path: Path) -> None:
    trial = await api.published(completion={"date": "2190", "kind": "anticipated"})
    await api.done(f"/v1/trials/{trial}/change-recruitment", {"to": "recruiting", "on": "2026-11-20"})
    await api.settled()
    [found] = (await api.get("/v1/trials?recruitment=recruiting")).body["trials"]
    assert found["joining"]["possible"] is True
    assert found["recruiting_sites"] == 0

    confirmed = (await api.get(f"/v1/trials/{trial}")).body["confirmed"]
    api.node.views._clock = lambda: datetime(2200, 1, 1, tzinfo=JAPAN)
    assert (await api.get("/v1/trials?recruitment=recruiting")).body["total"] == 0
    [found] = (await api.get("/v1/trials?recruitment=unknown")).body["trials"]
    assert found["joining"] == {
        "possible": False,
        "recruitment": "unknown",
        "why_not": "not_confirmed",
        "since": confirmed,
    }
