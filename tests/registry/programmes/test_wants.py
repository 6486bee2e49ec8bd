"""Wants of people who coordinate trials, each as one test by its number (coordination reference, section 3).

W1, W6: `test_board.py`. W2, W3, W14: `test_questions.py`. W7: `test_turns.py`. W8: `test_versions.py`. W11, W12:
`test_sites_on_board.py`. W13: `tests/registry/domain/region/test_procedures.py`.
"""

import re
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from events.schemas.access import Role
from events.schemas.behind import AWAITED, Act, acts_missing
from events.schemas.ethics import EthicsShape
from events.schemas.gates import Gate
from events.schemas.region_parts import Milestone
from events.schemas.site_milestones import SiteMilestone
from events.schemas.status import RecruitmentStatus, RegionState
from registry.domain.programme.commands import DeclareRegion
from registry.domain.region import commands as do
from registry.programmes.board import board_of
from registry.programmes.region_shown import region_shown
from registry.programmes.versions import versions_of_sites
from tests.support.programme_reads import seen, whole
from tests.support.programmes import registered
from tests.support.regions import Life, authorised, begun, day
from tests.support.servers import ROOT


def test_each_of_the_fifteen_wants_has_a_test_by_its_number() -> None:
    texts = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    numbers = {int(number) for text in texts for number in re.findall(r"def test_w(\d\d)_", text)}

    assert numbers == {*range(1, 16)}


def submitted_again() -> Life:
    """A first attempt with a question, both conclusions and a withdrawal; then another."""
    life = begun("GR", joint_steps=[])
    life.submit(number="2023-505613-24-00")
    life.validate()
    question = {"question": "q1", "step": "national", "formal": True, "audience": ["own_region", "region_sponsor"]}
    life.do(do.AskQuestion, life.authority, application="initial", on=day("2024-03-20"), **question)
    life.conclude("joint", "acceptable")
    life.conclude("national", "acceptable")
    life.do(do.WithdrawApplication, application="initial", on=day("2024-04-10"))
    life.submit(on="2024-05-02", number="2023-505613-24-01")
    return life


def test_w04_an_earlier_attempt_stays_readable_and_linked() -> None:
    viewer = seen(whole(None, submitted_again()), organisation="registry-office")
    [greece] = [one for one in board_of(viewer).regions if one.region == "GR"]
    first, second = greece.applications

    assert [(one.application, one.attempt, one.number) for one in greece.applications] == [
        ("initial", 1, "2023-505613-24-00"),
        ("initial", 2, "2023-505613-24-01"),
    ]
    assert (first.ended, second.ended) == ("withdrawn", None)
    assert [(one.step, one.outcome) for one in first.steps if one.state == "done"] == [
        ("validation", "valid"),
        ("joint", "acceptable"),
        ("national", "acceptable"),
    ]
    assert [one.state for one in second.steps] == ["awaited", "ahead", "ahead", "ahead"]


def test_w04_nothing_of_the_first_attempt_counts_for_the_gate_of_the_second() -> None:
    life = submitted_again()
    life.do(do.SetDue, life.authority, application="initial", step="decision", due=day("2024-08-01"))
    silence = life.do(do.NoteSilence, "registry", application="initial", step="decision", due=day("2024-08-01"))

    # With the conclusions of the first attempt, this silence would authorise.
    assert (silence.result, silence.joint, silence.national) == ("nothing", None, None)
    assert life.shut_by == ["region_not_permitted"]
    life.conclude("joint", "acceptable", on="2024-09-02")
    life.decide(on="2024-09-10")
    assert (life.stands, life.shut_by) == ("permitted", [])
    assert region_shown(seen(whole(None, life)), "GR").applications[0].outcome is None


def test_w05_what_authorities_ask_of_one_document_is_shown_where_it_contradicts_itself() -> None:
    course = registered()
    for code in ("IT", "IE", "HU", "LU", "GR"):
        course.join(code)
    course.do(DeclareRegion, country="JP")
    shown = board_of(seen(whole(course))).contradictions
    found = {(one.document, one.property): {each.demand: each.countries for each in one.demands} for one in shown}

    assert found == {
        ("any", "form"): {"scanned with an ink signature": ("IT",), "searchable, without a signature": ("IE",)},
        ("contract", "time of signature"): {
            "after approval": ("HU", "IE", "IT", "JP"),
            "before approval": ("GR", "LU"),
        },
    }


def test_w05_countries_that_ask_the_same_contradict_nobody() -> None:
    course = registered()
    for code in ("LU", "GR"):
        course.join(code)

    assert board_of(seen(whole(course))).contradictions == ()


def notices(life: Life) -> list[tuple[str, str, str | None]]:
    shown = board_of(seen(whole(None, life))).notices
    return [(one.region, one.notice, one.due and one.due.date) for one in shown]


def test_w09_a_region_is_warned_before_its_permission_expires_for_want_of_a_start() -> None:
    greece = authorised("GR")
    assert notices(greece) == [("GR", "start_not_reported", None)]
    greece.do(do.SetDue, greece.authority, step="start", due=day("2026-04-15"))
    assert notices(greece) == [("GR", "start_not_reported", "2026-04-15")]
    greece.do(do.RecordRegionMilestone, milestone="started", kind="anticipated", on=day("2024-07-01"))
    assert notices(greece) == [("GR", "start_not_reported", "2026-04-15")]
    greece.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-01"))
    assert notices(greece) == []


def test_w09_the_public_is_not_told_until_when_an_authority_waits() -> None:
    greece = authorised("GR")
    greece.do(do.SetDue, greece.authority, step="start", due=day("2026-04-15"))
    [shown] = board_of(seen(whole(None, greece), Role.PUBLIC)).notices

    assert (shown.notice, shown.due) == ("start_not_reported", None)


def test_w09_the_expiry_is_an_event_with_its_cause_and_a_later_start_only_reopens_the_question() -> None:
    greece = authorised("GR")
    greece.do(do.SetDue, greece.authority, step="start", due=day("2026-04-15"))
    expired = greece.do(do.NoteSilence, "registry", step="start", due=day("2026-04-15"))
    assert (expired.result, expired.cites) == ("expired", "CCMO-wd; DKMA; 1.1 I9: nobody was included in two years")
    assert (greece.stands, notices(greece)) == ("expired", [])

    greece.do(do.RecordRegionMilestone, milestone="started", kind="actual", on=day("2024-06-01"))
    assert (greece.stands, notices(greece)) == ("expired", [("GR", "expiry_in_question", None)])


def test_w09_a_law_under_which_nothing_expires_warns_of_nothing() -> None:
    america = begun("US", "us-ind", "us-ind")
    america.submit()
    america.do(do.SetDue, america.authority, application="initial", step="waiting_period", due=day("2024-04-04"))
    america.do(do.NoteSilence, "registry", application="initial", step="waiting_period", due=day("2024-04-04"))

    assert (america.stands, notices(america)) == ("permitted", [])


@pytest.mark.parametrize("status", RecruitmentStatus)
def test_w10_no_recruitment_status_is_a_state_of_a_region(status: RecruitmentStatus) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RegionState).validate_python(status.value)
    with pytest.raises(ValidationError):
        Gate(programme="p", region="BE", country="BE", version=1, state=status)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", RegionState)
def test_w10_no_state_of_a_region_is_a_recruitment_status(state: RegionState) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RecruitmentStatus).validate_python(state.value)


@pytest.mark.parametrize("shape", [shape for shape, groups in AWAITED.items() if groups])
def test_w15_an_imported_step_without_a_mapping_opens_no_site(shape: EthicsShape) -> None:
    raw = [Act(SiteMilestone.OTHER, "2026-01-05"), Act(SiteMilestone.OTHER, "2026-01-06", "v1")]

    assert list(acts_missing(shape, raw)) == list(AWAITED[shape])


def test_w15_an_imported_step_without_a_mapping_stays_raw_and_is_no_version_in_use() -> None:
    step = {"milestone": "other", "written": "site activated, version 2", "actual": "2026-01-05"}
    site = {"site": "s", "recruitment": "not_yet", "authorisation": "published", "milestones": {"4": step}}
    document = {"trial": "t", "sites": {"s": site}, "registration": {}, "status": {}, "sources": {}}
    viewer = seen(whole(None, now=datetime(2026, 11, 29, tzinfo=UTC), trials={"t": document}))

    [shown] = versions_of_sites(viewer, viewer.whole.day)
    assert (shown.ready, shown.in_use) == (None, None)
    assert document["sites"]["s"]["milestones"]["4"]["written"] == "site activated, version 2"


@pytest.mark.parametrize(("page", "kind"), [("milestones.md", SiteMilestone), ("milestones-of-regions.md", Milestone)])
def test_w15_each_milestone_has_one_published_definition(page: str, kind: type[SiteMilestone | Milestone]) -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|(.*)\|$", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    definitions = [text.rsplit("|", 1)[-1].strip() for _, text in rows]

    assert sorted(name for name, _ in rows) == sorted(kind)
    assert len({*definitions}) == len(definitions)
