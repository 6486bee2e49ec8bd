"""Who may read what is not for everybody: own region, members of the joint step, sponsors, the office; later all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.access import Role
from events.schemas.acts import Audience, Closed
from registry.domain.permissions import ANONYMOUS, Actor
from registry.domain.region import commands as do
from registry.domain.region.reading import may_read
from tests.support.regions import SPONSOR, begun, day

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
READERS = {
    "the authority of the region": Actor("t", Role.AUTHORITY, "authority-gr"),
    "the ethics body of the region": Actor("t", Role.ETHICS_BODY, "ethics-gr"),
    "the authority of another member": Actor("t", Role.AUTHORITY, "authority-be"),
    "the authority of a region outside": Actor("t", Role.AUTHORITY, "authority-jp"),
    "the sponsor": Actor("t", Role.SPONSOR, SPONSOR),
    "the coordinator of the region": Actor("t", Role.COORDINATOR, "office-gr"),
    "the coordinator of another region": Actor("t", Role.COORDINATOR, "office-be"),
    "the second sponsor": Actor("t", Role.SECOND_SPONSOR, "nara-sponsor"),
    "another sponsor": Actor("t", Role.SPONSOR, "osaka-sponsor"),
    "the office": Actor("t", Role.REGISTRY, "registry-office"),
    "a site": Actor("t", Role.SITE, "kyoto-hp"),
    "the public": ANONYMOUS,
}
AUDIENCES = {
    Audience.OWN_REGION: {"the authority of the region", "the ethics body of the region"},
    Audience.PATTERN_MEMBERS: {"the authority of the region", "the authority of another member"},
    Audience.REGION_SPONSOR: {"the sponsor", "the coordinator of the region"},
    Audience.PROGRAMME_SPONSOR: {"the sponsor"},
    Audience.SECOND_SPONSOR: {"the second sponsor"},
    Audience.OFFICE: {"the office"},
}


def readers(by: str = "somebody", now: datetime = NOW, **fields: Any) -> set[str]:
    closed, region = Closed.model_validate(fields), begun("GR").region
    members = ("authority-be", "authority-gr", "authority-pl")
    return {name for name, one in READERS.items() if may_read(one, closed, by, region, now=now, members=members)}


@pytest.mark.parametrize("audience", Audience)
def test_each_audience_reads_and_nobody_else(audience: Audience) -> None:
    assert readers(audience=[audience]) == AUDIENCES[audience]


def test_several_audiences_read_together() -> None:
    both = AUDIENCES[Audience.OWN_REGION] | AUDIENCES[Audience.SECOND_SPONSOR]

    assert readers(audience=["own_region", "second_sponsor"]) == both


def test_who_wrote_a_thing_reads_it() -> None:
    assert readers("authority-jp", audience=["office"]) == {"the office", "the authority of a region outside"}


def test_an_organisation_called_public_gives_the_public_nothing() -> None:
    assert readers("public", audience=["office"]) == {"the office"}


def test_from_its_moment_on_everybody_reads_it_and_not_a_second_before() -> None:
    moment = {"date": "2026-11-29", "at": "2026-11-29T03:00:00Z"}
    closed = {"audience": ["office"], "public_from": moment}

    assert readers(**closed) == {*READERS}
    assert readers(now=datetime(2026, 11, 29, 2, 59, 59, tzinfo=UTC), **closed) == {"the office"}


@pytest.mark.parametrize(("date", "public"), [("2026-11-29", True), ("2026-11-30", False), ("2027", False)])
def test_a_day_begins_in_its_zone(date: str, public: bool) -> None:
    assert (readers(audience=["office"], public_from={"date": date}) == {*READERS}) is public


def test_a_question_and_a_paper_say_their_audience() -> None:
    life = begun("GR")
    life.submit()
    fields = {"application": "initial", "on": day("2024-04-01"), "audience": ["own_region", "region_sponsor"]}
    question = life.do(do.AskQuestion, life.authority, question="q1", step="national", formal=True, **fields)
    paper = life.do(
        do.SharePaper, life.authority, paper="p1", kind="draft_report", **{**fields, "audience": ["pattern_members"]}
    )

    assert question.to_stored()["audience"] == ["own_region", "region_sponsor"]
    assert paper.to_stored()["audience"] == ["pattern_members"]
    with pytest.raises(ValueError, match="audience"):
        do.AskQuestion.model_validate({**fields, "question": "q2", "step": "joint", "formal": True, "audience": []})


def test_a_correction_by_another_says_whose_the_event_is_and_nothing_else_of_it() -> None:
    life = begun("GR")
    life.submit()
    fields = {"application": "initial", "on": day("2024-04-01"), "question": "q1"}
    closed = {"step": "national", "formal": True, "audience": ["own_region"]}
    life.do(do.AskQuestion, life.authority, **fields, **closed)
    question_version = life.region.version
    life.do(do.AnswerQuestion, SPONSOR, **fields)
    of_it = {"reason": "no such question", "corrects": question_version}

    for claim in ({"on": day("2024-04-01")}, {"void": True}):
        assert life.refused(do.CorrectRegionEvent, SPONSOR, **of_it, **claim) == {"not-its-act"}
    assert life.refused(do.CorrectRegionEvent, life.authority, **of_it, on=day("2024-04-01")) == {"no-change"}
    assert life.refused(do.CorrectRegionEvent, life.authority, **of_it, void=True) == {"event-followed"}
