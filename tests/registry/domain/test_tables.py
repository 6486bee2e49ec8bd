"""The rules of a trial as whole tables: each pair of statuses, each required field, each date that may lie ahead."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from events.schemas.registration import Registration
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from registry.domain.decider import Command, Context, Fault, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.days import DayOfEvent
from registry.domain.trial.decide import decide
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import SiteState, State, Trial
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.trials import registration, sealed_registration, site

NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)
CONTEXT = Context(NOON, "kyoto-hp", "JTR2026000001X")
WHY = {"ja": "中間解析の結果による", "en": "Interim analysis"}


def faults_of(state: State, command: Command) -> list[Fault]:
    try:
        decide(state, command, CONTEXT)
    except Rejection as refused:
        return list(refused.faults)
    return []


def rules_of(state: State, command: Command) -> set[str]:
    return {fault.rule for fault in faults_of(state, command)}


@cache
def recruiting() -> Trial:
    """A published trial that recruits and has enrolled, with one site."""
    state: State = TRIAL.initial
    first = do.RecordFirstParticipant(on="2026-11-20")
    opened = do.OpenSite(site="kyoto", on="2026-11-20")
    added = do.AddSite(site=site())
    for command in (do.RegisterTrial(registration=sealed_registration()), added, do.PublishTrial(), opened, first):
        event = decide(state, command, CONTEXT)
        assert event is not None
        state = evolve(state, event)
    assert state is not None
    return state


def trial_with(**changed: Any) -> Trial:
    return replace(recruiting(), **changed)


def trial_with_site(**changed: Any) -> Trial:
    trial = trial_with()
    return replace(trial, sites={"kyoto": replace(trial.sites["kyoto"], **changed)})


RECRUITMENT = """
to             not_yet  recruiting  by_invitation  paused  closed  completed  unknown
not_yet        -        yes         yes            -       yes     -          -
recruiting     -        -           yes            yes     yes     -          -
by_invitation  -        yes         -              yes     yes     -          -
paused         -        yes         yes            -       yes     -          -
closed         -        yes         yes            -       -       -          -
completed      -        -           -              -       -       -          -
unknown        -        yes         yes            yes     yes     -          -
"""
"""Each row is a status as it is, each column one that it may become."""


def cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return [(was, to, cell) for was, *row in rows for to, cell in zip(head[1:], row, strict=True)]


def test_the_tables_name_every_status() -> None:
    statuses = {status.value for status in RecruitmentStatus}
    assert {(was, to) for was, to, _ in cells(RECRUITMENT)} == {(was, to) for was in statuses for to in statuses}
    decided = [status.value for status in AuthorisationStatus]
    assert [(was, to) for was, to, _ in decisions()] == [(was, to) for was in decided for to in decided]


@pytest.mark.parametrize(("was", "to", "allowed"), cells(RECRUITMENT))
def test_recruitment_of_a_trial_moves_only_as_the_table_says(was: str, to: str, allowed: str) -> None:
    trial = trial_with(recruitment=RecruitmentStatus(was))
    command = do.ChangeRecruitment(to=to, on="2026-11-22")

    assert rules_of(trial, command) == (set() if allowed == "yes" else {"recruitment-move"})


@pytest.mark.parametrize(
    ("was", "to", "allowed"),
    [cell for cell in cells(RECRUITMENT) if cell[1] in ("recruiting", "paused", "closed")],
)
def test_recruitment_of_a_site_moves_only_as_the_table_says(was: str, to: str, allowed: str) -> None:
    kind = {"recruiting": do.OpenSite, "paused": do.PauseSite, "closed": do.CloseSite}[to]
    trial = trial_with_site(recruitment=RecruitmentStatus(was))
    command = kind(site="kyoto", on="2026-11-22")

    assert rules_of(trial, command) == (set() if allowed == "yes" else {"recruitment-move"})


AUTHORISATION = """
to                      dra  und  opi  opi  fil  pub  sus  rev  exp  wit  dis  end
draft                   =    ds   ds   dns  ds   ns   dns  dns  dns  -    -    -
under_review            -    =    ds   dns  ds   ns   dns  dns  dns  -    -    -
opinion_favourable      -    ds   =    dns  ds   ns   dns  dns  dns  -    -    -
opinion_unfavourable    -    ds   ds   =    ds   ns   dns  dns  dns  -    -    -
filed                   -    ds   ds   dns  =    ns   dns  dns  dns  -    -    -
published               -    ds   ds   dns  ds   =    dns  dns  dns  -    -    -
suspended_by_authority  -    ds   ds   dns  ds   ns   =    dns  dns  -    -    -
revoked                 -    ds   ds   dns  ds   ns   dns  =    dns  -    -    -
expired                 -    ds   ds   dns  ds   ns   dns  dns  =    -    -    -
withdrawn               -    -    -    -    -    -    -    -    -    =    -    -
discontinued            -    -    -    -    -    -    -    -    -    -    =    -
ended                   -    -    -    -    -    -    -    -    -    -    -    =
"""
"""What an authority may decide on: `d` a draft that never had a number, `n` a trial with one, `s` a site.

Each row is a status as it is, each column, in the same order, one that it may become.
"""


def decisions() -> list[tuple[str, str, str]]:
    head, *rows = [line.split() for line in AUTHORISATION.strip().splitlines()]
    columns = [row[0] for row in rows]
    assert [name[:3] for name in columns] == head[1:]
    return [(was, to, cell) for was, *row in rows for to, cell in zip(columns, row, strict=True)]


@pytest.mark.parametrize(("was", "to", "allowed"), decisions())
def test_an_authority_decides_only_as_the_table_says(was: str, to: str, allowed: str) -> None:
    status = AuthorisationStatus(was)
    fields: dict[str, Any] = {"reason": "order", "to": to, "on": "2026-11-22"}
    of_trial, of_site = do.ChangeAuthorisation(**fields), do.ChangeSiteAuthorisation(site="kyoto", **fields)
    seen = {
        "d": rules_of(trial_with(authorisation=status, number=None), of_trial),
        "n": rules_of(trial_with(authorisation=status), of_trial),
        "s": rules_of(trial_with_site(authorisation=status), of_site),
    }
    if allowed == "=":
        assert all("no-change" in rules for rules in seen.values())
    else:
        assert seen == {whose: set() if whose in allowed else {"authorisation-move"} for whose in "dns"}


MISSING = {
    "public_title": "public_title is missing (TRDS item 9)",
    "scientific_title": "scientific_title is missing (TRDS item 10)",
    "funders": "funders is missing (TRDS item 4)",
    "primary_sponsor": "primary_sponsor is missing (TRDS item 5)",
    "contacts": "give a public contact (TRDS item 7); give a scientific contact (TRDS item 8)",
    "countries": "countries is missing (TRDS item 11)",
    "conditions": "conditions is missing (TRDS item 12)",
    "interventions": "give the interventions (TRDS item 13)",
    "eligibility": "give inclusion criteria and sex (TRDS item 14)",
    "study_type": "study_type is missing (TRDS item 15)",
    "first_enrolment": "first_enrolment is missing (TRDS item 16)",
    "planned_size": "planned_size is missing (TRDS item 17)",
    "outcomes": "give a primary outcome (TRDS item 19)",
    "ethics_reviews": "ethics_reviews is missing (TRDS item 21)",
    "completion": "completion is missing (TRDS item 22)",
    "data_sharing": "data_sharing is missing (TRDS item 24)",
    "research_aim": "research_aim is missing (2019 report, L33)",
    "legal_regime": "legal_regime is missing (2019 report, L15)",
}
"""What the refusal of a publication says, by the one field that is missing."""
OPTIONAL = ("arms", "phase", "secondary_sponsors")


def draft(**fields: Any) -> State:
    event = decide(None, do.RegisterTrial(registration=sealed_registration(**fields)), CONTEXT)
    assert event is not None
    return evolve(None, event)


def fault_rows(faults: list[Fault]) -> list[tuple[str, str, str]]:
    return [(fault.rule, fault.field, fault.message) for fault in faults]


def test_each_field_of_a_complete_registration_is_required_or_known_to_be_optional() -> None:
    assert set(registration()) == MISSING.keys() | OPTIONAL


@pytest.mark.parametrize(("field", "messages"), list(MISSING.items()))
def test_a_registration_is_not_published_without(field: str, messages: str) -> None:
    nothing = {"arms": None} if field == "interventions" else {}
    trial = draft(**{field: None}, **nothing)
    empty = draft(**{field: []}, **nothing) if isinstance(registration()[field], list) else trial
    expected = [("incomplete", f"/registration/{field}", message) for message in messages.split("; ")]

    assert fault_rows(faults_of(trial, do.PublishTrial())) == expected
    assert fault_rows(faults_of(empty, do.PublishTrial())) == expected


@pytest.mark.parametrize("field", OPTIONAL)
def test_a_registration_is_published_without(field: str) -> None:
    assert faults_of(draft(**{field: None}), do.PublishTrial()) == []


@pytest.mark.parametrize("field", ["public_title", "scientific_title"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_titles_are_published_in_two_languages(field: str, language: str) -> None:
    assert fault_rows(faults_of(draft(**{field: {language: "A"}}), do.PublishTrial())) == [
        ("one-language", f"/registration/{field}", f"{field} is needed in Japanese and in English")
    ]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"eligibility": {"inclusion": {"en": "Adults"}}}, "eligibility"),
        ({"eligibility": {"sex": "all"}}, "eligibility"),
        ({"outcomes": [{"rank": "secondary", "measure": {"en": "Survival"}}]}, "outcomes"),
    ],
)
def test_half_of_what_a_registration_needs_is_too_little(fields: dict[str, Any], missing: str) -> None:
    expected = ("incomplete", f"/registration/{missing}", MISSING[missing])
    assert fault_rows(faults_of(draft(**fields), do.PublishTrial())) == [expected]


@pytest.mark.parametrize(("role", "missing"), [("public", "a scientific"), ("scientific", "a public")])
def test_one_contact_does_not_stand_for_the_other(role: str, missing: str) -> None:
    [fault] = faults_of(draft(contacts=[{"role": role}]), do.PublishTrial())
    assert (fault.rule, fault.field) == ("incomplete", "/registration/contacts")
    assert fault.message.startswith(f"give {missing} contact")


@pytest.mark.parametrize("fields", [{"eligibility": {"inclusion": {"en": "Adults"}, "sex": "all"}}])
def test_no_more_than_what_is_needed_is_enough(fields: dict[str, Any]) -> None:
    assert faults_of(draft(**fields), do.PublishTrial()) == []


@pytest.mark.parametrize("kind", ["observational", "expanded_access"])
def test_only_an_interventional_trial_names_interventions(kind: str) -> None:
    assert faults_of(draft(study_type=kind, interventions=None, arms=None), do.PublishTrial()) == []


DATED: dict[str, dict[str, Any]] = {
    "change-authorisation": {"reason": "order", "to": "suspended_by_authority"},
    "change-recruitment": {"to": "paused"},
    "record-first-participant": {},
    "complete": {},
    "discontinue": {"why": WHY},
    "withdraw": {"why": WHY},
    "site change-authorisation": {"reason": "order", "to": "suspended_by_authority"},
    "site open": {},
    "site pause": {},
    "site close": {},
    "site leave": {},
    "site verify": {"status": "recruiting"},
    "site report-enrolment": {"enrolled": 3},
}
"""The commands that say on which day something happened, with what they say beside."""


def dated(name: str, on: str) -> tuple[State, Command]:
    """A trial that takes the command, and the command."""
    site_command = name.removeprefix("site ")
    kind = TRIAL_COMMANDS[name] if site_command == name else SITE_COMMANDS[site_command]
    beside = {} if site_command == name else {"site": "kyoto"}
    trial = trial_with()
    if name in ("record-first-participant", "withdraw"):
        trial = replace(trial, registration=sealed_registration().to_stored())
    if name == "complete":
        trial = trial_with_site(recruitment=RecruitmentStatus.CLOSED)
    if name == "site open":
        trial = trial_with_site(recruitment=RecruitmentStatus.PAUSED)
    return trial, kind.model_validate({**DATED[name], **beside, "on": on})


def test_the_table_of_dates_names_every_command_with_one() -> None:
    kinds = TRIAL_COMMANDS | {f"site {name}": kind for name, kind in SITE_COMMANDS.items()}
    named = {name for name, kind in kinds.items() if "on" in kind.model_fields and not issubclass(kind, do.Correction)}
    assert named == set(DATED)


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("on", ["2026-11-23", "2026-12", "2027"])
def test_nothing_is_reported_that_lies_ahead(name: str, on: str) -> None:
    state, command = dated(name, on)
    message = f"{on} is after today (2026-11-22); report what has happened"
    assert fault_rows(faults_of(state, command)) == [("date-in-future", "/on", message)]


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("on", ["2026-11-22", "2026-11", "2026"])
def test_what_happened_today_is_taken(name: str, on: str) -> None:
    state, command = dated(name, on)
    assert faults_of(state, command) == []


@pytest.mark.parametrize("name", DATED)
def test_no_day_of_an_event_lies_before_1900_and_a_log_s_own_stays_readable(name: str) -> None:
    for on in ("1899-12-31", "1899-12", "1899", "0001-01-01", "0001"):
        with pytest.raises(ValidationError, match=f"{on} is before 1900; give the right day"):
            dated(name, on)
    for on in ("1900", "1900-01", "1900-01-01"):
        state, command = dated(name, on)
        assert "date-too-early" not in {rule for rule, _, _ in fault_rows(faults_of(state, command))}
    state, command = dated(name, "2026-11-22")
    event = decide(state, command, CONTEXT)
    assert event is not None
    stored = {**event.to_stored(), "on": "0001-01-01"}
    assert type(event).from_stored(stored).to_stored() == stored


def test_a_correction_says_no_day_before_1900() -> None:
    for kind, beside in ((do.CorrectEvent, {}), (do.CorrectSiteEvent, {"site": "kyoto"})):
        for on in ("1899-12-31", "0001"):
            with pytest.raises(ValidationError, match="is before 1900"):
                kind.model_validate({"reason": "a slip", "corrects": 2, "on": on, **beside})


@pytest.mark.parametrize("on", ["0001", "1899", "1899-12-31", "1900", "1900-01-01", "1999-10", "2026-11-22", "9999"])
def test_the_schema_says_which_days_are_taken(on: str) -> None:
    schema = TypeAdapter(DayOfEvent).json_schema()
    taken = on >= "1900"

    assert bool(re.search(schema["pattern"], on)) is taken
    assert "Not before 1900" in schema["description"]
    if taken:
        TypeAdapter(DayOfEvent).validate_python(on)


STATED: dict[str, tuple[dict[str, Any], str]] = {
    "first enrolment": ({"first_enrolment": {"date": "{day}", "kind": "actual"}}, "/registration/first_enrolment"),
    "completion": ({"completion": {"date": "{day}", "kind": "actual"}}, "/registration/completion"),
    "primary completion": (
        {"primary_completion": {"date": "{day}", "kind": "actual"}},
        "/registration/primary_completion",
    ),
    "an ethics decision": (
        {"ethics_reviews": [{"status": "not_available"}, {"status": "approved", "decided": "{day}"}]},
        "/registration/ethics_reviews/1/decided",
    ),
    "results posted": ({"results": {"posted": "{day}"}}, "/registration/results/posted"),
    "results published": ({"results": {"first_published": "{day}"}}, "/registration/results/first_published"),
}


def on_day(value: Any, day: str) -> Any:
    match value:
        case str():
            return value.replace("{day}", day)
        case list():
            return [on_day(item, day) for item in value]
        case _:
            return {name: on_day(item, day) for name, item in value.items()}


@pytest.mark.parametrize("name", STATED)
def test_a_date_called_actual_has_come(name: str) -> None:
    fields, at = STATED[name]
    for day, rules in (("2026-11-22", []), ("2026-11-23", [("date-in-future", at)])):
        fields_on_day = on_day(fields, day)
        whole = {"completion": {"date": "2029"}, "first_enrolment": {"date": "2020-01"}, **fields_on_day}
        register = do.RegisterTrial(registration=sealed_registration(**whole))
        amend = do.AmendTrial(reason="x", registration=Registration.model_validate(fields_on_day))
        begun = {**sealed_registration().to_stored(), "first_enrolment": {"date": "2020-01", "kind": "actual"}}
        for state, command in ((None, register), (trial_with(registration=begun), amend)):
            assert [(fault.rule, fault.field) for fault in faults_of(state, command)] == rules, day


@pytest.mark.parametrize("name", [*STATED, "the protocol's"])
def test_no_date_of_a_registration_lies_before_1900(name: str) -> None:
    protocol = {"results": {"protocol_date": "{day}"}}, "/registration/results/protocol_date"
    fields, at = {**STATED, "the protocol's": protocol}[name]
    for day in ("1899-12-31", "0001"):
        fields_on_day = on_day(fields, day)
        fault = ("date-too-early", at, f"{day} is before 1900; give the right day")
        register = do.RegisterTrial(registration=sealed_registration(**fields_on_day))
        amend = do.AmendTrial(reason="x", registration=Registration.model_validate(fields_on_day))
        for state, command in ((None, register), (trial_with(), amend)):
            assert fault in fault_rows(faults_of(state, command))
    taken = do.RegisterTrial(registration=sealed_registration(**on_day(fields, "1900-01-01")))
    assert "date-too-early" not in {rule for rule, _, _ in fault_rows(faults_of(None, taken))}


def test_what_an_adopted_registration_said_before_may_stay_when_another_field_is_amended() -> None:
    before = {**sealed_registration().to_stored(), "results": {"protocol_date": "0001"}}
    amend = do.AmendTrial(reason="x", registration=Registration.model_validate({"planned_size": 7}))
    assert faults_of(trial_with(registration=before), amend) == []


@pytest.mark.parametrize("field", ["first_enrolment", "completion", "primary_completion"])
def test_what_is_planned_lies_ahead(field: str) -> None:
    assert faults_of(None, do.RegisterTrial(registration=sealed_registration(**{field: {"date": "2028-05"}}))) == []


RECRUITS = {
    RecruitmentStatus.RECRUITING: True,
    RecruitmentStatus.BY_INVITATION: True,
    RecruitmentStatus.NOT_YET: False,
    RecruitmentStatus.PAUSED: False,
    RecruitmentStatus.CLOSED: False,
    RecruitmentStatus.COMPLETED: False,
    RecruitmentStatus.UNKNOWN: False,
}


@pytest.mark.parametrize("status", RecruitmentStatus)
def test_a_trial_completes_when_no_site_enrols(status: RecruitmentStatus) -> None:
    faults = faults_of(trial_with_site(recruitment=status), do.CompleteTrial(on="2026-11-22"))
    message = f"site kyoto is {status}; close it first"
    assert fault_rows(faults) == ([("site-recruiting", "/sites/kyoto", message)] if RECRUITS[status] else [])


@pytest.mark.parametrize("status", RecruitmentStatus)
def test_a_site_opens_while_its_trial_goes_on(status: RecruitmentStatus) -> None:
    trial = replace(trial_with_site(recruitment=RecruitmentStatus.NOT_YET), recruitment=status)
    stopped = status in ("paused", "closed", "completed")
    assert rules_of(trial, do.OpenSite(site="kyoto", on="2026-11-22")) == ({"trial-stopped"} if stopped else set())


PUBLISHED_ONLY = ("change-recruitment", "record-first-participant", "complete", "site open")
NOT_WHEN_OVER = ("discontinue", "withdraw", "site change-authorisation")


@pytest.mark.parametrize("status", AuthorisationStatus)
@pytest.mark.parametrize("name", DATED)
def test_what_is_done_needs_a_trial_that_is_published_or_goes_on(name: str, status: AuthorisationStatus) -> None:
    state, command = dated(name, "2026-11-22")
    assert isinstance(state, Trial)
    rules = rules_of(replace(state, authorisation=status), command)
    over = status in ("withdrawn", "discontinued", "ended")
    if name in PUBLISHED_ONLY:
        assert rules == (set() if status == "published" else {"not-authorised"})
    elif name in NOT_WHEN_OVER:
        assert rules == ({"trial-over"} if over else set())
    elif name != "change-authorisation":
        assert rules == set(), "a site may always stop, and what was counted may always be said"


@pytest.mark.parametrize("status", AuthorisationStatus)
def test_a_site_is_added_and_a_registration_amended_until_the_trial_is_over(status: AuthorisationStatus) -> None:
    over = {"trial-over"} if status in ("withdrawn", "discontinued", "ended") else set()
    amend = do.AmendTrial(reason="x", registration=Registration(planned_size=9))
    assert rules_of(trial_with(authorisation=status), do.AddSite(site=site("osaka"))) == over
    assert rules_of(trial_with(authorisation=status), amend) == over


@pytest.mark.parametrize("status", AuthorisationStatus)
def test_a_draft_is_published_once(status: AuthorisationStatus) -> None:
    publishable = status in ("draft", "under_review", "opinion_favourable", "filed")
    numberless = replace(trial_with(authorisation=status), number=None)
    assert rules_of(numberless, do.PublishTrial()) == (set() if publishable else {"not-publishable"})
    assert rules_of(trial_with(authorisation=status), do.PublishTrial()) == {"not-publishable"}


@pytest.mark.parametrize("status", AuthorisationStatus)
def test_publishing_publishes_filed_sites_alone(status: AuthorisationStatus) -> None:
    trial = replace(trial_with_site(authorisation=status), number=None, authorisation=AuthorisationStatus.DRAFT)
    event = decide(trial, do.PublishTrial(), CONTEXT)
    assert event is not None
    after = evolve(trial, event)
    assert after is not None
    assert after.sites["kyoto"].authorisation == ("published" if status == "filed" else status)


@pytest.mark.parametrize("field", ["first_enrolment", "completion"])
@pytest.mark.parametrize("status", AuthorisationStatus)
def test_what_has_happened_is_not_planned_again(field: str, status: AuthorisationStatus) -> None:
    happened = {field: {"date": "2026-10-01", "kind": "actual"}}
    others = {"first_enrolment": {"date": "2020"}} if field == "completion" else {}
    stored = Registration.model_validate({**registration(contacts=None), **others, **happened}).to_stored()
    trial = trial_with(authorisation=status, registration=stored)
    planned = Registration.model_validate({field: {"date": "2029-10"}})
    correct = do.CorrectTrial(reason="x", corrects=1, registration=planned)
    over = status in ("withdrawn", "discontinued", "ended")
    stays = field == "first_enrolment" or over
    message = f"{field} 2026-10-01 has happened; give the right actual date"
    found = [one for one in fault_rows(faults_of(trial, correct)) if one[0] == "actual-stays"]
    assert found == ([("actual-stays", f"/registration/{field}", message)] if stays else [])
    again = do.CorrectTrial.model_validate(
        {"reason": "x", "corrects": 1, "registration": {field: {"date": "2026-10-02", "kind": "actual"}}}
    )
    assert "actual-stays" not in rules_of(trial, again)


@pytest.mark.parametrize(("was", "now", "reason", "refused"), [
    (5, 4, None, True), (5, 4, "one was counted twice", False), (5, 5, None, False), (5, 6, None, False),
    (None, 0, None, False), (0, 0, None, False), (1, 0, None, True),
])  # fmt: skip
def test_fewer_participants_need_a_reason(was: int | None, now: int, reason: str | None, refused: bool) -> None:
    command = do.ReportEnrolment(site="kyoto", enrolled=now, on="2026-11-22", reason=reason)
    message = f"{was} were reported before; give a reason for fewer"
    assert fault_rows(faults_of(trial_with_site(enrolled=was), command)) == (
        [("reason-missing", "/reason", message)] if refused else []
    )


def test_nobody_is_enrolled_before_publication() -> None:
    command = do.ReportEnrolment(site="kyoto", enrolled=1, on="2026-11-22")
    assert fault_rows(faults_of(trial_with(number=None), command)) == [
        ("not-authorised", "", "nobody is enrolled before the trial is published")
    ]


@pytest.mark.parametrize(
    ("completion", "start", "crossed"),
    [
        ("2026-12", "2027-01", True),
        ("2027-01", "2027-01", False),
        ("2027", "2027-05", False),
        ("2026", "2027", True),
        ("2027-05-01", "2027-05-02", True),
        ("2027-05-02", "2027-05-02", False),
    ],
)
def test_a_completion_does_not_lie_before_the_first_enrolment(completion: str, start: str, crossed: bool) -> None:
    command = do.RegisterTrial(
        registration=sealed_registration(completion={"date": completion}, first_enrolment={"date": start})
    )
    message = f"completion {completion} is before first enrolment {start}"
    assert fault_rows(faults_of(None, command)) == (
        [("dates-crossed", "/registration/completion", message)] if crossed else []
    )


@pytest.mark.parametrize(
    ("low", "high", "crossed"),
    [
        ({"value": 61, "unit": "years"}, {"value": 60, "unit": "years"}, True),
        ({"value": 60, "unit": "years"}, {"value": 60, "unit": "years"}, False),
        ({"value": 61, "unit": "months"}, {"value": 60, "unit": "years"}, False),
        ("unlimited", {"value": 60, "unit": "years"}, False),
        ({"value": 60, "unit": "years"}, "unlimited", False),
    ],
)
def test_a_lower_age_does_not_lie_above_the_upper(low: Any, high: Any, crossed: bool) -> None:
    limits = {"inclusion": {"en": "A"}, "sex": "all", "minimum_age": low, "maximum_age": high}
    found = fault_rows(faults_of(None, do.RegisterTrial(registration=sealed_registration(eligibility=limits))))
    message = "minimum age 61 years is above maximum age 60 years"
    assert found == ([("ages-crossed", "/registration/eligibility/minimum_age", message)] if crossed else [])


def test_a_site_counts_its_own_participants_against_a_withdrawal() -> None:
    trial = trial_with(
        registration=sealed_registration().to_stored(),
        sites={
            name: SiteState(None, AuthorisationStatus.PUBLISHED, RecruitmentStatus.CLOSED, enrolled)
            for name, enrolled in (("a", None), ("b", 0), ("c", 1))
        },
    )
    assert fault_rows(faults_of(trial, do.WithdrawTrial.model_validate({"on": "2026-11-22", "why": WHY}))) == [
        ("has-participants", "", "site c has enrolled 1; discontinue the trial instead")
    ]
