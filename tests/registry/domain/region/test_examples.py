"""The checked example: MK-5592-127 in Belgium, Greece and Poland, entered event by event, and what it shows (6.1)."""

from datetime import date
from typing import Any

import pytest

from events.schemas.applications import ApplicationKind
from events.schemas.region_parts import Milestone, VersionUse
from registry.domain.region import commands as do
from registry.domain.region.blocking import blocks_of
from tests.support.regions import Life, begun, day

PART_2 = {"BE": "2024-04-12", "GR": "2024-06-10", "PL": "2024-04-08"}
DECIDED = {"BE": ("2024-04-15", "16:01:00"), "GR": ("2024-06-17", "12:42:00"), "PL": ("2024-04-12", "09:35:00")}
STARTED = {"BE": "2021-10-14", "GR": "2021-10-15", "PL": "2021-04-28"}
RECRUITING = {
    "BE": ("2021-10-31", "2022-10-31"),
    "GR": ("2022-06-21",),
    "PL": ("2021-10-31", "2023-03-24", "2025-05-22"),
}
SM_1_PART_2 = {"BE": "2024-08-06", "GR": "2024-09-09", "PL": "2024-08-07"}
SM_1_DECIDED = {"BE": "2024-08-08", "GR": "2024-09-12", "PL": "2024-08-09"}
V2, V3 = {"protocol": "main", "version": "v2"}, {"protocol": "main", "version": "v3"}
CONDITION = {"item": "c1", "text": {"en": "A copy in Greek"}, "blocks_start": False}


class Lives:
    """The three states up to a day: what was done later has not happened yet."""

    def __init__(self, until: str):
        self.until = until
        self.lives = {code: begun(code) for code in ("BE", "GR", "PL")}
        for code, life in self.lives.items():
            for on, act in sorted(self._acts(code, life), key=lambda one: one[0]):
                if on <= until:
                    act()

    def _acts(self, code: str, life: Life) -> Any:
        started, recruiting = STARTED[code], RECRUITING[code]
        earlier = {"how": "transferred", "law": "Directive 2001/20/EC (EudraCT 2019-003842-34)"}
        yield "2021-04-01", lambda: life.do(do.RecordPermission, **earlier, on=day("2021-04-01"))
        yield started, lambda: self._reached(life, "started", started)
        for on in recruiting:
            # Each value was entered after the one before; the register keeps no day of entry.
            yield max(on, started), lambda on=on: self._reached(life, "recruitment_restarted", on)
        yield "2024-03-05", lambda: life.submit(number="2023-505613-24-00", versions=[V2])
        yield "2024-03-18", life.validate
        yield "2024-04-03", lambda: life.conclude("joint", "acceptable")
        yield PART_2[code], lambda: life.conclude("national", "acceptable", on=PART_2[code])
        yield (
            DECIDED[code][0],
            lambda: life.do(
                do.DecideApplication,
                life.authority,
                application="initial",
                outcome="authorised",
                on=day(*DECIDED[code]),
            ),
        )
        yield "2024-06-25", lambda: life.submit("sm-1", "2024-06-25", kind="modification_both", versions=[V3])
        yield "2024-08-05", lambda: life.conclude("joint", "acceptable", "sm-1", "2024-08-05")
        yield SM_1_PART_2[code], lambda: life.conclude("national", "acceptable", "sm-1", SM_1_PART_2[code])
        yield SM_1_DECIDED[code], lambda: self._modified(code, life)
        if code == "GR":
            part_2 = {"kind": "modification_part_2"}
            yield "2025-03-14", lambda: life.submit("sm-2", "2025-03-14", **part_2)
            yield "2025-05-16", lambda: life.conclude("national", "acceptable", "sm-2", "2025-05-16")

    @staticmethod
    def _reached(life: Life, milestone: str, on: str) -> None:
        life.do(do.RecordRegionMilestone, life.authority, milestone=milestone, kind="actual", on=day(on))

    @staticmethod
    def _modified(code: str, life: Life) -> None:
        if code == "GR":
            life.decide("authorised_with_conditions", "sm-1", SM_1_DECIDED[code], conditions=[CONDITION])
        else:
            life.decide("authorised", "sm-1", SM_1_DECIDED[code])

    def decided(self, application: str) -> dict[str, str | None]:
        last = {code: life.region.last(application) for code, life in self.lives.items()}
        return {code: None if one is None or one.outcome is None else str(one.outcome) for code, one in last.items()}


def test_one_state_was_under_evaluation_while_two_were_authorised() -> None:
    """From 2024-04-12, when the first decided, to 2024-06-17, when the last did."""
    for until in ("2024-04-15", "2024-06-16"):
        assert Lives(until).decided("initial") == {"BE": "authorised", "GR": None, "PL": "authorised"}
    assert set(Lives("2024-06-17").decided("initial").values()) == {"authorised"}
    assert Lives("2024-04-11").decided("initial") == dict.fromkeys(("BE", "GR", "PL"))


def test_versions_differed_between_states_for_35_days() -> None:
    def on_v3(until: str) -> set[str]:
        lives = Lives(until).lives
        return {code for code, life in lives.items() if ("main", "v3") in life.region.versions}

    assert (on_v3("2024-08-07"), on_v3("2024-08-08")) == (set(), {"BE"})
    assert on_v3("2024-09-11") == {"BE", "PL"}
    assert on_v3("2024-09-12") == {"BE", "GR", "PL"}
    assert (date(2024, 9, 12) - date(2024, 8, 8)).days == 35


@pytest.mark.parametrize(("until", "free"), [("2024-06-16", False), ("2024-06-17", True)])
def test_the_modification_could_not_have_been_handed_in_before_the_last_decision(until: str, free: bool) -> None:
    regions = {code: life.region for code, life in Lives(until).lives.items()}
    for target in regions:
        found = blocks_of(regions, ApplicationKind.MODIFICATION_BOTH, target, date.fromisoformat(until))
        assert {one.region for one in found} == (set() if free else {"GR"})


@pytest.mark.parametrize("until", ["2021-11-01", "2023-04-01", "2024-03-05", "2024-04-11"])
def test_years_of_recruitment_before_the_decision_rested_on_the_earlier_law(until: str) -> None:
    for life in Lives(until).lives.values():
        assert (life.stands, life.shut_by) == ("permitted", [])
        assert life.region.permissions == ("transferred",)
    assert {life.region.last("initial") for life in Lives("2023-04-01").lives.values()} == {None}


def test_the_start_of_recruitment_was_corrected_and_the_last_value_is_not_the_first_truth() -> None:
    lives = Lives("2025-12-31").lives
    restarted = {
        code: tuple(one.on.date for one in life.region.milestones[Milestone.RECRUITMENT_RESTARTED])
        for code, life in lives.items()
    }

    assert restarted == RECRUITING


def test_the_last_assessment_of_a_state_is_of_its_last_modification_not_of_its_decision() -> None:
    greece = Lives("2025-12-31").lives["GR"].region
    concluded = [one.on.date for one in greece.milestones[Milestone.NATIONAL_CONCLUDED]]
    decided = [one.on for one in greece.milestones[Milestone.DECIDED]]

    assert concluded == ["2024-06-10", "2024-09-09", "2025-05-16"]
    assert (decided[0].date, decided[0].at) == ("2024-06-17", "2024-06-17T12:42:00Z")
    by_application = {name: attempts[-1].outcome for name, attempts in greece.applications.items()}
    assert by_application == {
        "initial": "authorised",
        "sm-1": "authorised_with_conditions",
        "sm-2": "authorised",
    }


def test_each_state_says_which_version_was_authorised_there_and_on_which_day() -> None:
    lives = Lives("2025-12-31").lives
    days = {
        code: [one.date for one in life.region.versions["main", "v3"][VersionUse.AUTHORISED]]
        for code, life in lives.items()
    }

    assert days == {code: [on] for code, on in SM_1_DECIDED.items()}
    assert all(life.stands == "permitted" for life in lives.values())


def test_days_from_submission_are_of_each_state_and_never_one_number() -> None:
    submitted = date(2024, 3, 5)
    assert {code: (date.fromisoformat(on) - submitted).days for code, (on, _) in DECIDED.items()} == {
        "BE": 41,
        "GR": 104,
        "PL": 38,
    }


def test_acts_are_taken_in_any_order_and_marked_where_they_are_odd() -> None:
    """2013-000615-24: the ethics opinion is older than the record; 2016-004489-24: it came after the authority."""
    life = begun("BE", "national", "parallel-national", ethics="within_decision")
    life.submit(on="2014-02-07")
    early = life.do(do.GiveEthicsOpinion, life.ethics, application="initial", outcome="approved", on=day("2012-03-19"))
    decision = life.decide(on="2014-03-11")
    late = life.do(do.GiveEthicsOpinion, life.ethics, outcome="approved", on=day("2019-12-16"))

    assert (early.odd, decision.odd, late.odd) == (("before_submission",), ("before_conclusion",), None)
    assert life.stands == "permitted"
