"""A programme: protocols and versions, linked registrations, regions declared and joined, halts, and its end."""

from typing import Any

import pytest

from events.schemas.programme import HaltReach
from registry.domain.programme import commands as do
from registry.domain.programme.standing import gate_of, restarts_by_law
from tests.support.programmes import Course, joined, registered
from tests.support.regions import OFFICE, PROGRAMME, SPONSOR, day, terms

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SECOND = "nara-sponsor"


def version(version: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"protocol": "main", "version": version, "number": "01", "dated": "2024-01", "sha256": SHA, **fields}


def halted(item: str = "h1", by: str = SPONSOR, **fields: Any) -> dict[str, Any]:
    defaults = {"actor": "sponsor", "kind": "temporary_halt", "scope": "all", "decided": day("2025-01-10")}
    return {"item": item, "organisation": by, **defaults, **fields}


def test_a_programme_is_registered_once_and_amended_with_a_reason() -> None:
    course = registered()
    details = {"title": {"en": "Another"}}
    assert course.refused(do.RegisterProgramme, details=details) == {"already-registered"}
    assert Course().refused(do.AddProtocol, protocol={"protocol": "a", "number": "1"}) == {"programme-unknown"}

    event = course.do(do.AmendProgramme, reason="settled", details={"acronym": "EXAMPLE"})
    assert (event.was.acronym, event.now.acronym) == (None, "EXAMPLE")
    assert event.now.title == event.was.title
    assert course.refused(do.AmendProgramme, reason="x", details={"acronym": "EXAMPLE"}) == {"no-change"}
    assert course.refused(do.AmendProgramme, reason="x", details={"title": None}) == {"title-missing"}


def test_an_owner_sponsors_and_a_second_sponsor_may_sponsor_one_protocol() -> None:
    course = joined()
    other = {"organisation": SECOND, "kind": "second_sponsor", "protocols": ["main"]}
    assert course.do(do.AddSponsor, sponsor=other).sponsor.protocols == ("main",)

    assert course.refused(do.AddSponsor, sponsor=other) == {"no-change"}
    assert course.refused(do.AddSponsor, sponsor={**other, "protocols": ["x"]}) == {"protocol-unknown"}
    assert course.refused(do.AddSponsor, sponsor={**other, "organisation": SPONSOR}) == {"owner-sponsors"}
    assert course.refused(do.RemoveSponsor, reason="x", organisation=SPONSOR) == {"sponsor-unknown"}
    course.do(do.RemoveSponsor, reason="the contract ended", organisation=SECOND)
    assert course.refused(do.RemoveSponsor, reason="x", organisation=SECOND) == {"sponsor-unknown"}


def test_a_version_of_a_protocol_has_its_digest_its_poolings_and_what_is_planned_where() -> None:
    course = joined()
    asia = {"item": "asia", "name": {"en": "East Asia"}, "regions": ["JP", "KR"], "purposes": ["analysis"]}
    safety = {**asia, "item": "asia-safety", "regions": ["JP"], "purposes": ["safety_review"], "planned": 10}
    across = {"item": "severe", "name": {"en": "Severe"}, "trait": {"en": "Severe disease"}, "purposes": ["analysis"]}
    planned = [{"region": "JP", "participants": 40}, {"region": "BE", "participants": 6}]
    course.do(do.AddProtocolVersion, version=version(poolings=[asia, safety, across], planned=planned))

    version_kept = course.programme.versions["main", "v1"]
    assert version_kept.sha256 == SHA
    assert [one.item for one in version_kept.poolings if "JP" in (one.regions or ())] == ["asia", "asia-safety"]
    assert {one.region: one.participants for one in version_kept.planned} == {"JP": 40, "BE": 6}


@pytest.mark.parametrize(
    ("stated", "rules"),
    [
        (version(), {"version-known"}),
        (version("v2", protocol="other"), {"protocol-unknown"}),
        (version("v2", follows="v0"), {"version-unknown"}),
        (version("v2", follows="v1"), set()),
        (version("v2", planned=[{"region": "JP", "participants": 1}] * 2), {"planned-twice"}),
        (version("v2", poolings=[{"item": "p", "name": {"en": "x"}, "purposes": ["analysis"]}]), {"pools-nothing"}),
    ],
)
def test_a_version_that_can_not_be_is_refused(stated: dict[str, Any], rules: set[str]) -> None:
    course = joined()
    course.do(do.AddProtocolVersion, version=version())

    assert course.refused(do.AddProtocolVersion, version=stated) == rules
    assert course.refused(do.AddProtocol, protocol={"protocol": "main", "number": "1"}) == {"protocol-known"}


@pytest.mark.parametrize(
    ("written", "registry", "number"),
    [
        ("NCT04665037", "ctgov", "NCT04665037"),
        ("nct 04665037", "ctgov", "NCT04665037"),
        ("2019-003842-34", "euctr", "EUCTR2019-003842-34"),
        ("ＪＲＣＴ2031210001", "jrct", "jRCT2031210001"),
    ],
)
def test_a_registration_elsewhere_is_linked_by_its_number_however_it_is_written(
    written: str, registry: str, number: str
) -> None:
    course = joined()
    event = course.do(do.LinkToProgramme, number=written, protocol="main")

    assert (event.number.written, event.number.registry, event.number.number) == (written, registry, number)
    assert course.refused(do.LinkToProgramme, registration="again", number=number) == {"already-linked"}


def test_a_trial_of_ours_is_linked_once_and_unlinked_with_a_reason() -> None:
    course = joined()
    event = course.do(do.LinkToProgramme, trial="t1")
    assert event.registration.startswith("i")
    assert course.programme.trials == ("t1",)

    assert course.refused(do.LinkToProgramme, trial="t1") == {"already-linked"}
    assert course.refused(do.LinkToProgramme, trial="t2", registration=event.registration) == {"registration-known"}
    assert course.refused(do.LinkToProgramme, trial="t2", number="NCT04665037") == {"link-unclear"}
    assert course.refused(do.LinkToProgramme) == {"link-unclear"}
    assert course.refused(do.LinkToProgramme, number="no number at all") == {"number-unknown"}
    assert course.refused(do.LinkToProgramme, trial="t2", protocol="x") == {"protocol-unknown"}
    unlinked = course.do(do.UnlinkFromProgramme, reason="another's", registration=event.registration)
    assert (unlinked.trial, course.programme.trials) == ("t1", ())
    assert course.refused(do.UnlinkFromProgramme, reason="x", registration="r") == {"registration-unknown"}


def test_a_country_that_somebody_names_has_not_joined() -> None:
    course = joined()
    course.do(do.DeclareRegion, country="PH")
    course.do(do.DeclareRegion, OFFICE, country="PH", by="ctgov", source="NCT04665037 of 2024-01-02")
    assert course.do(do.DeclareRegion, country="PH") is None

    assert [(one.country, one.asserted_by, one.source) for one in course.programme.declared] == [
        ("PH", SPONSOR, None),
        ("PH", "ctgov", "NCT04665037 of 2024-01-02"),
    ]
    assert "PH" not in course.programme.regions
    assert course.refused(do.DeclareRegion, OFFICE, country="US", by="ctgov") == {"source-missing"}


@pytest.mark.parametrize(
    ("terms", "rules"),
    [
        (terms("JP", "jp-crb", "jp-crb"), set()),
        (terms("JP-crb", "jp-crb", "jp-crb"), set()),
        (terms("BE"), {"region-known"}),
        (terms("JP", "jp-crb", "eu-ctr"), {"procedure-unknown"}),
        (terms("JP", country="KR"), {"country-differs"}),
        (terms("JP", "no-law"), {"regime-unknown", "procedure-unknown"}),
    ],
)
def test_a_country_joins_under_one_regime_that_the_tables_know(terms: dict[str, Any], rules: set[str]) -> None:
    assert joined().refused(do.JoinRegion, terms=terms, on=day("2024-02-01")) == rules


def test_a_country_takes_part_under_two_regimes_as_two_regions() -> None:
    course = joined()
    course.join("JP", "jp-chiken")
    course.join("JP-crb", "jp-crb")

    assert [course.programme.regions[code].country for code in ("JP", "JP-crb")] == ["JP", "JP"]


def test_a_joint_step_has_a_lead_that_is_a_member_and_members_that_have_joined() -> None:
    course = joined()
    step = {"step": "part-1", "lead": "BE", "members": ["BE", "GR", "PL"]}

    assert course.do(do.SetJointStep, joint_step=step) is None, "it is so already"
    assert course.refused(do.SetJointStep, joint_step={**step, "members": ["BE", "US"]}) == {"region-unknown"}
    assert course.refused(do.SetJointStep, joint_step={**step, "members": ["GR", "PL"]}) == {"lead-no-member"}


@pytest.mark.parametrize(
    ("actor", "kind", "may"),
    [
        ("sponsor", "temporary_halt", True),
        ("sponsor", "interruption", False),
        ("authority", "suspension", False),
        ("authority", "clinical_hold", False),
        ("minister", "emergency_order", False),
        ("ethics_body", "ethics_suspension", False),
        ("institution", "institution_measure", False),
        ("investigator", "interruption", False),
    ],
)
def test_only_a_sponsor_halts_a_programme(actor: str, kind: str, may: bool) -> None:
    rules = joined().refused(do.HaltProgramme, halt=halted(actor=actor, kind=kind))

    assert rules == (set() if may else {"may-not-halt"})


def linked() -> Course:
    """Two protocols with a trial each, and one trial that is of none."""
    course = joined()
    course.do(do.AddProtocol, protocol={"protocol": "other", "number": "2"})
    for registration, trial, protocol in (("a", "t1", "main"), ("b", "t2", "other"), ("c", "t3", None)):
        course.do(do.LinkToProgramme, registration=registration, trial=trial, protocol=protocol)
    return course


@pytest.mark.parametrize(
    ("reach", "reached"),
    [
        (None, "abc"),
        ({}, "abc"),
        ({"protocol": "main"}, "a"),
        ({"registration": "b"}, "b"),
        ({"registration": "c"}, "c"),
    ],
)
def test_a_halt_reaches_the_programme_a_protocol_or_a_registration(reach: Any, reached: str) -> None:
    course = linked()
    course.do(do.HaltProgramme, halt=halted(), reach=reach)
    gates = {one: gate_of(course.programme, PROGRAMME, one) for one in "abc"}

    assert "".join(one for one, gate in gates.items() if list(gate.shut_by())) == reached
    assert HaltReach.model_validate(reach or {}).model_dump(exclude_none=True) == (reach or {})


def test_a_halt_in_one_protocol_of_another_sponsor_is_a_warning_in_the_others() -> None:
    course = linked()
    course.do(do.AddSponsor, sponsor={"organisation": SECOND, "kind": "second_sponsor", "protocols": ["other"]})

    assert course.refused(do.HaltProgramme, SECOND, halt=halted(by=SECOND)) == {"not-its-protocol"}
    main = {"reach": {"protocol": "main"}}
    assert course.refused(do.HaltProgramme, SECOND, halt=halted(by=SECOND), **main) == {"not-its-protocol"}
    for own in ({"protocol": "other"}, {"registration": "b"}):
        assert course.refused(do.HaltProgramme, SECOND, halt=halted(by=SECOND), reach=own) == set()


@pytest.mark.parametrize(
    ("halt_fields", "rules"),
    [
        ({"halt": halted(by="stranger")}, {"not-its-act", "source-missing"}),
        ({"halt": halted(), "reach": {"protocol": "x"}}, {"protocol-unknown"}),
        ({"halt": halted(), "reach": {"registration": "x"}}, {"registration-unknown"}),
        ({"halt": halted(arms=["high"])}, {"arms-of-nothing"}),
        ({"halt": halted(decided=day("2031"))}, {"date-in-future"}),
    ],
)
def test_a_halt_that_can_not_be_is_refused(halt_fields: dict[str, Any], rules: set[str]) -> None:
    assert linked().refused(do.HaltProgramme, **halt_fields) == rules


def test_a_halt_of_a_programme_ends_by_the_word_of_who_halted() -> None:
    course = linked()
    course.do(do.HaltProgramme, halt=halted())
    lift = {"halt": "h1", "basis": "own_word", "on": day("2025-02-01")}

    assert course.refused(do.LiftProgrammeHalt, SECOND, **lift) == {"not-who-halted"}
    assert course.refused(do.LiftProgrammeHalt, **{**lift, "halt": "h2"}) == {"halt-unknown"}
    assert course.refused(do.LiftProgrammeHalt, **{**lift, "basis": "authority_word"}) == {"restart-basis"}
    assert course.refused(do.LiftProgrammeHalt, **{**lift, "on": day("2025-01-09")}) == {"lifted-before"}
    course.do(do.LiftProgrammeHalt, **lift)
    assert course.programme.halts == {}
    assert course.refused(do.HaltProgramme, halt=halted()) == {"halt-known"}


@pytest.mark.parametrize(
    ("benefit_risk", "regions"), [(True, {"BE", "GR", "PL", "JP-crb", "GB"}), (False, {"JP-crb", "GB"})]
)
def test_where_the_law_asks_for_more_than_the_sponsor_s_word_a_halt_is_the_region_s_too(
    benefit_risk: bool, regions: set[str]
) -> None:
    course = joined()
    for code, regime in (("US", "us-ind"), ("JP", "jp-chiken"), ("JP-crb", "jp-crb"), ("GB", "uk-combined")):
        course.join(code, regime)
    event = course.do(do.HaltProgramme, halt=halted(benefit_risk=benefit_risk))

    assert set(restarts_by_law(course.programme, event.halt)) == regions


def test_the_end_of_a_programme_shuts_every_gate() -> None:
    course = linked()
    course.do(do.EndProgramme, kind="early", on=day("2026-01-10"))

    assert [list(gate_of(course.programme, PROGRAMME, one).shut_by()) for one in "abc"] == [["programme_ended"]] * 3
    assert course.refused(do.EndProgramme, kind="early", on=day("2026-01-10")) == {"already-recorded"}
    assert "programme-over" in course.refused(do.JoinRegion, terms=terms("JP"), on=day("2026-01-11"))


def test_events_of_a_programme_are_corrected_by_who_said_them() -> None:
    course = linked()
    course.do(do.HaltProgramme, halt=halted())
    at = course.programme.version
    fixed = {"reason": "misread", "corrects": at}
    course.do(do.CorrectProgrammeEvent, **fixed, on=day("2025-01-09"))
    assert course.programme.halts["h1"].halt.decided.date == "2025-01-09"

    assert course.refused(do.CorrectProgrammeEvent, SECOND, **fixed, void=True) == {"not-its-act"}
    assert course.refused(do.CorrectProgrammeEvent, **fixed, on=day("2025-01-09")) == {"no-change"}
    assert course.refused(do.CorrectProgrammeEvent, **fixed) == {"correction-empty"}
    assert course.refused(do.CorrectProgrammeEvent, reason="x", corrects=1, void=True) == {"event-followed"}
    assert course.refused(do.CorrectProgrammeEvent, reason="x", corrects=4, void=True) == {"event-followed"}
    assert course.refused(do.CorrectProgrammeEvent, reason="x", corrects=99, void=True) == {"event-unknown"}
    assert course.refused(do.CorrectProgrammeEvent, reason="x", corrects=3, on=day("2024")) == {"no-day"}
    course.do(do.CorrectProgrammeEvent, **fixed, void=True)
    assert course.programme.halts == {}
    assert course.refused(do.CorrectProgrammeEvent, **fixed, void=True) == {"already-void"}


def test_a_halt_that_was_lifted_is_not_made_void_before_its_lift() -> None:
    course = linked()
    course.do(do.HaltProgramme, halt=halted())
    at = course.programme.version
    course.do(do.LiftProgrammeHalt, halt="h1", basis="own_word", on=day("2025-02-01"))
    void = {"reason": "x", "void": True}

    assert course.refused(do.CorrectProgrammeEvent, **void, corrects=at) == {"event-followed"}
    course.do(do.CorrectProgrammeEvent, **void, corrects=at + 1)
    assert set(course.programme.halts) == {"h1"}
    course.do(do.CorrectProgrammeEvent, **void, corrects=at)
    assert course.programme.halts == {}
