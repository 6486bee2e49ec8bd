"""An end that was recorded on the wrong trial is undone: all goes on as before, but for what was reported since."""

from typing import Any, Final

import pytest

from registry.domain.decider import Command
from registry.domain.trial import commands as do
from tests.registry.domain.test_corrections import BEGUN, OTHER_WHY, WHY, Folds, at_site, command, refused
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


def shown(folds: Folds) -> dict[str, Any]:
    """What readers see, but for positions and times of recording."""
    assert folds.document is not None
    sites = {
        name: {part: {"on": value["on"]} if part in ("changed", "verified") else value for part, value in one.items()}
        for name, one in folds.document["sites"].items()
    }
    return {"registration": folds.document["registration"], "status": folds.document["status"], "sites": sites}


def known(folds: Folds) -> dict[str, Any]:
    """What decisions rest on, of both axes and of counts."""
    trial = folds.trial
    sites = {
        name: (one.authorisation, one.recruitment, one.enrolled, one.has_left) for name, one in trial.sites.items()
    }
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
    folds = Folds(*history)
    before = shown(folds), known(folds)
    folds.give(end)
    ended = folds.document
    assert (shown(folds), known(folds)) != before
    folds.give(undo(folds.trial.version))

    assert (shown(folds), known(folds)) == before
    assert ended is not None
    assert ended["status"]["authorisation"] != before[0]["status"]["authorisation"], "the past stays what was known"


DISCONTINUED: Final = (*BOTH, command("discontinue", on="2026-11-20", why=WHY))


def test_a_trial_that_goes_on_takes_reports_of_days_before_the_end_that_did_not_happen() -> None:
    folds = Folds(*DISCONTINUED)
    assert refused(folds, command("site pause", on="2026-11-19")) == {"recruitment-move", "out-of-order"}
    assert refused(folds, at_site(6, void=True)) == {"trial-over", "followed"}
    folds.give(undo())
    folds.give(command("site pause", on="2026-11-19"))
    folds.give(command("site open", site="osaka", on="2026-11-18"))
    folds.give(command("discontinue", on="2026-11-21", why=OTHER_WHY))

    assert shown(folds)["status"]["why"] == OTHER_WHY
    assert refused(folds, undo()) == {"already-void"}


def test_a_site_that_left_since_stays_left_and_is_as_before_the_end_once_that_is_void() -> None:
    folds = Folds(*DISCONTINUED)
    before = shown(Folds(*BOTH))["sites"]
    folds.give(command("site leave", on="2026-11-21"))
    folds.give(undo())
    kyoto_left = {"recruitment": "closed", "authorisation": "ended", "changed": {"on": "2026-11-21"}}
    assert shown(folds)["sites"] == {**before, "kyoto": {**before["kyoto"], **kyoto_left}}
    assert refused(folds, command("site open", on="2026-11-22")) == {"site-left"}
    folds.give(at_site(15, void=True))

    assert shown(folds)["sites"] == before
    assert known(folds) == known(Folds(*BOTH))


def test_a_site_that_confirmed_since_that_it_is_closed_stays_so_until_it_opens() -> None:
    folds = Folds(*DISCONTINUED)
    folds.give(command("site verify", status="closed", on="2026-11-21"))
    folds.give(undo())

    closed = {"recruitment": "closed", "changed": {"on": "2026-11-20"}, "verified": {"on": "2026-11-21"}}
    assert shown(folds)["sites"]["kyoto"].items() >= closed.items()
    assert shown(folds)["sites"]["osaka"] == shown(Folds(*BOTH))["sites"]["osaka"]
    assert known(folds)["status"] == known(Folds(*BOTH))["status"]
    folds.give(command("site open", on="2026-11-22"))
    folds.give(at_site(17, void=True))
    assert shown(folds)["sites"]["kyoto"].items() >= closed.items()


def test_a_confirmation_that_was_void_itself_keeps_no_site_closed() -> None:
    folds = Folds(*DISCONTINUED)
    folds.give(command("site verify", status="closed", on="2026-11-21"))
    folds.give(at_site(15, void=True))
    folds.give(undo())

    assert known(folds) == known(Folds(*BOTH))


def test_what_was_counted_and_said_since_stays() -> None:
    folds = Folds(*DISCONTINUED)
    folds.give(command("site report-enrolment", enrolled=9, on="2026-11-21"))
    folds.give(command("correct-event", reason="x", corrects=END, on="2026-11-19", why=OTHER_WHY))
    folds.give(at_site(6, on="2026-11-08"))
    folds.give(undo())

    site = shown(folds)["sites"]["kyoto"]
    assert (site["enrolled"], site["recruitment"], site["changed"]) == (9, "recruiting", {"on": "2026-11-08"})
    assert "why" not in shown(folds)["status"]


COMPLETED: Final = (
    *BOTH,
    *CLOSED,
    command("record-first-participant", on="2026-11-09"),
    command("complete", on="2026-11-20", enrolled=8),
)


def test_a_completion_gives_way_to_the_plan_however_it_was_corrected_and_a_number_said_since_stays() -> None:
    plan = Folds(*COMPLETED[:-1]).trial.registration["completion"]
    folds = Folds(*COMPLETED)
    right = {"completion": {"date": "2026-11-19", "kind": "actual"}, "actual_size": 10}
    folds.give(command("correct", reason="x", corrects=17, registration=right))
    folds.give(undo(17))

    assert folds.trial.registration["completion"] == plan
    assert folds.trial.registration["actual_size"] == 10
    assert shown(folds)["registration"] == folds.trial.registration


def test_a_plan_that_was_crossed_meanwhile_stands_again_and_can_be_amended() -> None:
    planned = {
        "first_enrolment": {"date": "2026-10", "kind": "actual"},
        "completion": {"date": "2026-10", "kind": "anticipated"},
    }
    begun = do.RegisterTrial(registration=sealed_registration(**planned))
    folds = Folds(begun, *BEGUN[1:3], command("complete", on="2026-11-20"))
    first = {"first_enrolment": {"date": "2026-11-01", "kind": "actual"}}
    folds.give(command("correct", reason="x", corrects=1, registration=first))
    folds.give(undo(4))

    assert folds.trial.registration["completion"] == planned["completion"]
    folds.give(command("amend", reason="x", registration={"completion": {"date": "2028", "kind": "anticipated"}}))


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
    folds = Folds(sent(status=partners, sites=()), do.AdoptTrial())
    assert shown(folds)["status"] == partners
    folds.give(ours)
    assert shown(folds)["status"].get("why") != WHY
    folds.give(undo(folds.trial.version))

    assert shown(folds)["status"] == partners


def test_what_a_partner_had_said_stands_again_once_nobody_has_opened() -> None:
    partners = {"authorisation": "published", "recruitment": "not_yet", **STATED}
    folds = Folds(sent(status=partners, sites=()), do.AdoptTrial(), do.AddSite(site=site()))
    folds.give(command("site change-authorisation", reason="filed", to="published", on="2026-11-01"))
    folds.give(command("site open", on="2026-11-02"))
    assert "why" not in shown(folds)["status"]
    folds.give(at_site(5, void=True))

    assert shown(folds)["status"] == partners


def test_a_site_of_a_partners_list_is_as_that_said_again() -> None:
    folds = Folds(sent(), do.AdoptTrial())
    before = shown(folds), known(folds)
    folds.give(command("discontinue", on="2026-11-20", why=OTHER_WHY))
    folds.give(undo(3))

    assert (shown(folds), known(folds)) == before
