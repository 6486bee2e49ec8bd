"""What a site is called, where it is, whose it is, and which other site it is: said, taken back, and refused."""

from dataclasses import replace
from typing import Any

import pytest

from events.schemas import trial as events
from registry.domain.decider import Command, Rejection
from registry.domain.permissions import Actor, NotPermitted, Role
from registry.domain.permitting import check
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import Trial
from tests.registry.domain import test_imports as imports
from tests.registry.domain.test_trial import ADD, CONTEXT, PUBLISH, REGISTER, after
from tests.support.trials import site

STATE = after(REGISTER, PUBLISH, ADD, do.AddSite(site=site("osaka")))
MOVED = {"place": {"city": "Uji", "country": "JP"}}


def amend(**amendment: Any) -> do.AmendSite:
    return do.AmendSite.model_validate({"site": "kyoto", "reason": "moved", "amendment": amendment})


def same(one: str, other: str | None) -> do.IdentifySite:
    return do.IdentifySite(site=one, reason="one hospital under two ids", same_as=other)


def changed(trial: Trial, *commands: Command) -> Trial:
    for command in commands:
        event = decide(trial, command, CONTEXT)
        assert event is not None
        found = evolve(trial, event)
        assert found is not None
        trial = found
    return trial


def refused(trial: Trial, command: Command) -> set[str]:
    with pytest.raises(Rejection) as refusal:
        decide(trial, command, CONTEXT)
    return {fault.rule for fault in refusal.value.faults}


def test_an_amendment_of_a_site_says_what_changed_and_nothing_else() -> None:
    event = decide(STATE, amend(**MOVED, organisation="uji-hospital"), CONTEXT)
    assert isinstance(event, events.SiteAmended)
    trial = evolve(STATE, event)
    assert trial is not None

    assert [(one.field, one.new) for one in event.changes] == [
        ("/organisation", "uji-hospital"),
        ("/place", {"city": "Uji", "country": "JP"}),
    ]
    assert trial.sites["kyoto"].organisation == "uji-hospital"
    assert trial.sites["kyoto"].details == {**STATE.sites["kyoto"].details, **MOVED, "organisation": "uji-hospital"}
    assert trial.sites_bytes > STATE.sites_bytes
    assert replace(trial, sites=STATE.sites, sites_bytes=0) == replace(STATE, version=trial.version, sites_bytes=0)


def test_what_is_set_to_null_is_unknown_afterwards() -> None:
    trial = changed(STATE, amend(organisation=None))

    assert trial.sites["kyoto"].organisation is None
    assert "organisation" not in trial.sites["kyoto"].details


@pytest.mark.parametrize(
    ("command", "rules"),
    [
        (amend(), {"no-change"}),
        (amend(name={"ja": "京都中央病院"}, organisation="kyoto-hp"), {"no-change"}),
        (amend(name=None), {"incomplete"}),
        (do.AmendSite.model_validate({"site": "nara", "reason": "x", "amendment": MOVED}), {"site-unknown"}),
        (amend(contacts=[{"role": "site", "affiliation": {"en": "x" * 2_000}}] * 15), {"too-large"}),
    ],
    ids=["nothing", "as it is", "no name", "no site", "too large"],
)
def test_an_amendment_that_can_not_be_is_refused(command: do.AmendSite, rules: set[str]) -> None:
    assert refused(STATE, command) == rules


def test_the_owner_and_the_office_amend_a_site_and_the_site_itself_does_not() -> None:
    check(Actor("t", Role.SPONSOR, STATE.owner or ""), amend(**MOVED), STATE)
    check(Actor("t", Role.REGISTRY, "office"), amend(**MOVED), STATE)
    for role, organisation in ((Role.SITE, "kyoto-hp"), (Role.SPONSOR, "another"), (Role.REGULATOR, "x")):
        with pytest.raises(NotPermitted):
            check(Actor("t", role, organisation), amend(**MOVED), STATE)


def test_the_organisation_that_reports_is_the_one_that_the_site_has_now() -> None:
    trial = changed(STATE, amend(organisation="uji-hospital"))
    report = do.OpenSite(site="kyoto", on="2026-11-20")

    check(Actor("t", Role.SITE, "uji-hospital"), report, trial)
    with pytest.raises(NotPermitted):
        check(Actor("t", Role.SITE, STATE.sites["kyoto"].organisation or ""), report, trial)


def test_two_sites_are_one_until_that_is_taken_back() -> None:
    one = changed(STATE, same("osaka", "kyoto"))

    assert one.sites["osaka"].same_as == "kyoto"
    assert refused(one, do.OpenSite(site="osaka", on="2026-11-20")) == {"site-same"}
    event = decide(one, same("osaka", None), CONTEXT)
    assert event == events.SiteIdentified(site="osaka", was="kyoto", now=None)
    assert changed(one, same("osaka", None)).sites == STATE.sites


@pytest.mark.parametrize(
    ("history", "command", "rules"),
    [
        ([], same("osaka", "osaka"), {"site-same"}),
        ([], same("osaka", "nara"), {"site-unknown"}),
        ([], same("nara", "kyoto"), {"site-unknown"}),
        ([], same("osaka", None), {"no-change"}),
        ([same("osaka", "kyoto")], same("osaka", "kyoto"), {"no-change"}),
        ([same("osaka", "kyoto")], same("kyoto", "osaka"), {"site-same"}),
        ([same("osaka", "kyoto"), do.AddSite(site=site("nara"))], same("nara", "osaka"), {"site-same"}),
        ([same("osaka", "kyoto"), do.AddSite(site=site("nara"))], same("kyoto", "nara"), {"site-same"}),
    ],
)
def test_no_site_is_itself_or_one_that_is_another(
    history: list[Command], command: do.IdentifySite, rules: set[str]
) -> None:
    assert refused(changed(STATE, *history), command) == rules


def test_sites_of_a_partners_trial_that_are_one_stay_so_when_the_partner_sends_it_again() -> None:
    trial = changed(imports.after(imports.sent()), same("s2", "s1"))
    paused = imports.sent("b", status={**imports.STATUS, "recruitment": "paused"})
    again = imports.after(paused, state=trial)

    assert (again.sites["s2"].same_as, again.sites["s1"].same_as) == ("s1", None)


def test_the_office_alone_says_that_two_sites_are_one() -> None:
    check(Actor("t", Role.REGISTRY, "office"), same("osaka", "kyoto"), STATE)
    with pytest.raises(NotPermitted):
        check(Actor("t", Role.SPONSOR, STATE.owner or ""), same("osaka", "kyoto"), STATE)


def test_another_organisation_owns_the_trial_and_the_one_before_no_more() -> None:
    give = do.ChangeOwner(reason="merged", owner="new-owner")
    event = decide(STATE, give, CONTEXT)
    assert event == events.TrialOwnerChanged(was=STATE.owner or "", now="new-owner")
    trial = changed(STATE, give)
    add = do.AddSite(site=site("nara"))

    check(Actor("t", Role.SPONSOR, "new-owner"), add, trial)
    with pytest.raises(NotPermitted):
        check(Actor("t", Role.SPONSOR, STATE.owner or ""), add, trial)
    with pytest.raises(NotPermitted):
        check(Actor("t", Role.SPONSOR, STATE.owner or ""), give, STATE)
    check(Actor("t", Role.REGISTRY, "office"), give, STATE)
    assert refused(trial, give) == {"no-change"}
    assert replace(trial, owner=STATE.owner) == replace(STATE, version=trial.version)


def test_a_partners_trial_has_no_owner_to_change() -> None:
    assert refused(imports.after(imports.sent()), do.ChangeOwner(reason="x", owner="x")) == {"home-elsewhere"}
