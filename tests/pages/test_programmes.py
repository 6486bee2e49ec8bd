"""Pages of programmes, in both languages: what the public reads, and nothing that is not public yet."""

from typing import Any

import pytest

from events.schemas import applications, region_parts
from events.schemas.access import Role
from events.schemas.moment import Moment
from registry.domain.programme import commands as programme
from registry.domain.region import commands as region
from registry.pages.milestones import LEFT, WIDTH, drawn
from registry.pages.programme import STATE_TONES
from registry.pages.words import Language, words_in
from registry.programmes import board
from tests.api.conftest import Api
from tests.pages.conftest import Browser
from tests.support.programme_nodes import ProgrammeOnNode, registered
from tests.support.regions import SPONSOR, day

EN, JA = words_in(Language.ENGLISH), words_in(Language.JAPANESE)
HEBREW = "ניסוי"


async def shown(api: Api) -> ProgrammeOnNode:
    """Belgium has authorised, Greece has decided nothing, the Philippines were only named; a halt stands."""
    on_node = await registered(api.node)
    await on_node.sponsor(programme.DeclareRegion, country="PH")
    for code in ("BE", "GR"):
        await on_node.join(code)
    version = {"protocol": "main", "version": "v1", "number": "01", "dated": "2024-01", "sha256": "a" * 64}
    await on_node.sponsor(programme.AddProtocolVersion, version=version)
    await on_node.decided("BE")
    used = {"protocol": "main", "version": "v1", "use": "authorised", "on": day("2024-04-15")}
    await on_node.region("BE", region.RecordVersion, Role.AUTHORITY, "authority-be", **used)
    planned = {"milestone": "started", "kind": "anticipated", "on": day("2024-06")}
    await on_node.region("BE", region.RecordRegionMilestone, Role.SPONSOR, SPONSOR, **planned)
    handed_in = {"application": "initial", "kind": "initial", "on": day("2024-03-07")}
    await on_node.region("GR", region.SubmitApplication, Role.SPONSOR, SPONSOR, **handed_in)
    halt = {"item": "h1", "actor": "sponsor", "organisation": SPONSOR, "kind": "temporary_halt", "scope": "enrolment"}
    await on_node.sponsor(programme.HaltProgramme, halt={**halt, "decided": day("2024-07-01")})
    await api.settled()
    return on_node


async def test_a_programme_says_how_each_region_stands_and_never_that_one_recruits(api: Api, browser: Browser) -> None:
    on_node = await shown(api)
    page = await browser.get(f"/en/programmes/{on_node.id}")

    assert page.status == 200
    for text in (
        "Posaconazole in children",
        "Permitted",
        "Not public before the authority has decided",
        "Philippines: named by kyoto-sponsor; nothing else is known",
        "NCT04665037",
        "Halted",
        "Decision on 15 April 2024",
        "June 2024 (planned)",
        "01 since 15 April 2024 (SHA-256 of the document aaaaaaaaaaaaaaaa…)",
    ):
        assert text in page.text, text
    assert "5 March 2024" in page.text
    assert "7 March 2024" not in page.text
    assert "badge open" not in page.source
    assert "<script" not in page.source


async def test_the_same_page_in_japanese_shows_no_english_word_of_ours(api: Api, browser: Browser) -> None:
    on_node = await shown(api)
    page = await browser.get(f"/programmes/{on_node.id}")

    for text in (
        "小児の侵襲性真菌症の試験",
        "実施可",
        "当局の決定前のため非公開",
        "フィリピン：kyoto-sponsorが挙げた国",
        "中断中",
    ):
        assert text in page.text, text
    for code in ("permitted", "under_review", "national", "temporary_halt", "enrolment"):
        assert code not in page.text, code


async def test_the_list_is_searched_by_title_and_number_and_names_regions_apart(api: Api, browser: Browser) -> None:
    on_node = await shown(api)
    found = await browser.get("/en/programmes?q=NCT04665037")
    none = await browser.get("/programmes?q=nothing")

    assert f'href="/en/programmes/{on_node.id}"' in found.source
    assert "Regions: Belgium, Greece" in found.text
    assert "Only named: Philippines" in found.text
    assert "該当する国際共同試験はありません。" in none.text


@pytest.mark.parametrize("prefix", ["", "/en"])
async def test_a_programme_that_is_not_public_has_no_page_and_is_in_no_list(
    api: Api, browser: Browser, prefix: str
) -> None:
    on_node = await registered(api.node, public=False)
    await api.settled()

    assert (await browser.get(f"{prefix}/programmes/{on_node.id}")).status == 404
    assert on_node.id not in (await browser.get(f"{prefix}/programmes")).source


async def test_what_others_wrote_is_isolated(api: Api, browser: Browser) -> None:
    on_node = await registered(api.node)
    await on_node.sponsor(
        programme.AmendProgramme, reason="renamed", details={"title": {"en": HEBREW}, "acronym": HEBREW}
    )
    await api.settled()
    page = await browser.get(f"/en/programmes/{on_node.id}")

    assert page.source.count(f"<bdi>{HEBREW}</bdi>") == 2


async def test_a_question_comes_onto_the_page_when_its_moment_has_come(api: Api, browser: Browser) -> None:
    on_node = await registered(api.node)
    await on_node.join("BE")
    handed_in = {"application": "initial", "kind": "initial", "on": day("2024-03-05")}
    await on_node.region("BE", region.SubmitApplication, Role.SPONSOR, SPONSOR, **handed_in)
    shared: dict[str, Any] = {"application": "initial", "step": "validation", "formal": True, "on": day("2024-03-20")}
    for name, text, public in (("q1", "Open since", "2024-03-21"), ("q2", "Still closed", "2099-01-01")):
        question = {"question": name, "text": {"en": text}, "audience": ["own_region"], "public_from": day(public)}
        await on_node.region("BE", region.AskQuestion, Role.AUTHORITY, "authority-be", **shared, **question)
    await api.settled()
    page = await browser.get(f"/en/programmes/{on_node.id}")

    assert "Open since" in page.text
    assert "Still closed" not in page.text


async def test_the_page_goes_back_to_a_moment(api: Api, browser: Browser) -> None:
    on_node = await shown(api)
    first = (await api.get(f"/v1/programmes/{on_node.id}/history?limit=1", role=Role.SPONSOR)).body["events"][0]
    page = await browser.get(f"/en/programmes/{on_node.id}?as_of={first['position']}")

    assert page.status == 200
    assert "Belgium" not in page.text


async def test_a_trial_names_its_programme_and_says_of_each_region_whether_it_recruits(
    api: Api, browser: Browser
) -> None:
    trial = await api.published()
    on_node = await registered(api.node)
    await on_node.sponsor(programme.LinkToProgramme, registration="ours", trial=trial)
    await on_node.join("BE")
    await api.settled()
    page = await browser.get(f"/en/trials/{trial}")
    there = await browser.get(f"/en/programmes/{on_node.id}")

    assert "This trial belongs to Posaconazole in children" in page.text
    assert f'href="/en/programmes/{on_node.id}"' in page.source
    assert "Belgium" in page.text
    assert f"/en/trials/{(await api.get(f'/v1/trials/{trial}')).body['number']}" in there.source


def region_on(code: str, *days: tuple[str, str]) -> board.RegionOnBoard:
    milestones = tuple(
        board.MilestoneShown(milestone=milestone, actual=Moment(date=when))  # type: ignore[arg-type]
        for milestone, when in days
    )
    return board.RegionOnBoard(
        region=code,
        country=code,
        regime="eu-ctr",
        procedure="eu-ctr",
        milestones=milestones,
        applications=(),
        waits=(),
        sites=board.SitesShown(planned=0, open=0, not_stated=0, enrolled=0),
        joining=(),
    )


def test_the_time_line_puts_each_day_in_its_place_between_the_first_and_the_last() -> None:
    regions = [
        region_on("BE", ("joined", "2024-01-01"), ("ended", "2026-01-01")),
        region_on("GR", ("joined", "2025-01-01")),
    ]
    line = drawn(EN, regions)

    assert line is not None
    assert [mark.x for mark in line.lines[0].marks] == [LEFT, LEFT + WIDTH]
    assert line.lines[1].marks[0].x == pytest.approx(LEFT + WIDTH / 2, abs=1)
    assert [year for _, year in line.years] == ["2025", "2026"]
    assert line.lines[0].marks[1].words == "Ended on 1 January 2026"
    assert drawn(EN, [region_on("BE")]) is None


SECTIONS = {
    "region_milestone": board.ON_BOARD,
    "application_step": applications.Step,
    "application_kind": applications.ApplicationKind,
    "decision": applications.DecisionOutcome,
    "end_kind": region_parts.EndKind,
    "acting": ("sponsor", "authority", "lead", "members", "ethics", "nobody"),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_word_of_a_region_is_in_both_catalogues(section: str) -> None:
    for value in SECTIONS[section]:
        for words in (EN, JA):
            assert words.known(f"{section}.{value}"), f"{section}.{value}"


def test_no_state_of_a_region_looks_like_recruiting() -> None:
    assert "open" not in STATE_TONES.values()
