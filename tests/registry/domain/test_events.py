"""Each command on a trial with the whole event it becomes and the whole state after: nothing that is said gets lost."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.items import registered
from registry.domain.decider import Command, Context, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import SiteState, State, Trial
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.trials import SEALED

CONTEXT = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "kyoto-hp", "JTR2026000001X")
WHY = {"ja": "登録が遅い"}
CONTACTS = [{"role": role, "person": SEALED} for role in ("public", "scientific")]
REGISTRATION: dict[str, Any] = registered(
    {
        "public_title": {"ja": "試験", "en": "Trial"},
        "scientific_title": {"ja": "試験", "en": "Trial"},
        "funders": [{"name": {"ja": "機構"}}],
        "primary_sponsor": {"name": {"ja": "病院"}},
        "contacts": CONTACTS,
        "countries": ["JP"],
        "conditions": [{"name": {"ja": "肺癌"}}],
        "eligibility": {"inclusion": {"ja": "成人"}, "sex": "all"},
        "study_type": "observational",
        "first_enrolment": {"date": "2026-11", "kind": "anticipated"},
        "planned_size": 120,
        "outcomes": [{"rank": "primary", "measure": {"ja": "生存期間"}}],
        "ethics_reviews": [{"status": "approved"}],
        "completion": {"date": "2029", "kind": "anticipated"},
        "data_sharing": {"plan": "undecided"},
        "research_aim": "development",
        "legal_regime": "clinical_trials_act_specified",
    }
)
ON = "2026-11-20"
FIRST = {"date": ON, "kind": "actual"}


def command(name: str, **fields: Any) -> Command:
    """A command by its name on the wire; those on a site are named `site …` and are on the site `kyoto`."""
    if name == "register":
        return do.RegisterTrial.model_validate(fields)
    kind = name.removeprefix("site ")
    if kind == name:
        return TRIAL_COMMANDS[name].model_validate(fields)
    return SITE_COMMANDS[kind].model_validate(fields if kind == "add" else {"site": "kyoto", **fields})


REGISTER = command("register", registration=REGISTRATION)
KYOTO = {"site": "kyoto", "name": {"ja": "京都"}, "organisation": "kyoto-hp"}
ADD = command("site add", site=KYOTO)
PUBLISH = command("publish")
OPEN = command("site open", on=ON)
CLOSE = command("site close", on=ON)
STARTED = command("record-first-participant", on=ON)
COUNTED = command("site report-enrolment", enrolled=7, on=ON)
DRAFT = (REGISTER,)
BEGUN = (REGISTER, ADD, PUBLISH, OPEN, STARTED, COUNTED)
CLOSED = (*BEGUN, CLOSE)
PUBLISHED = (REGISTER, ADD, PUBLISH)
PAUSE = command("change-recruitment", to="paused", on=ON)
SEALED_WHY = {"text": "0199a5c0-0000-7000-8000-000000000002", "sealed": "1." + "A" * 40}
SAID = (*BEGUN, command("site pause", on=ON, why=SEALED_WHY))
STATED = (*PUBLISHED, command("site record-milestone", milestone="selected", planned="2026-11", actual=ON))
HALTER = {"actor": "investigator", "organisation": "kyoto-hp"}
STANDING = {**HALTER, "item": "halt-1", "kind": "interruption", "scope": "all", "decided": {"date": ON}}
HALT = command("site halt", reason="events", halt=STANDING)
RESULTS = {"posted": ON, "summary": {"en": "It works"}}
STATUS = {"authorisation": "published", "recruitment": "recruiting"}
SIZE = {"field": "/planned_size", "old": 120, "new": 99}


def after(*history: Command) -> State:
    state: State = None
    for one in history:
        event = decide(state, one, CONTEXT)
        assert event is not None
        state = evolve(state, event)
    return state


BECOMES: dict[str, tuple[tuple[Command, ...], Command, dict[str, Any]]] = {
    "register": ((), REGISTER, {"owner": "kyoto-hp", "registration": REGISTRATION}),
    "register for another": (
        (),
        command("register", owner="osaka-hp", registration={}),
        {"owner": "osaka-hp", "registration": {}},
    ),
    "publish": (DRAFT, PUBLISH, {"number": "JTR2026000001X", "registered": "2026-11-22"}),
    "amend": (DRAFT, command("amend", reason="slow", registration={"planned_size": 99}), {"changes": [SIZE]}),
    "correct": (
        (*DRAFT, ADD),
        command("correct", reason="typing", corrects=1, registration={"planned_size": 99}),
        {"corrects": 1, "changes": [SIZE]},
    ),
    "correct-event": (
        (*BEGUN, PAUSE),
        command("correct-event", reason="typing", corrects=7, on="2026-11-21"),
        {
            "corrects": 7,
            "event": "trial.recruitment-changed.v1",
            "changes": [{"field": "/on", "old": ON, "new": "2026-11-21"}],
            "effects": [],
        },
    ),
    "correct-event, void": (
        (*BEGUN, PAUSE),
        command("correct-event", reason="typing", corrects=7, void=True),
        {
            "corrects": 7,
            "event": "trial.recruitment-changed.v1",
            "changes": [],
            "void": True,
            "effects": [{"field": "/status/recruitment", "old": "paused", "new": "recruiting"}],
        },
    ),
    "site correct-event": (
        BEGUN,
        command("site correct-event", reason="counted twice", corrects=6, enrolled=6),
        {
            "corrects": 6,
            "event": "trial.enrolment-reported.v1",
            "site": "kyoto",
            "changes": [{"field": "/enrolled", "old": 7, "new": 6}],
            "effects": [{"field": "/sites/kyoto/enrolled", "old": 7, "new": 6}],
        },
    ),
    "change-authorisation": (
        BEGUN,
        command("change-authorisation", reason="order", to="revoked", on=ON),
        {"was": "published", "now": "revoked", "on": ON},
    ),
    "change-recruitment": (BEGUN, PAUSE, {"was": "recruiting", "now": "paused", "on": ON}),
    "record-first-participant": (
        PUBLISHED,
        STARTED,
        {"was": {"date": "2026-11", "kind": "anticipated"}, "on": ON},
    ),
    "complete": (
        CLOSED,
        command("complete", on=ON, enrolled=118),
        {"was": STATUS, "planned": {"date": "2029", "kind": "anticipated"}, "on": ON, "enrolled": 118},
    ),
    "complete, counted before": (
        (*CLOSED, command("amend", reason="counted", registration={"actual_size": 100})),
        command("complete", on=ON),
        {"was": STATUS, "planned": {"date": "2029", "kind": "anticipated"}, "enrolled_before": 100, "on": ON},
    ),
    "discontinue": (BEGUN, command("discontinue", on=ON, why=WHY), {"was": STATUS, "on": ON, "why": WHY}),
    "withdraw": (
        PUBLISHED,
        command("withdraw", on=ON, why=WHY),
        {"was": {"authorisation": "published", "recruitment": "not_yet"}, "on": ON, "why": WHY},
    ),
    "post-results": (BEGUN, command("post-results", results=RESULTS), {"results": RESULTS}),
    "post-results again": (
        (*BEGUN, command("post-results", results=RESULTS)),
        command("post-results", results={"posted": ON}),
        {"was": RESULTS, "results": {"posted": ON}},
    ),
    "site add": (DRAFT, ADD, {"site": KYOTO, "authorisation": "filed", "recruitment": "not_yet"}),
    "site change-authorisation": (
        (*DRAFT, ADD),
        command("site change-authorisation", reason="order", to="published", on=ON),
        {"site": "kyoto", "was": "filed", "now": "published", "on": ON},
    ),
    "site open": (PUBLISHED, OPEN, {"site": "kyoto", "was": "not_yet", "on": ON}),
    "site record-milestone": (
        PUBLISHED,
        command("site record-milestone", milestone="version_in_use", actual=ON, protocol_version="2.0"),
        {"site": "kyoto", "milestone": "version_in_use", "actual": ON, "protocol_version": "2.0"},
    ),
    "site correct-milestone": (
        STATED,
        command("site correct-milestone", reason="typing", corrects=4, actual="2026-11-19"),
        {
            "site": "kyoto",
            "corrects": 4,
            "was": {"planned": "2026-11", "actual": ON},
            "now": {"planned": "2026-11", "actual": "2026-11-19"},
        },
    ),
    "site correct-milestone, void": (
        STATED,
        command("site correct-milestone", reason="another site", corrects=4, void=True),
        {"site": "kyoto", "corrects": 4, "was": {"planned": "2026-11", "actual": ON}, "now": {}, "void": True},
    ),
    "site halt": (PUBLISHED, HALT, {"site": "kyoto", "halt": STANDING}),
    "site lift-halt": (
        (*PUBLISHED, HALT),
        command("site lift-halt", reason="over", lifted={"date": ON}, **HALTER, item="halt-1"),
        {"site": "kyoto", "item": "halt-1", **HALTER, "lifted": {"date": ON}},
    ),
    "site ask-take-back": (
        SAID,
        command("site ask-take-back", of=7),
        {"site": "kyoto", "of": 7, "texts": [SEALED_WHY["text"]]},
    ),
    "site decline-take-back": (
        (*SAID, command("site ask-take-back", of=7)),
        command("site decline-take-back", reason="names nobody", of=7),
        {"site": "kyoto", "of": 7, "texts": [SEALED_WHY["text"]]},
    ),
    "change-owner": (
        DRAFT,
        command("change-owner", reason="merged", owner="osaka-hp"),
        {"was": "kyoto-hp", "now": "osaka-hp"},
    ),
    "site amend": (
        (*DRAFT, ADD),
        command("site amend", reason="moved", amendment={"place": {"city": "Uji"}, "organisation": None}),
        {
            "site": "kyoto",
            "changes": [{"field": "/organisation", "old": "kyoto-hp"}, {"field": "/place", "new": {"city": "Uji"}}],
        },
    ),
    "site identify": (
        (*DRAFT, ADD, command("site add", site={**KYOTO, "site": "other"})),
        command("site identify", reason="one", same_as="other"),
        {"site": "kyoto", "now": "other"},
    ),
    "site pause": (
        BEGUN,
        command("site pause", on=ON, why=WHY),
        {"site": "kyoto", "was": "recruiting", "on": ON, "why": WHY},
    ),
    "site close": (BEGUN, CLOSE, {"site": "kyoto", "was": "recruiting", "on": ON}),
    "site leave": (
        BEGUN,
        command("site leave", on=ON, why=WHY),
        {"site": "kyoto", "was": "recruiting", "was_authorised": "published", "on": ON, "why": WHY},
    ),
    "site verify": (
        BEGUN,
        command("site verify", status="recruiting", on=ON),
        {"site": "kyoto", "status": "recruiting", "on": ON},
    ),
    "site report-enrolment": (PUBLISHED, COUNTED, {"site": "kyoto", "enrolled": 7, "on": ON}),
    "site report-enrolment again": (
        BEGUN,
        command("site report-enrolment", enrolled=9, on=ON),
        {"site": "kyoto", "was": 7, "enrolled": 9, "on": ON},
    ),
}
"""What happened before, the command, and the event in stored form."""

FOR_PARTNERS = {"adopt"}
"""Commands on what partners sent; see test_imports."""


def test_the_table_names_every_command() -> None:
    named = {"register", *TRIAL_COMMANDS, *(f"site {name}" for name in SITE_COMMANDS)}
    assert {name.removesuffix(" again").partition(",")[0] for name in BECOMES} == {
        "register for another",
        *(named - FOR_PARTNERS),
    }


@pytest.mark.parametrize("name", BECOMES)
def test_a_command_becomes_the_event_that_says_all_of_it(name: str) -> None:
    history, latest, stored = BECOMES[name]
    event = decide(after(*history), latest, CONTEXT)

    assert event is not None
    assert event.to_stored() == stored


SITE = SiteState("kyoto-hp", "published", "recruiting", 7, details=KYOTO)  # type: ignore[arg-type] # as the wire has them
BEFORE: dict[str, Any] = {
    "owner": "kyoto-hp",
    "home": None,
    "number": "JTR2026000001X",
    "authorisation": "published",
    "recruitment": "recruiting",
    "registration": {**REGISTRATION, "first_enrolment": FIRST},
    "sites": {"kyoto": SITE},
    "sites_bytes": 65,
    "sources": {},
    "whole": {},
}


def site_after(**changed: Any) -> dict[str, Any]:
    fields = {"organisation": "kyoto-hp", "authorisation": "published", "recruitment": "recruiting", "enrolled": 7}
    return {"sites": {"kyoto": SiteState(**{**fields, "details": KYOTO, **changed})}}


def registration_after(**changed: Any) -> dict[str, Any]:
    return {"registration": {**BEFORE["registration"], **changed}}


ENDED = {"recruitment": "closed", **site_after(recruitment="closed")}
LEAVES: dict[str, tuple[tuple[Command, ...], dict[str, Any]]] = {
    "nothing more": (BEGUN, {}),
    "amended": (
        (*BEGUN, command("amend", reason="slow", registration={"planned_size": 99})),
        registration_after(planned_size=99),
    ),
    "corrected": (
        (*BEGUN, command("correct", reason="slow", corrects=1, registration={"planned_size": 99})),
        registration_after(planned_size=99),
    ),
    "suspended": (
        (*BEGUN, command("change-authorisation", reason="x", to="suspended_by_authority", on=ON)),
        {"authorisation": "suspended_by_authority"},
    ),
    "paused": ((*BEGUN, PAUSE), {"recruitment": "paused"}),
    "a site opened again in a trial by invitation": (
        (*BEGUN, command("change-recruitment", to="by_invitation", on=ON), CLOSE, OPEN),
        {"recruitment": "by_invitation"},
    ),
    "results": ((*BEGUN, command("post-results", results=RESULTS)), registration_after(results=RESULTS)),
    "completed": (
        (*CLOSED, command("complete", on=ON, enrolled=118)),
        {
            **registration_after(completion={"date": ON, "kind": "actual"}, actual_size=118),
            **site_after(recruitment="closed"),
            "authorisation": "ended",
            "recruitment": "completed",
        },
    ),
    "completed, nobody counted": (
        (*CLOSED, command("complete", on=ON)),
        {
            **registration_after(completion={"date": ON, "kind": "actual"}),
            **site_after(recruitment="closed"),
            "authorisation": "ended",
            "recruitment": "completed",
        },
    ),
    "discontinued": (
        (*BEGUN, command("discontinue", on=ON, why=WHY)),
        {**ENDED, "authorisation": "discontinued"},
    ),
    "withdrawn": (
        (*PUBLISHED, command("withdraw", on=ON, why=WHY)),
        {
            **site_after(recruitment="closed", enrolled=None),
            "registration": REGISTRATION,
            "authorisation": "withdrawn",
            "recruitment": "closed",
        },
    ),
    "given to another owner": (
        (*BEGUN, command("change-owner", reason="merged", owner="osaka-hp")),
        {"owner": "osaka-hp"},
    ),
    "the site amended": (
        (*BEGUN, command("site amend", reason="moved", amendment={"organisation": "uji"})),
        {**site_after(organisation="uji", details={**KYOTO, "organisation": "uji"}), "sites_bytes": 60},
    ),
    "the site paused": ((*BEGUN, command("site pause", on=ON)), site_after(recruitment="paused")),
    "the site closed": (CLOSED, site_after(recruitment="closed")),
    "the site verified": ((*BEGUN, command("site verify", status="recruiting", on=ON)), {}),
    "the site left": (
        (*BEGUN, command("site leave", on=ON)),
        site_after(recruitment="closed", authorisation="ended", has_left=True),
    ),
    "the site revoked": (
        (*BEGUN, command("site change-authorisation", reason="x", to="revoked", on=ON)),
        site_after(authorisation="revoked"),
    ),
    "the site counted": (
        (*BEGUN, command("site report-enrolment", enrolled=9, on=ON)),
        site_after(enrolled=9),
    ),
}
"""What happened, and in what the state differs from that of a trial that has begun."""


@pytest.mark.parametrize("name", LEAVES)
def test_an_event_changes_the_state_in_this_and_nothing_else(name: str) -> None:
    history, changed = LEAVES[name]
    state = after(*history)
    assert isinstance(state, Trial)
    sites = {name: replace(site, occurrences=()) for name, site in state.sites.items()}
    assert replace(state, occurrences=(), touched=(), sites=sites) == Trial(
        version=len(history), **{**BEFORE, **changed}
    )


def test_what_was_told_of_days_is_known_by_its_version_at_the_site_and_of_the_trial() -> None:
    state = after(*BEGUN, PAUSE, command("discontinue", on=ON, why=WHY))
    assert isinstance(state, Trial)

    occurrences = [(one.version, type(one.event).__name__) for one in state.occurrences]
    at_site = [(one.version, type(one.event).__name__) for one in state.sites["kyoto"].occurrences]

    assert occurrences == [
        (4, "SiteOpened"),
        (5, "FirstParticipantRecorded"),
        (7, "TrialRecruitmentChanged"),
        (8, "TrialDiscontinued"),
    ]
    assert at_site == [(4, "SiteOpened"), (6, "EnrolmentReported"), (8, "TrialDiscontinued")]


FAULTS: list[tuple[tuple[Command, ...], Command, list[tuple[str, str, str]]]] = [
    ((), PUBLISH, [("trial-unknown", "", "no trial is registered under this id")]),
    (DRAFT, REGISTER, [("already-registered", "", "this trial exists; amend it")]),
    (PUBLISHED, PUBLISH, [("not-publishable", "", "the trial is published")]),
    (
        DRAFT,
        command("amend", reason="x", registration={"planned_size": 120}),
        [("no-change", "/registration", "every field given has this value already")],
    ),
    (
        DRAFT,
        command("correct", reason="x", corrects=2, registration={"planned_size": 1}),
        [("event-unknown", "/corrects", "the trial has 1 events")],
    ),
    (
        (*BEGUN, command("discontinue", on=ON, why=WHY)),
        command("amend", reason="x", registration={"planned_size": 1}),
        [("trial-over", "", "the trial is discontinued; correct what is wrong, or post results")],
    ),
    (
        (*BEGUN, command("post-results", results=RESULTS)),
        command("post-results", results=RESULTS),
        [("no-change", "/results", "these results are posted already")],
    ),
    (
        DRAFT,
        command("post-results", results={"posted": "2026-11-23"}),
        [
            ("not-published", "", "the trial was never published; withdraw it instead"),
            (
                "date-in-future",
                "/results/posted",
                "2026-11-23 is after today (2026-11-22); report what has happened",
            ),
        ],
    ),
    (
        DRAFT,
        command("discontinue", on=ON, why=WHY),
        [("not-published", "", "the trial was never published; withdraw it instead")],
    ),
    (
        BEGUN,
        STARTED,
        [("already-recorded", "", "the first participant is recorded on 2026-11-20; correct it instead")],
    ),
    (
        DRAFT,
        STARTED,
        [("not-authorised", "", "the trial is draft; it must be published")],
    ),
    (
        DRAFT,
        command("change-authorisation", reason="x", to="published", on=ON),
        [("authorisation-move", "/to", "a first publication allocates a number; use publish")],
    ),
    (
        PUBLISHED,
        command("change-authorisation", reason="x", to="filed", on=ON),
        [("authorisation-move", "/to", "what is public does not become filed again")],
    ),
    (
        PUBLISHED,
        command("change-authorisation", reason="x", to="published", on=ON),
        [("no-change", "/to", "the status is published already")],
    ),
    (
        PUBLISHED,
        command("change-authorisation", reason="x", to="ended", on=ON),
        [("authorisation-move", "/to", "ended is not an authority's to decide")],
    ),
    (
        (*PUBLISHED, command("withdraw", on=ON, why=WHY)),
        command("change-authorisation", reason="x", to="published", on=ON),
        [("authorisation-move", "/to", "the status is withdrawn and stays so")],
    ),
    (
        BEGUN,
        command("change-recruitment", to="not_yet", on=ON),
        [
            (
                "recruitment-move",
                "/to",
                "recruitment is recruiting and can become: by_invitation, closed, paused; not not_yet",
            )
        ],
    ),
    (
        (*CLOSED, command("complete", on=ON)),
        command("change-recruitment", to="recruiting", on=ON),
        [
            ("not-authorised", "", "the trial is ended; it must be published"),
            ("recruitment-move", "/to", "recruitment is completed and can become: nothing; not recruiting"),
        ],
    ),
    (
        PUBLISHED,
        command("complete", on="2026-10-31"),
        [
            (
                "dates-crossed",
                "/on",
                "first enrolment is 2026-11; record the first participant, or withdraw the trial",
            )
        ],
    ),
    (
        BEGUN,
        command("withdraw", on=ON, why=WHY),
        [
            ("has-participants", "", "a first participant is recorded; discontinue the trial instead"),
            ("has-participants", "", "site kyoto has enrolled 7; discontinue the trial instead"),
        ],
    ),
    (DRAFT, OPEN, [("site-unknown", "/site", "the trial has no site kyoto")]),
    (
        (*BEGUN, command("site leave", on=ON)),
        OPEN,
        [("site-left", "/site", "site kyoto has left the trial")],
    ),
    (BEGUN, ADD, [("site-taken", "/site", "the trial has a site kyoto already")]),
    (
        (*BEGUN, command("site leave", on=ON)),
        ADD,
        [("site-taken", "/site", "the trial has a site kyoto already")],
    ),
    (
        (REGISTER, PUBLISH, ADD),
        OPEN,
        [("site-not-authorised", "", "the site is filed; its filing must be published")],
    ),
    (
        (*BEGUN, command("site pause", on=ON), PAUSE),
        OPEN,
        [("trial-stopped", "", "the trial's recruitment is paused; the trial has to go on first")],
    ),
    (
        BEGUN,
        command("site verify", status="paused", on=ON),
        [("status-differs", "/status", "the site is recruiting here, not paused; report the change first")],
    ),
    (
        (),
        command(
            "register",
            registration={
                "interventions": [{"name": {"en": "Drug A"}}],
                "arms": [
                    {"label": "A", "interventions": ["Drug A"]},
                    {"label": "B", "interventions": ["Drug A", "Drug Z"]},
                ],
            },
        ),
        [
            (
                "unknown-intervention",
                "/registration/arms/1/interventions",
                "arm 'B' names 'Drug Z', which is not listed",
            )
        ],
    ),
]
"""What happened before, a command, and all that is told the one who gave it: rule, field, message."""


@pytest.mark.parametrize(("history", "latest", "faults"), FAULTS)
def test_a_refusal_says_what_is_wrong_where_and_what_to_do(
    history: tuple[Command, ...], latest: Command, faults: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(Rejection) as refused:
        decide(after(*history), latest, CONTEXT)

    assert [(fault.rule, fault.field, fault.message) for fault in refused.value.faults] == faults
    assert str(refused.value) == "; ".join(f"{rule}: {message}" for rule, _, message in faults)
