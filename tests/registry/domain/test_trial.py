"""What may happen to a trial: each rule, given what happened before, when a command comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from events.schemas import trial as events
from events.schemas.registration import Registration, Source
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.trial import SiteAsImported
from events.schemas.values import Text, Value
from registry.domain.decider import Command, Context, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.evolve import evolve
from registry.domain.trial.occurrences import Dated
from registry.domain.trial.order import FOLLOWS
from registry.domain.trial.state import State, Trial
from tests.support.trials import partner_study, sealed_registration, site, without_items

NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)
CONTEXT = Context(NOON, "kyoto-hp", "JTR2026000001X")
WHY = Text(ja="中間解析の結果による", en="Interim analysis")


def after(*history: Command, state: State = None) -> State:
    for command in history:
        event = decide(state, command, CONTEXT)
        assert event is not None
        state = evolve(state, event)
    return state


def rules_against(state: State, command: Command) -> set[str]:
    with pytest.raises(Rejection) as refused:
        decide(state, command, CONTEXT)
    return {fault.rule for fault in refused.value.faults}


REGISTER = do.RegisterTrial(registration=sealed_registration())
ADD = do.AddSite(site=site())
PUBLISH = do.PublishTrial()
OPEN = do.OpenSite(site="kyoto", on="2026-11-20")
REOPEN = do.OpenSite(site="kyoto", on="2026-11-22")
RECRUITING = (REGISTER, ADD, PUBLISH, OPEN)


def source(digest: str) -> Source:
    return Source(
        registry="ctgov",
        document=digest * 64,
        media_type="application/json",
        size=1,
    )


def imported(digest: str = "a", **fields: Any) -> do.ImportTrial:
    return do.ImportTrial(**partner_study(**fields), source=source(digest))


def test_registering_makes_a_draft_of_the_senders_organisation() -> None:
    trial = after(REGISTER)

    assert isinstance(trial, Trial)
    assert (trial.owner, trial.authorisation, trial.recruitment) == (
        "kyoto-hp",
        AuthorisationStatus.DRAFT,
        RecruitmentStatus.NOT_YET,
    )


def test_publishing_gives_the_number_and_publishes_the_filed_sites() -> None:
    trial = after(REGISTER, ADD, PUBLISH)

    assert isinstance(trial, Trial)
    assert (trial.number, trial.sites["kyoto"].authorisation) == ("JTR2026000001X", AuthorisationStatus.PUBLISHED)


def test_an_incomplete_registration_is_refused_with_every_fault_at_once() -> None:
    draft = after(do.RegisterTrial(registration=Registration(public_title=Text(ja="題"))))
    with pytest.raises(Rejection) as refused:
        decide(draft, PUBLISH, CONTEXT)
    fields = {fault.field.removeprefix("/registration/") for fault in refused.value.faults}

    assert {"scientific_title", "funders", "contacts", "eligibility", "outcomes", "public_title"} <= fields
    assert len(refused.value.faults) >= 15


def test_a_published_trial_is_not_published_again() -> None:
    assert rules_against(after(REGISTER, PUBLISH), PUBLISH) == {"not-publishable"}


def test_an_amendment_keeps_old_and_new_value_of_each_field() -> None:
    amendment = do.AmendTrial(reason="recruitment is slow", registration=Registration(planned_size=80, acronym="KYOTO"))
    event = decide(after(REGISTER), amendment, CONTEXT)

    assert isinstance(event, events.TrialAmended)
    assert [(change.field, change.old, change.new) for change in event.changes] == [
        ("/acronym", None, "KYOTO"),
        ("/planned_size", 120, 80),
    ]


def test_an_amendment_with_null_makes_a_field_unknown() -> None:
    unknown = do.AmendTrial.model_validate({"reason": "never stated", "registration": {"phase": None}})
    trial = after(REGISTER, unknown)

    assert isinstance(trial, Trial)
    assert "phase" not in trial.registration


def test_an_amendment_that_changes_nothing_is_refused() -> None:
    same = do.AmendTrial(reason="none", registration=Registration(planned_size=120))

    assert rules_against(after(REGISTER), same) == {"no-change"}


def test_a_public_registration_may_not_lose_what_publication_needed() -> None:
    loss = do.AmendTrial.model_validate({"reason": "tidying", "registration": {"outcomes": None}})

    assert rules_against(after(REGISTER, PUBLISH), loss) == {"incomplete"}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"completion": {"date": "2026-12"}}, "dates-crossed"),
        ({"arms": [{"label": "B", "interventions": ["Drug Z"]}]}, "unknown-intervention"),
        ({"first_enrolment": {"date": "2027-01-02", "kind": "actual"}}, "date-in-future"),
        (
            {
                "eligibility": {
                    "minimum_age": {"value": 70, "unit": "years"},
                    "maximum_age": {"value": 60, "unit": "years"},
                }
            },
            "ages-crossed",
        ),
    ],
)
def test_what_cannot_all_be_true_is_refused(fields: dict[str, Any], rule: str) -> None:
    assert rules_against(None, do.RegisterTrial(registration=sealed_registration(**fields))) == {rule}


def test_a_completion_year_that_holds_the_start_month_is_no_contradiction() -> None:
    start = {"first_enrolment": {"date": "2027-05"}, "completion": {"date": "2027"}}

    assert after(do.RegisterTrial(registration=sealed_registration(**start))) is not None


def test_a_site_opens_pauses_reopens_and_closes() -> None:
    pause = do.PauseSite(site="kyoto", on="2026-11-21", why=WHY)
    close = do.CloseSite(site="kyoto", on="2026-11-22")
    seen = []
    for history in ((), (pause,), (pause, REOPEN), (pause, REOPEN, close)):
        trial = after(*RECRUITING, *history)
        assert isinstance(trial, Trial)
        seen.append(trial.sites["kyoto"].recruitment)

    assert seen == ["recruiting", "paused", "recruiting", "closed"]


@pytest.mark.parametrize(
    ("history", "command", "rules"),
    [
        ((REGISTER, ADD), OPEN, {"not-authorised", "site-not-authorised"}),
        ((REGISTER, PUBLISH, ADD), OPEN, {"site-not-authorised"}),
        ((REGISTER, PUBLISH), OPEN, {"site-unknown"}),
        (RECRUITING, OPEN, {"recruitment-move"}),
        (RECRUITING, ADD, {"site-taken"}),
        (RECRUITING, do.PauseSite(site="kyoto", on="2026-12-01"), {"date-in-future"}),
        (RECRUITING, do.VerifySiteStatus(site="kyoto", status="paused", on="2026-11-22"), {"status-differs"}),
        ((*RECRUITING, do.LeaveTrial(site="kyoto", on="2026-11-22")), OPEN, {"site-left"}),
        (RECRUITING, do.CompleteTrial(on="2026-11-22"), {"site-recruiting", "dates-crossed"}),
        (RECRUITING, do.ChangeRecruitment(to="completed", on="2026-11-22"), {"recruitment-move"}),
        ((REGISTER,), do.ChangeRecruitment(to="recruiting", on="2026-11-22"), {"not-authorised"}),
        ((REGISTER,), do.DiscontinueTrial(on="2026-11-22", why=WHY), {"not-published"}),
        (
            (REGISTER,),
            do.CorrectTrial(reason="x", corrects=2, registration=Registration(planned_size=1)),
            {"event-unknown"},
        ),
        ((REGISTER,), do.ChangeAuthorisation(reason="x", to="published", on="2026-11-22"), {"authorisation-move"}),
        ((REGISTER,), do.ChangeAuthorisation(reason="x", to="ended", on="2026-11-22"), {"authorisation-move"}),
        ((REGISTER,), REGISTER, {"already-registered"}),
        ((), PUBLISH, {"trial-unknown"}),
    ],
)
def test_a_refusal_names_its_rules(history: Sequence[Command], command: Command, rules: set[str]) -> None:
    assert rules_against(after(*history), command) == rules


LATER = do.ReportEnrolment(site="kyoto", enrolled=5, on="2026-11-21")
PAUSED = do.PauseSite(site="kyoto", on="2026-11-21")
SUSPENDED = do.ChangeAuthorisation(reason="order", to="suspended_by_authority", on="2026-11-21")
REVOKED = do.ChangeSiteAuthorisation(site="kyoto", reason="order", to="revoked", on="2026-11-21")
VERIFIED = do.VerifySiteStatus(site="kyoto", status="recruiting", on="2026-11-21")
REOPENABLE = do.PauseSite(site="kyoto", on="2026-11-20")


@pytest.mark.parametrize(
    ("before", "command"),
    [
        pytest.param([PAUSED], do.OpenSite(site="kyoto", on="2026-11-20"), id="a site re-opened before it paused"),
        pytest.param([PAUSED], do.CloseSite(site="kyoto", on="2026-11-20"), id="a site closed before it paused"),
        pytest.param([], do.PauseSite(site="kyoto", on="2026-11-19"), id="a site paused before it opened"),
        pytest.param([], do.PauseSite(site="kyoto", on="2026-10"), id="a site paused in the month before"),
        pytest.param([], do.VerifySiteStatus(site="kyoto", status="recruiting", on="2026-11-19"), id="open before"),
        pytest.param([VERIFIED], VERIFIED.model_copy(update={"on": "2026-11-20"}), id="verified before"),
        pytest.param([LATER], LATER.model_copy(update={"on": "2026-11-20"}), id="counted before the last count"),
        pytest.param([REVOKED], REVOKED.model_copy(update={"to": "expired", "on": "2026-11-20"}), id="site allowed"),
        pytest.param([LATER], do.LeaveTrial(site="kyoto", on="2026-11-20"), id="left before it counted"),
        pytest.param([REVOKED], do.LeaveTrial(site="kyoto", on="2026-11-20"), id="left before it was revoked"),
        pytest.param([], do.ChangeRecruitment(to="paused", on="2026-11-19"), id="paused before its site opened"),
        pytest.param([SUSPENDED], SUSPENDED.model_copy(update={"to": "published", "on": "2026-11-20"}), id="lifted"),
        pytest.param([SUSPENDED], do.DiscontinueTrial(on="2026-11-20", why=WHY), id="ended before it was suspended"),
        pytest.param([PAUSED], do.DiscontinueTrial(on="2026-11-20", why=WHY), id="ended before its site paused"),
        pytest.param(
            [VERIFIED], do.PauseSite(site="kyoto", on="2026-11-20"), id="paused before it was said to be open"
        ),
        pytest.param(
            [VERIFIED], do.CloseSite(site="kyoto", on="2026-11-20"), id="closed before it was said to be open"
        ),
        pytest.param([], do.ReportEnrolment(site="kyoto", enrolled=1, on="2026-11-19"), id="counted before it opened"),
        pytest.param([], do.RecordFirstParticipant(on="2026-11-19"), id="a participant before any site opened"),
        pytest.param(
            [REOPENABLE, REVOKED, REVOKED.model_copy(update={"to": "published"})],
            do.OpenSite(site="kyoto", on="2026-11-20"),
            id="opened before the site was allowed to again",
        ),
        pytest.param(
            [REOPENABLE, SUSPENDED, SUSPENDED.model_copy(update={"to": "published"})],
            do.OpenSite(site="kyoto", on="2026-11-20"),
            id="opened before the trial was allowed to again",
        ),
        pytest.param(
            [
                do.ChangeRecruitment(to="paused", on="2026-11-20"),
                SUSPENDED,
                SUSPENDED.model_copy(update={"to": "published"}),
            ],
            do.ChangeRecruitment(to="recruiting", on="2026-11-20"),
            id="recruiting before the trial was allowed to again",
        ),
    ],
)
def test_a_day_does_not_lie_before_what_it_follows(before: list[Command], command: Command) -> None:
    state = after(*RECRUITING, *before)
    later = command.model_copy(update={"on": "2026-11-21"})

    assert rules_against(state, command) == {"out-of-order"}
    assert after(later, state=state) is not None
    assert after(later.model_copy(update={"on": "2026"}), state=state) is not None, "some day of the year fits"


def test_every_event_with_a_day_says_what_it_follows() -> None:
    assert set(FOLLOWS) == set(get_args(Dated))


def test_a_count_of_nobody_may_be_of_any_day_and_a_first_participant_of_a_trial_with_other_sites() -> None:
    opened = after(*RECRUITING)
    assert after(do.ReportEnrolment(site="kyoto", enrolled=0, on="2026-11-19"), state=opened) is not None
    # A site that recruited before it reported here may have enrolled the first.
    assert opened is not None
    unknown = replace(opened.sites["kyoto"], occurrences=())
    trial = replace(opened, sites={**opened.sites, "osaka": unknown})
    assert after(do.RecordFirstParticipant(on="2026-11-19"), state=trial) is not None


def test_a_site_does_not_open_after_it_counted_participants() -> None:
    trial = after(REGISTER, do.AddSite(site=site()), PUBLISH)
    counted = after(do.ReportEnrolment(site="kyoto", enrolled=2, on="2026-11-19"), state=trial)

    assert rules_against(counted, do.OpenSite(site="kyoto", on="2026-11-20")) == {"out-of-order"}
    assert after(do.OpenSite(site="kyoto", on="2026-11-19"), state=counted) is not None


def test_a_refusal_says_both_days() -> None:
    state = after(*RECRUITING, PAUSED)
    with pytest.raises(Rejection) as refused:
        decide(state, do.OpenSite(site="kyoto", on="2026-11-20"), CONTEXT)

    [fault] = refused.value.faults
    assert fault.days == ("2026-11-20", "2026-11-21")
    assert fault.message.startswith("2026-11-20 is before 2026-11-21, which it follows; give the right day, or correct")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"primary_completion": {"date": "2026-12"}}, "primary_completion"),
        ({"primary_completion": {"date": "2030"}}, "completion"),
        ({"completion": {"date": "2026"}, "primary_completion": None}, "completion"),
        (
            {"first_enrolment": {"date": "2026-11-02", "kind": "actual"}, "results": {"posted": "2026-11-01"}},
            "results/posted",
        ),
    ],
)
def test_dates_of_a_registration_that_can_t_all_be_true_are_refused(fields: dict[str, Any], place: str) -> None:
    registration = Registration.model_validate(sealed_registration(**fields).to_stored())
    with pytest.raises(Rejection) as refused:
        decide(None, do.RegisterTrial(registration=registration), CONTEXT)

    assert [(one.rule, one.field) for one in refused.value.faults] == [("dates-crossed", f"/registration/{place}")]


def test_a_site_reports_what_happened_there_today() -> None:
    evening = Context(datetime(2026, 11, 22, 12, tzinfo=UTC), "kyoto-hp", "JTR2026000001X")
    apia = site("apia").model_copy(update={"zone": "Pacific/Apia"})
    trial = after(*RECRUITING, do.AddSite(site=apia))
    tomorrow_here = do.LeaveTrial(site="apia", on="2026-11-23")

    assert decide(trial, tomorrow_here, evening) is not None
    for late in (tomorrow_here.model_copy(update={"site": "kyoto"}), do.LeaveTrial(site="apia", on="2026-11-24")):
        with pytest.raises(Rejection, match="date-in-future"):
            decide(trial, late, evening)


def test_a_site_that_closed_after_the_end_of_its_trial_does_not_hold_it_up() -> None:
    closed = after(*RECRUITING, do.CloseSite(site="kyoto", on="2026-11-22"))

    assert after(do.DiscontinueTrial(on="2026-11-21", why=WHY), state=closed) is not None


def test_fewer_participants_than_before_need_a_reason() -> None:
    counted = (*RECRUITING, do.ReportEnrolment(site="kyoto", enrolled=5, on="2026-11-21"))
    fewer = do.ReportEnrolment(site="kyoto", enrolled=4, on="2026-11-22")
    explained = fewer.model_copy(update={"reason": "one was counted twice"})
    trial = after(*counted, explained)

    assert rules_against(after(*counted), fewer) == {"reason-missing"}
    assert isinstance(trial, Trial)
    assert trial.sites["kyoto"].enrolled == 4


def test_a_trial_with_participants_is_discontinued_not_withdrawn() -> None:
    withdraw = do.WithdrawTrial(on="2026-11-22", why=WHY)
    first = do.RecordFirstParticipant(on="2026-11-21")
    enrolled = do.ReportEnrolment(site="kyoto", enrolled=1, on="2026-11-21")

    assert rules_against(after(*RECRUITING, first), withdraw) == {"has-participants"}
    assert rules_against(after(*RECRUITING, enrolled), withdraw) == {"has-participants"}
    assert rules_against(after(*RECRUITING, first), first) == {"already-recorded"}


def test_discontinuing_ends_recruitment_at_every_site_at_once() -> None:
    trial = after(*RECRUITING, do.DiscontinueTrial(on="2026-11-22", why=WHY))

    assert isinstance(trial, Trial)
    assert (trial.authorisation, trial.sites["kyoto"].recruitment) == ("discontinued", "closed")
    assert rules_against(trial, REOPEN) == {"not-authorised", "trial-stopped"}
    assert rules_against(trial, do.DiscontinueTrial(on="2026-11-22", why=WHY)) == {"trial-over"}


def test_an_ended_trial_takes_corrections_and_results_only() -> None:
    close = do.CloseSite(site="kyoto", on="2026-11-21")
    complete = do.CompleteTrial(on="2026-11-22", enrolled=118)
    correct = do.CorrectTrial(reason="typing error", corrects=1, registration=Registration(planned_size=12))
    post = do.PostResults.model_validate({"results": {"posted": "2026-11-22", "summary": {"ja": "有効"}}})
    first = do.RecordFirstParticipant(on="2026-11-20")
    ended = after(*RECRUITING, first, close, complete)
    trial = after(correct, post, state=ended)

    assert isinstance(trial, Trial)
    assert (trial.authorisation, trial.recruitment) == ("ended", "completed")
    assert (trial.registration["actual_size"], trial.registration["planned_size"]) == (118, 12)
    assert trial.registration["completion"] == {"date": "2026-11-22", "kind": "actual"}
    assert rules_against(ended, do.AmendTrial(reason="x", registration=Registration(planned_size=1))) == {"trial-over"}
    assert rules_against(trial, post) == {"no-change"}


def test_an_authority_suspends_and_lets_go_on() -> None:
    suspend = do.ChangeAuthorisation(reason="order", to="suspended_by_authority", on="2026-11-21")
    resume = do.ChangeAuthorisation(reason="lifted", to="published", on="2026-11-22")
    suspended = after(*RECRUITING, suspend)
    trial = after(resume, state=suspended)

    paused = after(do.PauseSite(site="kyoto", on="2026-11-22"), state=suspended)

    assert isinstance(paused, Trial)
    assert paused.sites["kyoto"].recruitment is RecruitmentStatus.PAUSED
    assert rules_against(paused, REOPEN) == {"not-authorised"}
    assert isinstance(trial, Trial)
    assert trial.authorisation is AuthorisationStatus.PUBLISHED


def test_a_partners_trial_changes_at_its_home_until_it_is_adopted() -> None:
    partners = after(imported())
    amend = do.AmendTrial(reason="x", registration=Registration(planned_size=9))
    adopted = after(do.AdoptTrial(), amend, state=partners)

    assert rules_against(partners, amend) == {"home-elsewhere"}
    assert rules_against(partners, PUBLISH) == {"home-elsewhere"}
    assert isinstance(adopted, Trial)
    assert adopted.number == "JTR2026000001X"
    assert without_items(adopted.registration["identifiers"]) == [
        {"value": "NCT01234567", "kind": "registry", "issuer": "ctgov"}
    ]
    assert rules_against(adopted, do.AdoptTrial()) == {"already-ours"}


def test_the_same_bytes_again_are_nothing_new() -> None:
    assert decide(after(imported()), imported(), CONTEXT) is None


def test_changed_bytes_become_a_field_diff_and_blanks_never_overwrite() -> None:
    before = after(imported(planned_size=10, acronym="ABC"))
    event = decide(before, imported("b", planned_size=12), CONTEXT)
    trial = evolve(before, event) if event else None

    assert isinstance(event, events.TrialImportChanged)
    assert [(change.field, change.old, change.new) for change in event.changes] == [
        ("/registration/planned_size", 10, 12)
    ]
    assert (event.kept, event.effects) == (("/registration/acronym",), None)
    assert isinstance(trial, Trial)
    assert (trial.registration["planned_size"], trial.registration["acronym"]) == (12, "ABC")


def test_after_adoption_a_partners_change_is_kept_beside_ours() -> None:
    adopted = after(imported(planned_size=10), do.AdoptTrial())
    event = decide(adopted, imported("b", planned_size=12), CONTEXT)
    trial = evolve(adopted, event) if event else None

    assert isinstance(event, events.TrialImportChanged)
    assert event.effects == ()
    assert isinstance(trial, Trial)
    assert trial.registration["planned_size"] == 10
    (source_view,) = trial.sources.values()
    assert source_view.whole["registration"]["planned_size"] == 12
    assert decide(trial, imported("b", planned_size=12), CONTEXT) is None


def test_the_two_axes_of_status_are_not_assignable_to_each_other() -> None:
    with pytest.raises(ValueError, match="recruitment"):
        events.Status.model_validate({"authorisation": "recruiting", "recruitment": "published"})


def test_every_stored_event_reads_back_as_it_was_decided() -> None:
    state: State = TRIAL.initial
    history: tuple[Command, ...] = (*RECRUITING, do.PauseSite(site="kyoto", on="2026-11", why=WHY))
    for command in history:
        event = decide(state, command, CONTEXT)
        assert isinstance(event, Value)
        again = type(event).model_validate(event.to_stored())
        assert event == again
        assert evolve(state, event) == evolve(state, again)
        state = evolve(state, event)


def test_a_trial_gets_one_number_for_ever() -> None:
    published = after(REGISTER, PUBLISH)
    for status in ("filed", "under_review", "opinion_favourable"):
        back = do.ChangeAuthorisation(reason="x", to=status, on="2026-11-22")
        assert rules_against(published, back) == {"authorisation-move"}
    suspended = after(do.ChangeAuthorisation(reason="x", to="expired", on="2026-11-22"), state=published)

    assert rules_against(suspended, PUBLISH) == {"not-publishable"}


def test_the_first_site_that_opens_makes_the_trial_recruit_and_a_paused_trial_opens_none() -> None:
    trial = after(*RECRUITING)
    paused = after(
        do.ChangeRecruitment(to="paused", on="2026-11-21"), do.PauseSite(site="kyoto", on="2026-11-21"), state=trial
    )

    assert isinstance(trial, Trial)
    assert trial.recruitment is RecruitmentStatus.RECRUITING
    assert rules_against(paused, REOPEN) == {"trial-stopped"}


def test_an_age_said_again_without_its_default_is_no_change() -> None:
    first = sealed_registration()
    assert first.eligibility is not None
    eligibility = {**first.eligibility.to_stored(), "minimum_age": {"value": 20, "unit": "years"}}
    again = do.AmendTrial.model_validate({"reason": "x", "registration": {"eligibility": eligibility}})

    assert rules_against(after(REGISTER), again) == {"no-change"}


def test_what_has_happened_is_not_planned_again() -> None:
    begun = after(*RECRUITING, do.RecordFirstParticipant(on="2026-11-20"))
    planned = {"first_enrolment": {"date": "2027-01", "kind": "anticipated"}}
    amend = do.AmendTrial.model_validate({"reason": "x", "registration": planned})
    correct = do.CorrectTrial.model_validate({"reason": "x", "corrects": 5, "registration": planned})

    assert rules_against(begun, amend) == {"actual-stays"}
    assert rules_against(begun, correct) == {"actual-stays"}


def test_results_are_not_posted_in_the_future() -> None:
    post = do.PostResults.model_validate({"results": {"posted": "2026-12-01"}})

    assert rules_against(after(REGISTER, PUBLISH), post) == {"date-in-future"}


def partner_change(before: dict[str, Any], then: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The registration after a partner's change of some fields, and what was kept."""
    state = after(imported(**before))
    event = decide(state, imported("b", **then), CONTEXT)
    assert isinstance(event, events.TrialImportChanged)
    trial = evolve(state, event)
    assert isinstance(trial, Trial)
    return dict(trial.registration), event.kept


def test_fields_that_say_one_thing_are_taken_together() -> None:
    parted = {"inclusion": {"en": "age 20"}, "exclusion": {"en": "pregnancy"}}
    registration, fields_kept = partner_change(
        {"eligibility": parted}, {"eligibility": {"criteria": {"en": "aged 65"}}}
    )
    assert (registration["eligibility"], fields_kept) == ({"criteria": {"en": "aged 65"}}, ())

    planned = {"first_enrolment": {"date": "2025-01", "kind": "anticipated"}}
    registration, fields_kept = partner_change(planned, {"first_enrolment": {"date": "2025-02-03"}})
    assert (registration["first_enrolment"], fields_kept) == ({"date": "2025-02-03"}, ())


def test_a_site_that_a_partner_lists_no_more_stays_and_recruits_no_more() -> None:
    state = after(imported())
    other = {**partner_study(), "sites": (SiteAsImported.model_validate({"site": "s2", "name": {"en": "B"}}),)}
    event = decide(state, do.ImportTrial(**other, source=source("b")), CONTEXT)
    assert isinstance(event, events.TrialImportChanged)
    trial = evolve(state, event)

    assert isinstance(trial, Trial)
    assert (trial.sites["s1"].recruitment, trial.sites["s1"].has_left) == (RecruitmentStatus.CLOSED, True)
    assert (set(trial.sites), event.kept) == ({"s1", "s2"}, ("/sites/s1",))
