"""Behind a gate: which reports are refused, by which rule, which are not, and what is said again after a halt."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from events.schemas.gates import Gate
from events.schemas.halts import Halt
from events.schemas.status import RecruitmentStatus, RegionState
from events.schemas.values import Payload
from registry.domain.decider import Command, Context, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.coordinating import HaltSite, LiftSiteHalt, RecordMilestone, RemoveGate, SetGate
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import State, Trial
from tests.projections.trials import imported
from tests.support.trials import sealed_registration, site

TODAY: Final = "2026-11-22"
CONTEXT: Final = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "office", "JTR2026000001X")
PROGRAMME: Final = "6f1c0e0a-6d6f-5d0e-9b8e-2f1c7c1d4a11"
HALT: Final = {
    "item": "halt-1",
    "actor": "sponsor",
    "organisation": "sponsor-1",
    "kind": "temporary_halt",
    "scope": "all",
    "decided": {"date": TODAY},
}
OPEN: Final = do.OpenSite(site="kyoto", on=TODAY)


def gate(version: int = 1, region: str | None = "JP", on: str = TODAY, **fields: Any) -> SetGate:
    """The gate of a region that is permitted, or of the programme, from today on."""
    of_region = {} if region is None else {"region": region, "country": region[:2], "state": "permitted"}
    stated = {"programme": PROGRAMME, "version": version, **of_region, **fields}
    return SetGate(gate=Gate.model_validate(stated), on=on)


def after(state: State, *commands: Command, by: str = "office") -> Trial:
    """The trial after these commands, each of which leads to an event."""
    context = Context(CONTEXT.now, by, CONTEXT.number)
    for command in commands:
        event = decide(state, command, context)
        assert event is not None, command
        state = evolve(state, event)
    assert state is not None
    return state


def published(*commands: Command) -> Trial:
    """A published trial of sponsor-1 with a site in Japan, after these commands."""
    begun = do.RegisterTrial(owner="sponsor-1", registration=sealed_registration())
    return after(None, begun, do.AddSite(site=site()), do.PublishTrial(), *commands)


def rules(state: State, command: Command, by: str = "office") -> set[str]:
    try:
        decide(state, command, Context(CONTEXT.now, by, CONTEXT.number))
    except Rejection as refused:
        return {fault.rule for fault in refused.faults}
    return set()


def halt(actor: str, organisation: str, **fields: Any) -> HaltSite:
    stated = {**HALT, "actor": actor, "organisation": organisation, **fields}
    return HaltSite(site="kyoto", reason="events", halt=Halt.model_validate(stated))


def lift(actor: str, organisation: str, item: str = "halt-1", on: str = TODAY) -> LiftSiteHalt:
    stated = {"actor": actor, "organisation": organisation, "item": item, "lifted": {"date": on}}
    return LiftSiteHalt.model_validate({"site": "kyoto", "reason": "over", **stated})


REFUSED: Final[dict[str, tuple[SetGate, set[str]]]] = {
    "a region that is permitted": (gate(), set()),
    "a region under review": (gate(state="under_review"), {"region-not-permitted"}),
    "a region permitted with a block": (gate(state="permitted_blocked"), {"region-blocked"}),
    "a filing that is not published": (gate(publication="awaited"), {"filing-not-published"}),
    "a filing that is published": (gate(publication="published"), set()),
    "acts of its own": (gate(ethics="one_body_and_heads"), {"site-act-missing"}),
    "two acts of its own": (gate(ethics="per_institution"), {"site-act-missing"}),
    "no act of its own": (gate(ethics="within_decision"), set()),
    "a halt of recruitment": (gate(halts=[HALT]), {"halted"}),
    "a halt of treatment alone": (gate(halts=[{**HALT, "scope": "dosing"}]), set()),
    "a programme that ended": (gate(region=None, ended=True), {"programme-ended"}),
    "a halted programme": (gate(region=None, halts=[HALT]), {"halted"}),
    "a region elsewhere": (gate(region="US", state="refused", halts=[HALT]), set()),
    "everything at once": (
        gate(state="suspended", publication="awaited", halts=[HALT], ethics="one_body_relied_on"),
        {"region-not-permitted", "filing-not-published", "halted", "site-act-missing"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_site_opens_unless_a_gate_that_covers_it_stands_in_the_way(name: str) -> None:
    stands, expected = REFUSED[name]

    assert rules(published(stands), OPEN) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_the_trial_as_a_whole_recruits_unless_its_programme_or_its_only_country_is_shut(name: str) -> None:
    stands, expected = REFUSED[name]
    recruits = do.ChangeRecruitment(to=RecruitmentStatus.RECRUITING, on=TODAY)

    assert rules(published(stands), recruits) == expected - {"site-act-missing"}


@pytest.mark.parametrize("state", RegionState)
def test_only_one_state_of_a_region_lets_its_sites_open(state: RegionState) -> None:
    assert bool(rules(published(gate(state=state)), OPEN)) == (state is not RegionState.PERMITTED)


@pytest.mark.parametrize("name", REFUSED)
def test_a_site_may_always_stop_whatever_gate_is_shut(name: str) -> None:
    trial = published(OPEN, REFUSED[name][0])
    paused = after(trial, do.PauseSite(site="kyoto", on=TODAY))

    assert rules(trial, do.CloseSite(site="kyoto", on=TODAY)) == set()
    assert rules(paused, do.CloseSite(site="kyoto", on=TODAY)) == set()
    assert rules(trial, do.ReportEnrolment(site="kyoto", enrolled=3, on=TODAY)) == set()
    assert rules(trial, do.LeaveTrial(site="kyoto", on=TODAY)) == set()


def test_each_rule_says_what_is_missing_and_who_has_to_act() -> None:
    stands = gate(state="under_review", halts=[HALT], ethics="per_institution")
    with pytest.raises(Rejection) as refused:
        decide(published(stands), OPEN, CONTEXT)

    assert [fault.message for fault in refused.value.faults] == [
        "region JP is under_review; its authority has to permit it first",
        "temporary_halt by sponsor-1 since 2026-11-22 stands; sponsor-1 has to lift it",
        "region JP asks for ethics_approved of the site's own, for the version in use; record it first",
        "region JP asks for institution_permitted of the site's own, for the version in use; record it first",
    ]


def test_with_the_acts_of_its_own_a_site_opens_from_the_day_on_which_it_had_them() -> None:
    acts = [
        RecordMilestone(site="kyoto", milestone=one, actual="2026-11-20")  # type: ignore[arg-type]
        for one in ("ethics_approved", "institution_permitted")
    ]
    trial = published(gate(ethics="per_institution", on="2026-11-01"), *acts)

    assert rules(trial, OPEN) == set()
    assert rules(trial, do.OpenSite(site="kyoto", on="2026-11-19")) == {"site-act-missing"}
    using = RecordMilestone(site="kyoto", milestone="version_in_use", actual=TODAY, protocol_version="2.0")  # type: ignore[arg-type]
    assert rules(after(trial, using), OPEN) == set()


def test_a_report_of_a_past_day_goes_by_how_the_gate_stood_then() -> None:
    trial = published(
        gate(1, on="2026-10-10", state="under_review"),
        gate(2, on="2026-11-01"),
        gate(3, on="2026-11-20", halts=[{**HALT, "decided": {"date": "2026-11-20"}}]),
    )
    expected = {
        "2021-10-31": set(),
        "2026-10-15": {"region-not-permitted"},
        "2026-11-05": set(),
        "2026-11-20": {"halted"},
        "2026-11": {"halted"},
        TODAY: {"halted"},
    }

    seen = {day: rules(trial, do.OpenSite(site="kyoto", on=day)) for day in expected}
    assert seen == expected


def test_a_halt_is_no_reason_on_a_day_before_it_was_in_force() -> None:
    later = {**HALT, "decided": {"date": "2026-11-15"}, "in_force": {"date": "2026-11-18"}}
    trial = published(gate(on="2026-10-01", halts=[later]))

    days = ("2026-11-14", "2026-11-17", "2026-11-18", "2026-11", TODAY)
    assert [bool(rules(trial, do.OpenSite(site="kyoto", on=day))) for day in days] == [False, False, True, True, True]


def test_what_comes_late_of_a_gate_is_not_recorded() -> None:
    trial = published(gate(5, halts=[HALT]))

    assert decide(trial, gate(5), CONTEXT) is None
    assert decide(trial, gate(4), CONTEXT) is None
    assert decide(trial, RemoveGate(programme=PROGRAMME, region="JP", version=4), CONTEXT) is None
    removed = after(trial, RemoveGate(programme=PROGRAMME, region="JP", version=7))
    assert decide(removed, gate(6, halts=[HALT]), CONTEXT) is None
    assert rules(after(removed, gate(8, halts=[HALT])), OPEN) == {"halted"}
    assert rules(removed, OPEN) == set()


def test_gates_of_two_regimes_of_a_country_both_have_to_be_open() -> None:
    trial = published(gate(region="JP"), gate(region="JP-crb", state="planned"))

    assert rules(trial, OPEN) == {"region-not-permitted"}


def test_a_site_that_was_open_opens_again_after_the_halt_and_not_twice() -> None:
    halted = published(OPEN, gate(1, halts=[HALT]))
    assert rules(halted, OPEN) == {"halted", "recruitment-move"}
    lifted = after(halted, gate(2))
    again = after(lifted, OPEN)

    assert lifted.sites["kyoto"].recruitment is RecruitmentStatus.RECRUITING
    assert rules(again, OPEN) == {"recruitment-move"}


def test_a_trial_that_recruits_as_a_whole_says_so_again_after_the_halt_and_not_twice() -> None:
    recruits = do.ChangeRecruitment(to=RecruitmentStatus.RECRUITING, on=TODAY)
    halted = published(recruits, gate(1, region=None, halts=[HALT]))
    again = after(after(halted, gate(2, region=None)), recruits)

    assert rules(halted, recruits) == {"halted", "recruitment-move"}
    assert rules(again, recruits) == {"recruitment-move"}


POWERS: Final = {
    "the investigator": ("investigator", "kyoto-hp", "kyoto-hp", set()),
    "the institution": ("institution", "kyoto-hp", "kyoto-hp", set()),
    "the sponsor": ("sponsor", "sponsor-1", "sponsor-1", set()),
    "the office for the sponsor": ("sponsor", "sponsor-1", "office", set()),
    "the office for an ethics body": ("ethics_body", "kyoto-crb", "office", set()),
    "the office for itself": ("sponsor", "office", "office", {"no-power"}),
    "the sponsor as investigator": ("investigator", "sponsor-1", "sponsor-1", {"no-power"}),
    "the site as sponsor": ("sponsor", "kyoto-hp", "kyoto-hp", {"no-power"}),
    "a body that was never asked": ("ethics_body", "osaka-crb", "osaka-crb", {"no-power"}),
    "an authority": ("authority", "pmda", "office", {"halt-of-region"}),
    "the Minister": ("minister", "mhlw", "office", {"halt-of-region"}),
}


@pytest.mark.parametrize("name", POWERS)
def test_each_halts_a_site_by_its_own_power(name: str) -> None:
    actor, organisation, by, expected = POWERS[name]

    assert rules(published(), halt(actor, organisation), by=by) == expected


def test_an_ethics_body_that_the_site_was_submitted_to_halts_it() -> None:
    submitted = RecordMilestone(site="kyoto", milestone="ethics_submitted", planned="2026-11", body="kyoto-crb")  # type: ignore[arg-type]

    assert rules(published(submitted), halt("ethics_body", "kyoto-crb"), by="kyoto-crb") == set()


def test_a_halt_ends_by_the_lift_of_the_one_that_set_it_and_of_nobody_else() -> None:
    trial = published(OPEN, halt("investigator", "kyoto-hp"), halt("sponsor", "sponsor-1", item="halt-2"))

    assert rules(trial, lift("sponsor", "sponsor-1", "halt-1"), by="sponsor-1") == {"lifted-by-another"}
    assert rules(trial, lift("institution", "kyoto-hp", "halt-1"), by="kyoto-hp") == {"lifted-by-another"}
    assert rules(trial, lift("sponsor", "sponsor-1", "halt-3"), by="sponsor-1") == {"halt-unknown"}
    one = after(trial, lift("investigator", "kyoto-hp", "halt-1"), by="kyoto-hp")
    assert "halted" in rules(one, OPEN)
    assert rules(one, lift("investigator", "kyoto-hp", "halt-1"), by="kyoto-hp") == {"halt-unknown"}
    both = after(one, lift("sponsor", "sponsor-1", "halt-2"), by="sponsor-1")
    assert rules(both, OPEN) == set()
    assert rules(after(both, OPEN), OPEN) == {"recruitment-move"}


def test_a_site_did_not_open_on_a_day_on_which_it_was_halted() -> None:
    trial = published(halt("investigator", "kyoto-hp", decided={"date": "2026-11-10"}))
    lifted = after(trial, lift("investigator", "kyoto-hp", on="2026-11-15"))

    days = ("2026-11-09", "2026-11-10", "2026-11-14", "2026-11-15")
    assert [bool(rules(trial, do.OpenSite(site="kyoto", on=day))) for day in days] == [False, True, True, True]
    assert [bool(rules(lifted, do.OpenSite(site="kyoto", on=day))) for day in days] == [False, True, True, False]


def test_a_name_of_a_halt_is_taken_once_and_its_texts_are_public_at_once() -> None:
    trial = after(published(halt("investigator", "kyoto-hp")), lift("investigator", "kyoto-hp"))

    assert rules(trial, halt("investigator", "kyoto-hp")) == {"halt-taken"}
    later = halt("investigator", "kyoto-hp", item="halt-2", public_from={"date": "2026-12-01"})
    assert rules(trial, later) == {"public-at-once"}
    ahead = halt("investigator", "kyoto-hp", item="halt-2", decided={"date": "2026-11-23"})
    assert rules(trial, ahead) == {"date-in-future"}


def test_gates_stand_before_a_partners_trial_too() -> None:
    partners = evolve(None, imported())
    event = decide(partners, gate(), CONTEXT)
    assert event is not None

    assert list(evolve(partners, event).gates) == [f"{PROGRAMME}:JP"]  # type: ignore[union-attr, arg-type]
    assert rules(partners, halt("sponsor", "sponsor-1")) == {"home-elsewhere"}


def test_a_gate_that_has_no_day_stands_from_today_on() -> None:
    event: Payload | None = decide(published(), SetGate(gate=gate().gate), CONTEXT)

    assert event is not None
    assert event.to_stored()["on"] == TODAY
