"""Whether somebody can join: one answer in search, pages, API and WHO's upload, whatever makes it a no."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from lxml import etree

from adapters.catalogue import TARGETS
from events.schemas.access import Role
from events.schemas.gates import Gate
from events.schemas.zones import JAPAN
from registry.api.answers import SearchAnswer, SitesAnswer, TrialAnswer
from registry.domain.permissions import CONSOLE
from registry.domain.trial.coordinating import SetGate
from registry.exchange.exporting import export
from tests.api.conftest import Api
from tests.pages.conftest import Browser
from tests.support.node import ORGANISATIONS

OPENED: Final = "2026-11-10"
STALE: Final = datetime(2028, 11, 11, tzinfo=JAPAN)


async def opened(api: Api, **fields: Any) -> tuple[str, str]:
    """A published trial with one site, which is open; its id, and the address of the site's commands."""
    trial = await api.published(**fields)
    site = await api.with_site(trial)
    await api.done(f"{site}/open", {"on": OPENED}, role=Role.SITE)
    return trial, site


async def told_everywhere(api: Api, trial: str, folder: Path) -> dict[str, Any]:
    """The only trial in search, facet, count, filter, record, board, pages and upload."""
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


async def site_left(api: Api, trial: str, site: str) -> None:
    await api.done(f"{site}/leave", {"on": "2026-11-12"}, role=Role.SITE)


async def stale(api: Api, trial: str, site: str) -> None:
    api.node.views._clock = lambda: STALE


async def past_its_end(api: Api, trial: str, site: str) -> None:
    amendment = {"reason": "A slip", "registration": {"completion": {"date": "2027-03", "kind": "anticipated"}}}
    await api.done(f"/v1/trials/{trial}/amend", amendment)
    api.node.views._clock = lambda: datetime(2027, 4, 1, tzinfo=JAPAN)


HALT: Final = {
    "item": "halt-1",
    "actor": "sponsor",
    "organisation": ORGANISATIONS[Role.SPONSOR],
    "kind": "temporary_halt",
    "scope": "all",
    "decided": {"date": "2026-11-12"},
}


async def gate(api: Api, trial: str, version: int, **fields: Any) -> None:
    """Sets a gate of the trial as a policy does."""
    stands = Gate.model_validate({"programme": "6f1c0e0a-6d6f-5d0e-9b8e-2f1c7c1d4a11", "version": version, **fields})
    assert await api.node.submit(CONSOLE, uuid4(), f"trial/{trial}", SetGate(gate=stands, on="2026-11-12")) is not None


async def programme_halted(api: Api, trial: str, site: str) -> None:
    await gate(api, trial, 1, halts=[HALT])


async def region_halted(api: Api, trial: str, site: str) -> None:
    authority = {"actor": "authority", "organisation": "pmda", "kind": "suspension"}
    await gate(api, trial, 1, region="JP", country="JP", state="permitted", halts=[{**HALT, **authority}])


async def region_not_yet_permitted(api: Api, trial: str, site: str) -> None:
    await gate(api, trial, 1, region="JP", country="JP", state="under_review")


async def halt_lifted(api: Api, trial: str, site: str) -> None:
    for version, halts in enumerate(([HALT], []), 1):
        await gate(api, trial, version, region="JP", country="JP", state="permitted", halts=halts)


async def site_halted(api: Api, trial: str, site: str) -> None:
    own = {**HALT, "actor": "institution", "organisation": ORGANISATIONS[Role.SITE], "kind": "institution_measure"}
    own["why"] = {"ja": "検査のため", "en": "Records are being checked"}
    await api.done(f"{site}/halt", {"reason": "A signal", "halt": own}, role=Role.INSTITUTION)


@dataclass(frozen=True, slots=True)
class Case:
    """An event and its effects: why nobody can join trial and site, and the statuses on the page, at WHO and stored."""

    happens: Callable[[Api, str, str], Awaitable[None]]
    why: tuple[str, str]
    words: str
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
        site_left,
        ("no_site_open", "left"),
        "No site is recruiting today",
        "Complete",
        ("published", "recruiting", "closed"),
    ),
    Case(
        programme_halted, ("halted", "halted"), "Halted by the sponsor since 12 November 2026", "Suspended", RECRUITING
    ),
    Case(region_halted, ("no_site_open", "halted"), "No site is recruiting today", "Suspended", RECRUITING),
    Case(halt_lifted, ("no_site_open", "not_reopened"), "No site is recruiting today", "Suspended", RECRUITING),
    Case(site_halted, ("no_site_open", "halted"), "No site is recruiting today", "Suspended", RECRUITING),
    Case(
        region_not_yet_permitted,
        ("no_site_open", "region_not_permitted"),
        "No site is recruiting today",
        "Pending",
        RECRUITING,
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
        assert case.words in after[page]
    assert "Status as reported" in after["page"]
    assert after["stored"] == case.stored, "what was reported stays"


async def test_after_a_halt_the_page_says_what_is_waited_for_until_the_site_opens_again(
    api: Api, tmp_path: Path
) -> None:
    trial, site = await opened(api)
    await site_halted(api, trial, site)
    halted = await told_everywhere(api, trial, tmp_path)
    lift = {"reason": "Over", "item": "halt-1", "actor": "institution", "organisation": ORGANISATIONS[Role.SITE]}
    await api.done(f"{site}/lift-halt", {**lift, "lifted": {"date": "2026-11-13"}}, role=Role.INSTITUTION)
    lifted = await told_everywhere(api, trial, tmp_path)
    await api.done(f"{site}/open", {"on": "2026-11-14"}, role=Role.SITE)
    again = await told_everywhere(api, trial, tmp_path)

    sentence = "Measure of the institution by the institution since 12 November 2026: everything"
    badge = "Halted by the institution since 12 November 2026"
    for text in (badge, sentence, "Records are being checked", "The site was halted: 京都病院"):
        assert text in halted["page"]
    rows = await api.node.views.history(f"trial/{trial}")
    stored = next(row.event.record.data for row in rows if row.event.record.type == "trial.site-halted.v1")
    assert "sealed" in stored["halt"]["why"], "a reason can be taken back"
    assert "checked" not in str(stored)
    assert "lifted on 13 November 2026; the site has not yet reported that it is recruiting again" in lifted["page"]
    assert "A halt of the site was lifted: 京都病院" in lifted["page"]
    assert (again["possible"], again["why"], again["who"]) == ([True] * 4, (None, None), "Recruiting")
    stored = (await api.get(f"/v1/trials/{trial}")).body["sites"]["kyoto"]
    assert stored["halts"]["halt-1"]["lifted"]["on"] == "2026-11-13"


async def test_the_trial_says_which_gates_stand_and_why_and_its_history_how_they_changed(api: Api) -> None:
    trial, _ = await opened(api)
    await gate(api, trial, 1, region="JP", country="JP", state="under_review", ethics="per_institution")
    await gate(api, trial, 2, region="JP", country="JP", state="permitted", ethics="per_institution", halts=[HALT])
    await api.settled()
    answer = TrialAnswer.model_validate((await api.get(f"/v1/trials/{trial}")).body)
    pages = [(await Browser(api).get(f"{language}/trials/{trial}")).text for language in ("", "/en")]
    changes = (await api.get(f"/v1/trials/{trial}/history")).body["events"][-1]["changes"]

    [stands] = (answer.gates or {}).values()
    assert (stands.state, stands.version, [one.item for one in stands.halts or ()]) == ("permitted", 2, ["halt-1"])
    assert [change["field"].rpartition("/")[2] for change in changes] == ["halts", "state", "version"]
    japanese, english = pages
    assert "Japan: Permitted, Temporary halt by the sponsor since 12 November 2026: everything" in plain(english)
    assert "日本: 実施可、一時的な中断（依頼者（統括管理者）、2026年11月12日から、範囲：すべて）" in plain(japanese)
    assert "The state of the multinational trial changed: Japan" in plain(english)
    assert "国際共同試験の状況が変わりました：日本" in plain(japanese)


def plain(page: str) -> str:
    """The page's text without marks of direction and tags."""
    return re.sub(r"<[^>]*>|[\u2066-\u2069]", "", page)


async def test_a_trial_in_several_countries_says_of_each_whether_somebody_can_join_there(api: Api) -> None:
    trial, site = await opened(api, countries=["JP", "KR", "US"])
    await paused(api, trial, site)
    abroad = f"/v1/trials/{trial}/sites/boston"
    await api.done(f"{abroad}/add", {"site": {"name": {"en": "Boston"}, "place": {"country": "US"}}})
    decision = {"reason": "The filing is published", "to": "published", "on": "2026-11-01"}
    await api.done(f"{abroad}/change-authorisation", decision, role=Role.REGULATOR)
    await api.done(f"{abroad}/open", {"on": OPENED}, role=Role.SPONSOR)
    await api.settled()
    answer = TrialAnswer.model_validate((await api.get(f"/v1/trials/{trial}")).body)
    page = (await Browser(api).get(f"/en/trials/{trial}")).text

    in_each = {code: (one.possible, one.why_not) for code, one in (answer.joining_in or {}).items()}
    assert answer.joining.possible
    assert in_each == {"JP": (False, "no_site_open"), "KR": (False, "no_site_open"), "US": (True, None)}
    assert "In Japan: No site is recruiting today" in page


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
    found = (await browser.get("/en/?q=lung")).text
    assert "Trials that are looking for participants come first, then the others. In both, those with all" in found


async def test_an_answer_that_ended_by_itself_is_another_representation(api: Api) -> None:
    """A client with yesterday's entity tag does not get the answer that nothing has changed."""
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
