"""Open questions of all regions in one list (W2, W3), and who may read them until when (W14)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.access import Role
from registry.domain.region import commands as do
from registry.programmes.questions import OpenQuestion, open_questions
from registry.programmes.region_shown import region_shown
from tests.support.programme_reads import begun, seen, whole
from tests.support.programmes import joined
from tests.support.regions import Life, day

TO_SPONSOR = ["own_region", "region_sponsor"]
FIVE = ("BE", "GR", "PL", "FR", "DE")


def asking(code: str, *questions: tuple[str, dict[str, str] | None], audience: Any = TO_SPONSOR, **fields: Any) -> Life:
    """A region whose authority asked these questions, each with the moment by which an answer is due."""
    life = begun(code)
    life.submit()
    life.validate()
    for name, due in questions:
        fields_of_each = {
            "step": "national",
            "formal": True,
            "audience": audience,
            "text": {"en": f"On {name}", "ja": name},
        }
        timed = {"due": due} if due else {}
        life.do(
            do.AskQuestion,
            life.authority,
            application="initial",
            question=name,
            on=day("2024-03-20"),
            **fields_of_each,
            **timed,
            **fields,
        )
    return life


def listed(
    *lives: Life, now: datetime, role: Role = Role.SPONSOR, organisation: str = "kyoto-sponsor"
) -> list[OpenQuestion]:
    course = joined()
    for code in FIVE[3:]:
        course.join(code)
    return open_questions(seen(whole(course, *lives, now=now), role, organisation))


NOW = datetime(2024, 3, 25, 9, tzinfo=UTC)


def test_w02_overlapping_questions_of_five_regions_are_one_list_the_shortest_first() -> None:
    lives = [
        asking("BE", ("be-1", day("2024-04-01")), ("be-2", day("2024-03-27"))),
        asking("GR", ("gr-1", day("2024-03-26", "12:00:00"))),
        asking("PL", ("pl-1", None)),
        asking("FR", ("fr-1", day("2024-03-24"))),
        asking("DE", ("de-1", day("2024-03-26", "11:59:59"))),
    ]
    found = listed(*lives, now=NOW)

    assert [one.question for one in found] == ["fr-1", "de-1", "gr-1", "be-2", "be-1", "pl-1"]
    assert [one.days_left for one in found] == [-1, 1, 1, 2, 7, None]
    assert found[0].text is not None


def test_w02_an_answered_question_leaves_the_list() -> None:
    life = asking("BE", ("be-1", day("2024-04-01")), ("be-2", None))
    life.do(do.AnswerQuestion, application="initial", question="be-1", on=day("2024-03-22"), text={"en": "Done"})

    assert [one.question for one in listed(life, now=NOW)] == ["be-2"]
    shown = region_shown(seen(whole(None, life, now=NOW)), "BE")
    assert shown.questions == ()
    mine = region_shown(seen(whole(None, life, now=NOW), Role.SPONSOR, "kyoto-sponsor"), "BE")
    assert [(one.question, one.answer is not None) for one in mine.questions] == [("be-1", True), ("be-2", False)]


@pytest.mark.parametrize(
    ("now", "days_left"),
    [("2024-04-01T21:59:59+00:00", 0), ("2024-04-01T22:00:00+00:00", 0), ("2024-04-01T22:00:01+00:00", -1)],
)
def test_w03_the_due_moment_is_the_one_that_the_authority_gave_to_the_second(now: str, days_left: int) -> None:
    due = {"date": "2024-04-02", "at": "2024-04-02T00:00:00+02:00", "zone": "Europe/Brussels"}
    [one] = listed(asking("BE", ("late", due)), now=datetime.fromisoformat(now))

    assert one.due is not None
    assert one.due.to_stored() == due
    assert one.days_left == days_left


def test_w03_a_day_ends_when_it_ends_in_its_zone() -> None:
    due = {"date": "2024-04-01", "zone": "Europe/Brussels"}
    life = asking("BE", ("late", due))

    assert [one.days_left for one in listed(life, now=datetime(2024, 4, 1, 21, 59, 59, tzinfo=UTC))] == [0]
    assert [one.days_left for one in listed(life, now=datetime(2024, 4, 1, 22, 0, 1, tzinfo=UTC))] == [-1]


READERS = [
    (Role.SPONSOR, "kyoto-sponsor", True),
    (Role.COORDINATOR, "office-be", True),
    (Role.AUTHORITY, "authority-be", True),
    (Role.ETHICS_BODY, "ethics-be", True),
    (Role.AUTHORITY, "authority-gr", False),
    (Role.COORDINATOR, "office-gr", False),
    (Role.SECOND_SPONSOR, "nara-sponsor", False),
    (Role.REGULATOR, "ministry", False),
    (Role.PUBLIC, "a-reader", False),
]


@pytest.mark.parametrize(("role", "organisation", "may"), READERS)
def test_w14_a_question_is_read_by_its_audience_alone_until_its_moment_and_then_by_everybody(
    role: Role, organisation: str, may: bool
) -> None:
    life = asking("BE", ("q", day("2024-05-01")), public_from=day("2024-04-10"))
    gr = begun("GR")
    before, after = datetime(2024, 4, 9, 14, 59, tzinfo=UTC), datetime(2024, 4, 9, 15, tzinfo=UTC)

    assert [one.question for one in listed(life, gr, now=before, role=role, organisation=organisation)] == ["q"] * may
    assert [one.question for one in listed(life, gr, now=after, role=role, organisation=organisation)] == ["q"]


def test_w14_a_paper_between_authorities_is_never_the_sponsors() -> None:
    life = begun("BE")
    life.submit()
    paper = {"application": "initial", "paper": "c1", "kind": "consideration", "audience": ["pattern_members"]}
    life.do(do.SharePaper, life.authority, on=day("2024-03-20"), text={"en": "Dose"}, **paper)
    of = whole(None, life, begun("GR"))

    assert [one.paper for one in region_shown(seen(of, Role.AUTHORITY, "authority-gr"), "BE").papers] == ["c1"]
    assert region_shown(seen(of, Role.SPONSOR, "kyoto-sponsor"), "BE").papers == ()
    assert region_shown(seen(of, Role.PUBLIC), "BE").papers == ()
