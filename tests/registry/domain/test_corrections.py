"""An event of a day, a reason or a count is put right, or was nothing; readers and decisions go by what is right."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import payload_of
from events.schemas import trial as events
from events.schemas.access import Role
from projections.trial import document as documents
from registry.domain.decider import Command, Context, Rejection
from registry.domain.permissions import Actor, NotPermitted
from registry.domain.permitting import check
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.occurrences import ENDS, RECRUITMENT, last
from registry.domain.trial.state import State, Trial
from tests.projections.trials import event_of, trial_id
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.trials import sealed_registration, site

CONTEXT: Final = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "kyoto-hp", "JTR2026000001X")
WHY: Final = {"ja": "装置の故障"}
OTHER_WHY: Final = {"ja": "装置の点検"}


def command(name: str, **fields: Any) -> Command:
    """By its name on the wire; one on a site is named `site …` and is on the site `kyoto`."""
    kind = name.removeprefix("site ")
    if kind == name:
        return TRIAL_COMMANDS[name].model_validate(fields)
    return SITE_COMMANDS[kind].model_validate({"site": "kyoto", **fields})


BEGUN: Final = (
    do.RegisterTrial(registration=sealed_registration()),
    do.AddSite(site=site()),
    do.PublishTrial(),
    command("site open", on="2026-11-01"),
    command("site pause", on="2026-11-05", why=WHY),
    command("site open", on="2026-11-09"),
    command("site verify", status="recruiting", on="2026-11-10"),
    command("site report-enrolment", enrolled=7, on="2026-11-10"),
)
"""Opened with version 4, paused with 5, opened with 6, verified with 7, counted with 8."""


class Folds:
    """A trial as decisions and as readers know it, both folded from what was decided."""

    def __init__(self, *history: Command) -> None:
        self.state: State = None
        self.document: dict[str, Any] | None = None
        for one in history:
            self.give(one)

    def give(self, latest: Command) -> events.TrialEvent:
        """Decides and folds; raises Rejection. What is folded went through its stored form."""
        decided = decide(self.state, latest, CONTEXT)
        assert decided is not None
        version = 1 if self.state is None else self.state.version + 1
        event = event_of(trial_id(1), version, decided)
        payload: Any = payload_of(event.record)
        self.state = evolve(self.state, payload)
        self.document = documents.evolve(self.document, event)
        return decided

    @property
    def trial(self) -> Trial:
        """The state of decisions."""
        assert self.state is not None
        return self.state

    @property
    def seen(self) -> dict[str, Any]:
        """What readers see of the site, but for when it was recorded."""
        assert self.document is not None
        shown = self.document["sites"]["kyoto"]
        days = {name: shown[name]["on"] for name in ("changed", "verified") if name in shown}
        return {
            name: shown[name] for name in ("recruitment", "authorisation", "why", "enrolled") if name in shown
        } | days


def refused(folds: Folds, latest: Command) -> set[str]:
    with pytest.raises(Rejection) as found:
        folds.give(latest)
    return {fault.rule for fault in found.value.faults}


def at_site(corrects: int, **fields: Any) -> Command:
    return command("site correct-event", reason="slip", corrects=corrects, **fields)


OPEN: Final = {"recruitment": "recruiting", "authorisation": "published", "enrolled": 7}
SEEN: Final = {**OPEN, "changed": "2026-11-09", "verified": "2026-11-10"}


@pytest.mark.parametrize(
    ("correction", "seen"),
    [
        pytest.param(at_site(6, on="2026-11-08"), SEEN | {"changed": "2026-11-08"}, id="the day it opened again"),
        pytest.param(at_site(7, on="2026-11-11"), SEEN | {"verified": "2026-11-11"}, id="the day it was verified"),
        pytest.param(at_site(8, enrolled=6), SEEN | {"enrolled": 6}, id="the count"),
        pytest.param(at_site(5, on="2026-11-06", why=OTHER_WHY), SEEN, id="what a later event replaced"),
        pytest.param(at_site(5, why=None), SEEN, id="a reason that was never given"),
        pytest.param(
            at_site(6, void=True),
            {**OPEN, "recruitment": "paused", "why": WHY, "changed": "2026-11-05", "verified": "2026-11-10"},
            id="it never opened again",
        ),
        pytest.param(
            at_site(8, void=True), {name: SEEN[name] for name in SEEN if name != "enrolled"}, id="nobody counted"
        ),
        pytest.param(at_site(7, void=True), {**OPEN, "changed": "2026-11-09"}, id="nobody verified"),
    ],
)
def test_readers_see_what_is_right(correction: Command, seen: dict[str, Any]) -> None:
    folds = Folds(*BEGUN)
    assert folds.seen == SEEN
    folds.give(correction)

    assert folds.seen == seen
    assert (folds.trial.sites["kyoto"].recruitment, folds.trial.sites["kyoto"].enrolled) == (
        seen["recruitment"],
        seen.get("enrolled"),
    )


def test_what_is_put_right_is_known_since_the_correction() -> None:
    folds = Folds(*BEGUN)
    before = folds.document
    folds.give(at_site(6, on="2026-11-08"))

    assert before is not None
    assert folds.document is not None
    assert before["sites"]["kyoto"]["changed"] == {"on": "2026-11-09", "recorded": "2026-04-01T06:00:00.000Z"}
    assert folds.document["sites"]["kyoto"]["changed"] == {"on": "2026-11-08", "recorded": "2026-04-01T09:00:00.000Z"}


def test_a_correction_is_corrected_in_turn_and_says_what_stood_before() -> None:
    folds = Folds(*BEGUN)
    folds.give(at_site(8, enrolled=6))
    again = folds.give(at_site(8, enrolled=5))

    assert isinstance(again, events.EventCorrected)
    assert [(one.field, one.old, one.new) for one in again.changes] == [("/enrolled", 6, 5)]
    assert folds.seen["enrolled"] == 5


def test_what_nothing_followed_is_taken_back_one_by_one_to_the_beginning() -> None:
    folds = Folds(*BEGUN)
    for version in (6, 5, 4):
        folds.give(at_site(version, void=True))

    assert folds.seen["recruitment"] == "not_yet"
    assert "changed" not in folds.seen
    assert folds.document is not None
    assert folds.document["status"]["recruitment"] == folds.trial.recruitment == "not_yet", "no site had opened"
    folds.give(command("site open", on="2026-11-02"))
    assert folds.document["status"]["recruitment"] == "recruiting"


def test_a_trial_that_another_site_opened_goes_on_recruiting() -> None:
    folds = Folds(*BEGUN[:4], do.AddSite(site=site("osaka")))
    allowed = {"site": "osaka", "reason": "filed", "to": "published", "on": "2026-11-01"}
    folds.give(command("site change-authorisation", **allowed))
    folds.give(command("site open", site="osaka", on="2026-11-02"))
    folds.give(at_site(4, void=True))
    assert folds.trial.recruitment == "recruiting"
    folds.give(at_site(7, site="osaka", void=True))

    assert folds.trial.recruitment == "not_yet"


def test_a_site_that_never_left_reports_again() -> None:
    folds = Folds(*BEGUN, command("site leave", on="2026-11-11"))
    assert refused(folds, command("site close", on="2026-11-12")) == {"site-left"}
    folds.give(at_site(9, void=True))

    assert folds.seen == SEEN
    folds.give(command("site close", on="2026-11-12"))
    assert folds.seen["recruitment"] == "closed"


ENDED: Final = (*BEGUN, command("discontinue", on="2026-11-20", why=WHY))


def test_the_day_and_the_reason_of_an_end_are_corrected() -> None:
    folds = Folds(*ENDED)
    assert refused(folds, command("correct-event", reason="x", corrects=9, why=None)) == {"field-needed"}
    folds.give(command("correct-event", reason="x", corrects=9, on="2026-11-19", why=OTHER_WHY))

    assert folds.document is not None
    assert (folds.document["status"]["why"], folds.seen["changed"]) == (OTHER_WHY, "2026-11-19")


def test_a_completion_is_corrected_in_the_registration_unless_that_was_amended_since() -> None:
    first, close = command("record-first-participant", on="2026-11-09"), command("site close", on="2026-11-12")
    folds = Folds(*BEGUN, first, close, command("complete", on="2026-11-20", enrolled=8))
    assert refused(folds, command("correct-event", reason="x", corrects=11, on="2026-11-08")) == {"dates-crossed"}
    folds.give(command("correct-event", reason="x", corrects=11, on="2026-11-19", enrolled=9))
    assert (folds.trial.registration["completion"]["date"], folds.trial.registration["actual_size"]) == (
        "2026-11-19",
        9,
    )
    folds.give(command("correct", reason="x", corrects=11, registration={"actual_size": 10}))
    folds.give(command("correct-event", reason="x", corrects=11, enrolled=11))

    assert folds.trial.registration["actual_size"] == 10


def test_recruitment_that_did_not_begin_holds_up_no_first_participant() -> None:
    folds = Folds(*BEGUN[:3], command("change-recruitment", to="recruiting", on="2026-11-10"))
    first = command("record-first-participant", on="2026-11-09")
    assert refused(folds, first) == {"out-of-order"}
    folds.give(command("correct-event", reason="x", corrects=4, void=True))
    folds.give(first)


def test_a_first_participant_that_was_none_leaves_the_plan() -> None:
    folds = Folds(*BEGUN, command("record-first-participant", on="2026-11-09"))
    folds.give(command("correct-event", reason="x", corrects=9, void=True))

    assert folds.trial.registration["first_enrolment"] == {"date": "2027-01", "kind": "anticipated"}


@pytest.mark.parametrize(
    ("history", "latest", "rules"),
    [
        (BEGUN, at_site(99, on="2026-11-01"), {"event-unknown"}),
        (BEGUN, at_site(2, on="2026-11-01"), {"not-correctable"}),
        (BEGUN, at_site(4, site="osaka", on="2026-11-01"), {"site-unknown"}),
        (BEGUN, command("correct-event", reason="x", corrects=4, on="2026-11-01"), {"not-correctable"}),
        (BEGUN, at_site(6), {"no-change"}),
        (BEGUN, at_site(6, on="2026-11-09"), {"no-change"}),
        (BEGUN, at_site(6, on=None), {"field-needed"}),
        (BEGUN, at_site(6, why=WHY), {"field-unknown"}),
        (BEGUN, at_site(8, enrolled=None), {"field-needed"}),
        (BEGUN, at_site(6, enrolled=3), {"field-unknown"}),
        (BEGUN, at_site(6, on="2026-11-23"), {"date-in-future", "out-of-order"}),
        (BEGUN, at_site(6, on="2026-11-11"), {"out-of-order"}),
        (BEGUN, at_site(7, on="2026-11-08"), {"out-of-order"}),
        (BEGUN, at_site(8, on="2026-10-31"), {"out-of-order"}),
        ((*BEGUN, at_site(8, on="2026-11-01")), at_site(4, on="2026-11-03"), {"out-of-order"}),
        (BEGUN, at_site(6, on="2026-11-04"), {"out-of-order"}),
        (BEGUN, at_site(5, on="2026-11-10"), {"out-of-order"}),
        (BEGUN, at_site(5, void=True), {"followed"}),
        (BEGUN, at_site(6, void=True, on="2026-11-08"), {"void-and-changed"}),
        ((*BEGUN, at_site(8, void=True)), at_site(8, enrolled=3), {"already-void"}),
        (ENDED, at_site(6, void=True), {"trial-over", "followed"}),
    ],
)
def test_a_refusal_names_its_rules(history: tuple[Command, ...], latest: Command, rules: set[str]) -> None:
    assert refused(Folds(*history), latest) == rules


def test_a_correction_of_the_registration_names_an_event_that_said_something_of_it() -> None:
    folds = Folds(*BEGUN)
    amended = folds.give(command("amend", reason="x", registration={"planned_size": 99}))
    acronym = {"reason": "x", "registration": {"acronym": "ABC"}}

    assert isinstance(amended, events.TrialAmended)
    assert refused(folds, command("correct", corrects=4, **acronym)) == {"corrects-other"}, "a site opened"
    assert refused(folds, command("correct", corrects=9, **acronym)) == {"corrects-other"}, "another field"
    folds.give(command("correct", corrects=9, reason="x", registration={"planned_size": 98}))
    folds.give(command("correct", corrects=1, **acronym))


@pytest.mark.parametrize(
    ("role", "organisation", "correction", "permitted"),
    [
        (Role.SITE, "kyoto-hp", at_site(6, on="2026-11-08"), True),
        (Role.SITE, "osaka-hp", at_site(6, on="2026-11-08"), False),
        (Role.SITE, "kyoto-hp", at_site(9, on="2026-11-08"), False),
        (Role.SPONSOR, "kyoto-hp", at_site(9, on="2026-11-08"), False),
        (Role.REGULATOR, "ministry", at_site(9, on="2026-11-08"), True),
        (Role.REGULATOR, "ministry", at_site(6, on="2026-11-08"), False),
        (Role.REGISTRY, "office", at_site(6, on="2026-11-08"), True),
        (Role.SPONSOR, "kyoto-hp", command("correct-event", reason="x", corrects=10, on="2026-11-08"), True),
        (Role.REGULATOR, "ministry", command("correct-event", reason="x", corrects=10, on="2026-11-08"), False),
        (Role.SITE, "kyoto-hp", command("correct-event", reason="x", corrects=10, on="2026-11-08"), False),
    ],
)
def test_who_may_report_a_thing_may_correct_it(
    role: Role, organisation: str, correction: Command, permitted: bool
) -> None:
    decision = command("site change-authorisation", reason="x", to="revoked", on="2026-11-10")
    folds = Folds(*BEGUN, decision, command("change-recruitment", to="paused", on="2026-11-12"))
    try:
        check(Actor("token", role, organisation), correction, folds.state)
    except NotPermitted:
        assert not permitted
    else:
        assert permitted


STATUS: Final[dict[type, str]] = {events.SiteOpened: "recruiting", events.SitePaused: "paused"}
DAYS: Final = st.sampled_from(["2026-11", "2026-11-02", "2026-11-03", "2026-11-04"])
BACK: Final = st.integers(0, 5)
"""How many events before the last one the wrong one is."""
MOVES: Final = st.builds(
    lambda kind, on: lambda _: command(f"site {kind}", on=on), st.sampled_from(["open", "pause", "open", "close"]), DAYS
)
FIXES: Final = st.builds(
    lambda back, right, kind: lambda version: command(kind, reason="x", corrects=max(1, version - back), **right),
    BACK,
    st.one_of(st.just({"void": True}), st.fixed_dictionaries({"on": DAYS})),
    st.sampled_from(["site correct-event", "site correct-event", "correct-event"]),
)
OTHERS: Final = st.builds(
    lambda other, on: lambda _: command(other[0], on=on, **other[1]),
    st.sampled_from(
        [
            ("site report-enrolment", {"reason": "x", "enrolled": 3}),
            ("site report-enrolment", {"reason": "x", "enrolled": 2}),
            ("change-recruitment", {"to": "paused"}),
            ("change-recruitment", {"to": "recruiting"}),
            ("change-authorisation", {"reason": "x", "to": "published"}),
            ("change-authorisation", {"reason": "x", "to": "suspended_by_authority"}),
            ("site leave", {}),
            ("discontinue", {"why": WHY}),
            ("withdraw", {"why": OTHER_WHY}),
            ("site verify", {"status": "closed"}),
            ("site verify", {"status": "recruiting"}),
        ]
    ),
    DAYS,
)
ASKED: Final = st.one_of(MOVES, FIXES, MOVES, FIXES, OTHERS)


@given(st.sampled_from([5, 15, 25]).flatmap(lambda steps: st.lists(ASKED, min_size=steps, max_size=steps)))
def test_readers_and_decisions_agree_whatever_is_reported_and_corrected(
    history: list[Callable[[int], Command]],
) -> None:
    folds = Folds(*BEGUN[:3])
    for next_command in history:
        try:
            folds.give(next_command(folds.trial.version))
        except Rejection:
            continue
        assert folds.document is not None
        trial, shown = folds.trial, folds.document["sites"]["kyoto"]
        known = trial.sites["kyoto"]
        end = last(trial.occurrences, ENDS)
        why = {} if end is None else {"why": end.event.to_stored()["why"]}
        assert folds.document["status"] == {
            "authorisation": trial.authorisation,
            "recruitment": trial.recruitment,
            **why,
        }
        assert folds.document["registration"] == trial.registration
        assert (shown["authorisation"], shown["recruitment"], shown.get("enrolled")) == (
            known.authorisation,
            known.recruitment,
            known.enrolled,
        )
        stands = last(known.occurrences, RECRUITMENT)
        assert known.recruitment == ("not_yet" if stands is None else STATUS.get(type(stands.event), "closed"))
        assert (last(trial.occurrences, RECRUITMENT) is None) == (trial.recruitment == "not_yet")
        beside = events.EnrolmentReported | events.SiteVerified
        moved = [one.event for one in known.occurrences if not one.void and not isinstance(one.event, beside)]
        assert shown.get("changed", {}).get("on") == (moved[-1].on if moved else None)
