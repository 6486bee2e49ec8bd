"""An end that was recorded on the wrong trial is undone: all goes on as before, but for what was reported since."""

from typing import Any, Final

import pytest

from registry.domain.decider import Command
from registry.domain.trial import commands as do
from tests.registry.domain.test_corrections import BEGUN, OTHER_WHY, WHY, Told, at_site, command, refused
from tests.registry.domain.test_imports import sent
from tests.support.trials import sealed_registration, site

BOTH: Final = (
    *BEGUN,
    do.AddSite(site=site("osaka")),
    command("site change-authorisation", site="osaka", reason="filed", to="published", on="2026-11-01"),
    command("site open", site="osaka", on="2026-11-08"),
    command("site pause", site="osaka", on="2026-11-12", why=OTHER_WHY),
    do.AddSite(site=site("nagoya")),
)
"""13 events: Kyoto recruits, Osaka is paused, Nagoya has not begun."""
END: Final = 14


def undo(version: int = END) -> Command:
    return command("correct-event", reason="It was another trial", corrects=version, void=True)


def shown(told: Told) -> dict[str, Any]:
    """What readers see, but for positions and times of recording."""
    assert told.document is not None
    sites = {
        name: {part: {"on": value["on"]} if part in ("changed", "verified") else value for part, value in one.items()}
        for name, one in told.document["sites"].items()
    }
    return {"registration": told.document["registration"], "status": told.document["status"], "sites": sites}


def known(told: Told) -> dict[str, Any]:
    """What decisions rest on, of both axes and of counts."""
    trial = told.trial
    sites = {name: (one.authorisation, one.recruitment, one.enrolled, one.left) for name, one in trial.sites.items()}
    return {"status": (trial.authorisation, trial.recruitment), "registration": trial.registration, "sites": sites}


CLOSED: Final = (command("site close", on="2026-11-12"), command("site close", site="osaka", on="2026-11-13"))


@pytest.mark.parametrize(
    ("history", "end"),
    [
        pytest.param(BOTH, command("discontinue", on="2026-11-20", why=WHY), id="discontinued"),
        pytest.param((*BOTH, *CLOSED), command("complete", on="2026-11-20", enrolled=8), id="completed"),
        pytest.param((*BOTH, *CLOSED), command("complete", on="2026-11-20"), id="completed, nobody counted"),
        pytest.param(BEGUN[:3], command("withdraw", on="2026-11-20", why=WHY), id="withdrawn"),
        pytest.param(BEGUN[:2], command("withdraw", on="2026-11-20", why=WHY), id="withdrawn as a draft"),
    ],
)
def test_all_goes_on_as_before_an_end_that_did_not_happen(history: tuple[Command, ...], end: Command) -> None:
    if isinstance(end, do.CompleteTrial):
        history = (*history, command("record-first-participant", on="2026-11-09"))
    told = Told(*history)
    before = shown(told), known(told)
    told.tell(end)
    ended = told.document
    assert (shown(told), known(told)) != before
    told.tell(undo(told.trial.version))

    assert (shown(told), known(told)) == before
    assert ended is not None
    assert ended["status"]["authorisation"] != before[0]["status"]["authorisation"], "the past stays what was known"


DISCONTINUED: Final = (*BOTH, command("discontinue", on="2026-11-20", why=WHY))


def test_a_trial_that_goes_on_takes_reports_of_days_before_the_end_that_did_not_happen() -> None:
    told = Told(*DISCONTINUED)
    assert refused(told, command("site pause", on="2026-11-19")) == {"recruitment-move", "out-of-order"}
    assert refused(told, at_site(6, void=True)) == {"trial-over", "followed"}
    told.tell(undo())
    told.tell(command("site pause", on="2026-11-19"))
    told.tell(command("site open", site="osaka", on="2026-11-18"))
    told.tell(command("discontinue", on="2026-11-21", why=OTHER_WHY))

    assert shown(told)["status"]["why"] == OTHER_WHY
    assert refused(told, undo()) == {"already-void"}


def test_a_site_that_left_since_stays_left_and_is_as_before_the_end_once_that_is_void() -> None:
    told = Told(*DISCONTINUED)
    before = shown(Told(*BOTH))["sites"]
    told.tell(command("site leave", on="2026-11-21"))
    told.tell(undo())
    left = {"recruitment": "closed", "authorisation": "ended", "changed": {"on": "2026-11-21"}}
    assert shown(told)["sites"] == {**before, "kyoto": {**before["kyoto"], **left}}
    assert refused(told, command("site open", on="2026-11-22")) == {"site-left"}
    told.tell(at_site(15, void=True))

    assert shown(told)["sites"] == before
    assert known(told) == known(Told(*BOTH))


def test_a_site_that_confirmed_since_that_it_is_closed_stays_so_until_it_opens() -> None:
    told = Told(*DISCONTINUED)
    told.tell(command("site verify", status="closed", on="2026-11-21"))
    told.tell(undo())

    closed = {"recruitment": "closed", "changed": {"on": "2026-11-20"}, "verified": {"on": "2026-11-21"}}
    assert shown(told)["sites"]["kyoto"].items() >= closed.items()
    assert shown(told)["sites"]["osaka"] == shown(Told(*BOTH))["sites"]["osaka"]
    assert known(told)["status"] == known(Told(*BOTH))["status"]
    told.tell(command("site open", on="2026-11-22"))
    told.tell(at_site(17, void=True))
    assert shown(told)["sites"]["kyoto"].items() >= closed.items()


def test_a_confirmation_that_was_void_itself_keeps_no_site_closed() -> None:
    told = Told(*DISCONTINUED)
    told.tell(command("site verify", status="closed", on="2026-11-21"))
    told.tell(at_site(15, void=True))
    told.tell(undo())

    assert known(told) == known(Told(*BOTH))


def test_what_was_counted_and_said_since_stays() -> None:
    told = Told(*DISCONTINUED)
    told.tell(command("site report-enrolment", enrolled=9, on="2026-11-21"))
    told.tell(command("correct-event", reason="x", corrects=END, on="2026-11-19", why=OTHER_WHY))
    told.tell(at_site(6, on="2026-11-08"))
    told.tell(undo())

    site = shown(told)["sites"]["kyoto"]
    assert (site["enrolled"], site["recruitment"], site["changed"]) == (9, "recruiting", {"on": "2026-11-08"})
    assert "why" not in shown(told)["status"]


COMPLETED: Final = (
    *BOTH,
    *CLOSED,
    command("record-first-participant", on="2026-11-09"),
    command("complete", on="2026-11-20", enrolled=8),
)


def test_a_completion_gives_way_to_the_plan_however_it_was_corrected_and_a_number_said_since_stays() -> None:
    plan = Told(*COMPLETED[:-1]).trial.registration["completion"]
    told = Told(*COMPLETED)
    right = {"completion": {"date": "2026-11-19", "kind": "actual"}, "actual_size": 10}
    told.tell(command("correct", reason="x", corrects=17, registration=right))
    told.tell(undo(17))

    assert told.trial.registration["completion"] == plan
    assert told.trial.registration["actual_size"] == 10
    assert shown(told)["registration"] == told.trial.registration


def test_a_plan_that_was_crossed_meanwhile_stands_again_and_can_be_amended() -> None:
    planned = {
        "first_enrolment": {"date": "2026-10", "kind": "actual"},
        "completion": {"date": "2026-10", "kind": "anticipated"},
    }
    begun = do.RegisterTrial(registration=sealed_registration(**planned))
    told = Told(begun, *BEGUN[1:3], command("complete", on="2026-11-20"))
    first = {"first_enrolment": {"date": "2026-11-01", "kind": "actual"}}
    told.tell(command("correct", reason="x", corrects=1, registration=first))
    told.tell(undo(4))

    assert told.trial.registration["completion"] == planned["completion"]
    told.tell(command("amend", reason="x", registration={"completion": {"date": "2028", "kind": "anticipated"}}))


STATED: Final = {"verified": "2026-10", "why": WHY}


@pytest.mark.parametrize("status", [{"recruitment": "recruiting"}, {"recruitment": "not_yet"}], ids=str)
@pytest.mark.parametrize(
    "ours",
    [
        pytest.param(command("discontinue", on="2026-11-20", why=OTHER_WHY), id="an end"),
        pytest.param(command("change-recruitment", to="closed", on="2026-11-20"), id="recruitment"),
        pytest.param(
            command("change-authorisation", to="suspended_by_authority", reason="x", on="2026-11-20"), id="a decision"
        ),
    ],
)
def test_what_a_partner_had_said_of_the_status_stands_again(ours: Command, status: dict[str, str]) -> None:
    partners = {"authorisation": "published", **status, **STATED}
    told = Told(sent(status=partners, sites=()), do.AdoptTrial())
    assert shown(told)["status"] == partners
    told.tell(ours)
    assert shown(told)["status"].get("why") != WHY
    told.tell(undo(told.trial.version))

    assert shown(told)["status"] == partners


def test_what_a_partner_had_said_stands_again_once_nobody_has_opened() -> None:
    partners = {"authorisation": "published", "recruitment": "not_yet", **STATED}
    told = Told(sent(status=partners, sites=()), do.AdoptTrial(), do.AddSite(site=site()))
    told.tell(command("site change-authorisation", reason="filed", to="published", on="2026-11-01"))
    told.tell(command("site open", on="2026-11-02"))
    assert "why" not in shown(told)["status"]
    told.tell(at_site(5, void=True))

    assert shown(told)["status"] == partners


def test_a_site_of_a_partners_list_is_as_that_said_again() -> None:
    told = Told(sent(), do.AdoptTrial())
    before = shown(told), known(told)
    told.tell(command("discontinue", on="2026-11-20", why=OTHER_WHY))
    told.tell(undo(3))

    assert (shown(told), known(told)) == before
