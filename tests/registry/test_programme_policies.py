"""What follows from events of programmes and regions: which command goes to which stream, and what that comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from events.schemas.applications import Silence
from events.schemas.gates import stream_of_region
from events.schemas.moment import Moment
from events.schemas.region import SilenceNoted
from events.streams import Stream
from registry.domain.catalogue import DECIDERS, name_of
from registry.domain.programme import commands as of_programme
from registry.domain.region import commands as of_region
from registry.domain.region.standing import state_of
from registry.policies import joint_conclusions, joint_ends, programme_gates, region_gates, regions, silence
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Cause, Happened, Reaction
from tests.support.followed import STREAM, TODAY, World, programme, published
from tests.support.regions import PROGRAMME, SPONSOR, day, terms

HALT: Final = {
    "item": "h1",
    "actor": "sponsor",
    "organisation": SPONSOR,
    "kind": "temporary_halt",
    "scope": "all",
    "decided": {"date": TODAY},
    "benefit_risk": False,
}


def permitted(world: World, code: str) -> None:
    """The region goes through its application, and is permitted."""
    authority = f"authority-{code.lower()}"
    on_application = {"application": "initial", "on": day("2026-11-02")}
    world.on_region(code, of_region.SubmitApplication, SPONSOR, kind="initial", **on_application)
    world.on_region(code, of_region.ValidateApplication, authority, outcome="valid", **on_application)
    world.on_region(
        code, of_region.ConcludeAssessment, authority, part="national", outcome="acceptable", **on_application
    )
    world.on_region(code, of_region.DecideApplication, authority, outcome="authorised", **on_application)


def state(world: World, code: str) -> str:
    return str(state_of(world.states[stream_of_region(PROGRAMME, code)]))


def test_a_country_that_joins_begins_its_stream_and_gates_the_sites_of_linked_trials() -> None:
    world = programme("one", joined=("BE", "GR"))

    assert world.refused == []
    assert world.gates("one") == {"": [], "BE": ["region_not_permitted"], "GR": ["region_not_permitted"]}
    assert world.states[stream_of_region(PROGRAMME, "BE")].trials == ("one",)


def test_a_trial_that_is_linked_later_gets_the_gates_as_they_stand() -> None:
    world = programme("one")
    permitted(world, "BE")
    published(world, "two", ghent="BE")
    world.on_programme(of_programme.LinkToProgramme, trial="two", registration="of-two")

    assert world.gates("two") == {"": [], "BE": [], "GR": ["region_not_permitted"], "PL": ["region_not_permitted"]}
    assert world.opens("two", "ghent") == set()


def test_a_site_opens_when_its_own_region_is_permitted_and_no_sooner() -> None:
    world = programme("one")
    assert world.opens("one", "ghent") == {"region-not-permitted"}
    permitted(world, "BE")

    assert state(world, "BE") == "permitted"
    assert world.opens("one", "ghent") == set()
    assert world.opens("one", "athens") == {"region-not-permitted"}
    assert world.opens("one", "kyoto") == set(), "a country that has not joined gates nothing"


def test_a_site_that_opened_after_its_country_joined_was_behind_its_gate_whenever_it_says_so() -> None:
    """Recruitment under an earlier law began before the country joined, and is no fault (coordination, 6.1 check 4)."""
    world = programme("one")
    opened = {day: world.opens("one", "ghent", day) for day in ("2026-10-02", TODAY, "2021-10-31")}

    assert opened == {"2026-10-02": {"region-not-permitted"}, TODAY: {"region-not-permitted"}, "2021-10-31": set()}


def test_a_region_that_is_only_declared_gates_nothing() -> None:
    world = programme("one", joined=())
    world.on_programme(of_programme.DeclareRegion, country="BE")

    assert world.gates("one") == {"": []}
    assert world.opens("one", "ghent") == set()


def test_a_trial_that_is_unlinked_has_no_gates_any_more() -> None:
    world = programme("one")
    world.on_programme(of_programme.UnlinkFromProgramme, registration="of-one", reason="another programme's")

    assert world.gates("one") == {}
    assert all(world.states[stream_of_region(PROGRAMME, code)].trials == () for code in ("BE", "GR", "PL"))
    assert world.opens("one", "ghent") == set()


def test_a_halt_of_the_sponsors_reaches_the_registration_that_it_is_for() -> None:
    world = programme("one", "two", joined=())
    assert (world.opens("one", "ghent"), world.opens("two", "ghent")) == (set(), set())
    world.on_programme(of_programme.HaltProgramme, halt=HALT, reach={"registration": "of-one"})

    assert (world.gates("one"), world.gates("two")) == ({"": ["halted"]}, {"": []})
    assert "halted" in world.opens("one", "kyoto")
    assert world.opens("two", "kyoto") == set()


def test_a_hold_in_one_region_stays_when_the_sponsors_halt_is_lifted() -> None:
    world = programme("one", joined=("BE", "GR"))
    for code in ("BE", "GR"):
        permitted(world, code)
    assert (world.opens("one", "ghent"), world.opens("one", "athens")) == (set(), set())
    hold = {**HALT, "item": "s1", "actor": "authority", "organisation": "authority-gr", "kind": "suspension"}
    world.on_programme(of_programme.HaltProgramme, halt=HALT)
    world.on_region("GR", of_region.HaltRegion, "authority-gr", halt=hold)
    assert world.gates("one") == {"": ["halted"], "BE": [], "GR": ["region_not_permitted", "halted"]}
    world.on_programme(of_programme.LiftProgrammeHalt, halt="h1", basis="own_word", on=day(TODAY))

    assert world.gates("one") == {"": [], "BE": [], "GR": ["region_not_permitted", "halted"]}
    assert world.opens("one", "ghent") == set()
    assert world.opens("one", "athens") >= {"halted", "region-not-permitted"}


def test_after_a_halt_on_benefit_and_risk_each_region_has_a_halt_of_its_own() -> None:
    """Regulation (EU) 536/2014, Article 38: the restart is a substantial modification, state by state."""
    world = programme("one", joined=("BE", "GR"))
    for code in ("BE", "GR"):
        permitted(world, code)
    world.on_programme(of_programme.HaltProgramme, halt={**HALT, "benefit_risk": True})

    assert world.refused == []
    assert world.gates("one") == {"": ["halted"], "BE": ["halted"], "GR": ["halted"]}
    world.on_programme(of_programme.LiftProgrammeHalt, halt="h1", basis="own_word", on=day(TODAY))
    assert world.gates("one") == {"": [], "BE": ["halted"], "GR": ["halted"]}
    world.on_programme(of_programme.HaltProgramme, halt={**HALT, "item": "h2", "benefit_risk": True})
    world.on_programme(of_programme.JoinRegion, terms=terms("PL"), on=day(TODAY))
    assert world.gates("one")["PL"] == ["region_not_permitted", "halted"], "also where it joins while the halt stands"


def test_a_halt_for_one_registration_halts_no_region_with_its_other_trials() -> None:
    world = programme("one", "two", joined=("BE",))
    permitted(world, "BE")
    world.on_programme(
        of_programme.HaltProgramme, halt={**HALT, "benefit_risk": True}, reach={"registration": "of-one"}
    )

    assert world.gates("one") == {"": ["halted"], "BE": []}
    assert world.opens("two", "ghent") == set()


def test_the_end_of_the_programme_shuts_every_linked_trial() -> None:
    world = programme("one", "two")
    world.on_programme(of_programme.EndProgramme, kind="early", on=day(TODAY))

    assert (world.gates("one")[""], world.gates("two")[""]) == (["programme_ended"], ["programme_ended"])


def test_a_conclusion_of_the_lead_binds_the_members_that_have_the_application() -> None:
    world = programme("one")
    on_application = {"application": "initial", "on": day("2026-11-02")}
    for code in ("BE", "GR"):
        world.on_region(code, of_region.SubmitApplication, SPONSOR, kind="initial", **on_application)
        world.on_region(
            code, of_region.ValidateApplication, f"authority-{code.lower()}", outcome="valid", **on_application
        )
    world.on_region(
        "BE", of_region.ConcludeAssessment, "authority-be", part="joint", outcome="not_acceptable", **on_application
    )

    attempts = [world.states[stream_of_region(PROGRAMME, code)].last("initial") for code in ("BE", "GR", "PL")]
    assert [attempt and str(attempt.joint) for attempt in attempts] == ["not_acceptable", "not_acceptable", None]
    poland = stream_of_region(PROGRAMME, "PL")
    assert [stream for stream, _ in world.refused] == [poland], "Poland has no such application: the office is told"


IN_ALL = {"application": "initial", "on": day("2026-11-02")}


def handed_in(*codes: str) -> World:
    """An application in these states, of a programme in which Belgium leads."""
    world = programme("one")
    for code in codes:
        world.on_region(code, of_region.SubmitApplication, SPONSOR, kind="initial", **IN_ALL)
    return world


def test_an_application_that_is_withdrawn_before_the_joint_conclusion_is_out_of_all_states() -> None:
    world = handed_in("BE", "GR", "PL")
    world.on_region("GR", of_region.WithdrawApplication, SPONSOR, **IN_ALL)

    assert [state(world, code) for code in ("BE", "GR", "PL")] == ["withdrawn"] * 3
    assert world.refused == []


def test_an_application_that_is_withdrawn_after_it_is_out_of_that_state_alone() -> None:
    world = handed_in("BE", "GR", "PL")
    world.on_region("BE", of_region.ConcludeAssessment, "authority-be", part="joint", outcome="acceptable", **IN_ALL)
    world.on_region("GR", of_region.WithdrawApplication, SPONSOR, **IN_ALL)

    assert [state(world, code) for code in ("BE", "GR", "PL")] == ["under_review", "withdrawn", "under_review"]


@pytest.mark.parametrize(
    ("step", "states"),
    [
        ("validation", ["lapsed", "lapsed", "lapsed"]),
        ("joint", ["lapsed", "lapsed", "lapsed"]),
        ("national", ["lapsed", "under_review", "under_review"]),
    ],
)
def test_an_application_lapses_in_all_states_or_in_one_by_the_step_of_the_question(
    step: str, states: list[str]
) -> None:
    world = handed_in("BE", "GR", "PL")
    question = {"question": "q1", "step": step, "formal": True, "audience": ["own_region"]}
    world.on_region("BE", of_region.AskQuestion, "authority-be", **IN_ALL, **question, due={"date": "2026-11-29"})
    world.wait(timedelta(days=20))

    assert [state(world, code) for code in ("BE", "GR", "PL")] == states
    assert world.refused == []


def test_what_a_member_has_decided_already_is_not_taken_out_and_the_office_is_told() -> None:
    world = handed_in("BE", "GR")
    world.on_region("GR", of_region.DecideApplication, "authority-gr", outcome="authorised", **IN_ALL)
    world.on_region("BE", of_region.WithdrawApplication, SPONSOR, **IN_ALL)

    assert [state(world, code) for code in ("BE", "GR")] == ["withdrawn", "permitted"]
    refused = {str(stream) for stream, _ in world.refused}
    assert refused == {str(stream_of_region(PROGRAMME, code)) for code in ("GR", "PL")}, "Poland has none at all"


def test_sponsors_and_joint_steps_that_come_later_are_known_in_every_region() -> None:
    world = programme("one", joined=("BE", "GR"))
    second = {"organisation": "nara", "kind": "second_sponsor"}
    world.on_programme(of_programme.AddSponsor, sponsor=second)
    steps = {"step": "part-2", "lead": "GR", "members": ["BE", "GR"]}
    world.on_programme(of_programme.SetJointStep, joint_step=steps)

    for code in ("BE", "GR"):
        region = world.states[stream_of_region(PROGRAMME, code)]
        assert region.second_sponsors == ("nara",)
        assert [step.step for step in region.joint_steps] == ["part-1", "part-2"]


def test_silence_is_noted_once_its_moment_has_passed_and_not_where_somebody_acted() -> None:
    world = programme("one")
    on_application = {"application": "initial", "on": day("2026-11-02")}
    for code in ("BE", "GR"):
        world.on_region(code, of_region.SubmitApplication, SPONSOR, kind="initial", **on_application)
        due = {"step": "validation", "application": "initial", "due": {"date": "2026-11-25"}}
        world.on_region(code, of_region.SetDue, f"authority-{code.lower()}", **due)
    world.on_region("GR", of_region.ValidateApplication, "authority-gr", outcome="not_valid", **on_application)
    before = len(world.events)
    world.wait(timedelta(days=3))
    assert len(world.events) == before, "the day is not over in Japan"
    world.wait(timedelta(days=1))

    noted = [(stream, event.result) for stream, event in world.events[before:] if isinstance(event, SilenceNoted)]
    assert noted == [(stream_of_region(PROGRAMME, "BE"), Silence.VALID)]
    assert (world.waiting, world.refused) == ([], [])


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ({"date": "2026-12-02", "at": "2026-12-02T12:00:00+09:00"}, datetime(2026, 12, 2, 3, 0, 1, tzinfo=UTC)),
        ({"date": "2026-12-02"}, datetime(2026, 12, 2, 15, 0, 1, tzinfo=UTC)),
        ({"date": "2026-12"}, datetime(2026, 12, 31, 15, 0, 1, tzinfo=UTC)),
        ({"date": "2026-12-02", "zone": "Europe/Brussels"}, datetime(2026, 12, 2, 23, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_day_is_over_when_it_has_ended_in_its_zone(due: dict[str, str], expected: datetime) -> None:
    assert silence.over(Moment.model_validate(due)) == expected


def happened(world: World, number: int) -> tuple[Happened, Any]:
    """An event of the world by its place, and the state of its stream just after it."""
    stream, event = world.events[number]
    before = [one for name, one in world.events[:number] if name == stream]
    decider = DECIDERS[Stream(stream).category]
    after: Any = decider.initial
    for one in [*before, event]:
        after = decider.evolve(after, one)
    return Happened(Cause(stream, len(before) + 1), event, world.now, world.now, SPONSOR), after


def everything(world: World) -> list[tuple[str, Reaction]]:
    """All that follows from all events, each judged on the state of its own stream as it stood after it."""
    events = [happened(world, number) for number in range(len(world.events))]
    return [
        (policy.name, reaction)
        for event, after in events
        for policy in POLICIES
        if policy.category == Stream(event.stream).category
        for reaction in policy.react(event, after)
    ]


def test_the_same_follows_whenever_it_is_asked_and_nothing_of_it_is_sealed() -> None:
    world = programme("one")
    permitted(world, "BE")
    sealed = {"text": "0199a5c0-0000-7000-8000-000000000002", "sealed": "1." + "A" * 40}
    world.on_programme(of_programme.HaltProgramme, halt={**HALT, "benefit_risk": True, "why": sealed})
    first, again = everything(world), everything(world)

    assert first == again
    assert {name for name, _ in first} == {"regions", "programme-gates", "region-gates"}
    assert not any("sealed" in str(reaction.command.to_content()) for _, reaction in first)
    targets = [(name, id(reaction), reaction.stream, reaction.name) for name, reaction in first]
    assert len(targets) > 20


def test_two_commands_of_a_policy_to_one_stream_for_one_event_have_names_that_differ() -> None:
    world = programme("one", "two", joined=())
    world.on_programme(of_programme.HaltProgramme, halt={**HALT, "benefit_risk": True})
    world.on_programme(of_programme.JoinRegion, terms=terms("BE"), on=day(TODAY))
    event, after = next(
        happened(world, number)
        for number in range(len(world.events))
        if "terms" in world.events[number][1].to_stored() and world.events[number][0] == STREAM
    )
    reactions = [*regions.react(event, after)]

    assert [name_of(type(one.command)) for one in reactions] == [
        "region.begin",
        "region.link-registration",
        "region.link-registration",
        "region.halt",
    ]
    assert len({(one.stream, one.name) for one in reactions}) == len(reactions)


def test_an_event_that_is_given_again_changes_nothing() -> None:
    world = programme("one")
    permitted(world, "BE")
    before = len(world.events)
    for _, reaction in everything(world):
        assert world.give(reaction.stream, reaction.command) is None

    assert len(world.events) == before


def test_events_that_change_no_gate_lead_to_no_command() -> None:
    world = programme("one", joined=("BE",))
    before = len(world.events)
    milestone = {"milestone": "insurance", "kind": "actual", "on": day("2026-11-02")}
    world.on_region("BE", of_region.RecordRegionMilestone, SPONSOR, **milestone)
    world.on_programme(of_programme.AddProtocol, protocol={"protocol": "main", "number": "EX-1"})

    assert [stream for stream, _ in world.events[before:]] == [stream_of_region(PROGRAMME, "BE"), STREAM]


def test_the_policies_are_those_of_programmes_and_regions() -> None:
    modules = (regions, programme_gates, region_gates, joint_conclusions, joint_ends, silence)

    assert list(POLICIES) == [module.POLICY for module in modules]
