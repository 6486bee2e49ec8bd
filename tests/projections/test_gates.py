"""Behind a gate and under a halt: who can join at a site, in a country and in a whole trial, and if nobody, why."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pytest

from adapters.catalogue import SOURCES
from adapters.reading import Parsed
from events.schemas.trial import TrialGateSet, TrialImportChanged
from projections.trial import joining
from projections.trial.courses import FORBIDDEN, Joining, WhyNot, on
from projections.trial.document import Document
from registry.exchange.partners import records_of
from registry.pages.showing import trial_shown
from registry.pages.words import Language, words_in
from tests.projections.test_joining import SITES, TODAY, TRIALS, answer_of, answer_of_site, site, trial
from tests.projections.trials import folded, imported, source
from tests.support.ctgov import SAMPLES

HALT: Final = {
    "item": "halt-1",
    "actor": "sponsor",
    "organisation": "sponsor-1",
    "kind": "temporary_halt",
    "scope": "enrolment",
    "decided": {"date": "2026-11-20"},
}


def gate(region: str | None = "JP", on: str = "2026-11-10", **fields: Any) -> Document:
    """A gate of a programme by its key: that of Japan, open, unless it says otherwise."""
    of_region = {} if region is None else {"region": region, "country": region[:2], "state": "permitted"}
    stored = {"programme": "p", "version": 1, "halts": [], "ended": False, "publication": "not_asked", "on": on}
    return {"p" if region is None else f"p:{region}": {**stored, **of_region, **fields}}


def behind(*sites: Document, **fields: Any) -> Document:
    """A trial that recruits in Japan, behind one gate."""
    return trial("recruiting", *sites, registration={"countries": ["JP"]}, gates=gate(**fields))


ACTS: Final = ("ethics_approved", "institution_permitted")
WITH_ACTS: Final = {"milestones": {str(n): {"milestone": one, "actual": "2026-10"} for n, one in enumerate(ACTS, 4)}}
"""Acts of its own, for whatever version of the protocol."""
WHY_SHUT: Final = {
    "halted in its country": (gate(halts=[HALT]), ("paused", "halted", "2026-11-20")),
    "halted everywhere": (gate(None, halts=[HALT]), ("paused", "halted", "2026-11-20")),
    "halted elsewhere": (gate("US", halts=[HALT]), ("recruiting", None, None)),
    "only treatment is halted": (gate(halts=[{**HALT, "scope": "dosing"}]), ("recruiting", None, None)),
    "one arm is halted": (gate(halts=[{**HALT, "arms": ["high"]}]), ("recruiting", None, None)),
    "the programme has ended": (gate(None, ended=True), ("closed", "programme_ended", None)),
    "its country is under review": (gate(state="under_review"), ("not_yet", "region_not_permitted", "2026-11-10")),
    "its country refused": (gate(state="refused"), ("closed", "region_not_permitted", "2026-11-10")),
    "its country suspended it": (gate(state="suspended"), ("paused", "region_not_permitted", "2026-11-10")),
    "its country permits, but not the start": (
        gate(state="permitted_blocked"),
        ("not_yet", "region_blocked", "2026-11-10"),
    ),
    "the filing is not public": (gate(publication="awaited"), ("not_yet", "filing_not_published", None)),
    "it has no act of its own": (gate(ethics="per_institution"), ("not_yet", "site_act_missing", None)),
    "its country needs no act of a site": (gate(ethics="within_decision"), ("recruiting", None, None)),
    "it has not opened since a halt": (
        gate(ends=[{"version": 9, "on": "2026-11-22"}]),
        ("paused", "not_reopened", "2026-11-22"),
    ),
    "the link was removed": (gate(removed=True), ("recruiting", None, None)),
}
"""Gates, and the answer for a site in Japan that says it recruits."""


@pytest.mark.parametrize("name", WHY_SHUT)
def test_a_gate_shuts_the_site_behind_it_and_says_why(name: str) -> None:
    gates, expected = WHY_SHUT[name]
    document = trial("recruiting", site(), registration={"countries": ["JP"]}, gates=gates)

    assert answer_of_site(document) == expected


@pytest.mark.parametrize("name", WHY_SHUT)
def test_what_a_site_reported_of_itself_stays_where_a_gate_shuts_it(name: str) -> None:
    gates, (_, shut, _) = WHY_SHUT[name]
    for reported_as in ("paused", "closed", "not_yet"):
        document = trial("recruiting", site(reported_as), registration={"countries": ["JP"]}, gates=gates)

        assert answer_of_site(document)[:2] == (reported_as, reported_as), shut


@pytest.mark.parametrize("name", WHY_SHUT)
def test_a_trial_without_sites_is_shut_as_a_site_would_be(name: str) -> None:
    gates, expected = WHY_SHUT[name]
    whole = expected if expected[1] != "site_act_missing" else ("recruiting", None, None)

    assert answer_of(trial("recruiting", registration={"countries": ["JP"]}, gates=gates)) == whole


def test_whose_halt_it_is_is_said_beside_since_when() -> None:
    document = behind(
        site(), halts=[{**HALT, "actor": "authority", "item": "b"}, {**HALT, "decided": {"date": "2026"}}]
    )
    answer = on(joining.of_site(document, document["sites"]["0"]), TODAY)

    assert (answer.by, answer.since, answer.to_json()["by"]) == ("sponsor", "2026", "sponsor")
    assert Joining.from_stored(answer.to_stored()) == answer


def test_acts_of_its_own_open_a_site_for_the_version_that_it_uses() -> None:
    of_version = {"milestone": "ethics_approved", "actual": "2026-10-01", "protocol_version": "1.0"}
    permitted = {"milestone": "institution_permitted", "actual": "2026-10-02"}
    using = {"milestone": "version_in_use", "actual": "2026-11-01", "protocol_version": "2.0"}
    refused = {"milestone": "ethics_refused", "actual": "2026-11-02"}
    cases = {
        "both acts": ([of_version, permitted], None),
        "one act": ([permitted], "site_act_missing"),
        "planned only": ([{"milestone": "ethics_approved", "planned": "2026-12"}, permitted], "site_act_missing"),
        "another version": ([of_version, permitted, using], "site_act_missing"),
        "refused since": ([of_version, permitted, refused], "site_act_missing"),
        "refused before": ([{**refused, "actual": "2026-09"}, of_version, permitted], None),
        "of any version": ([{**of_version, "protocol_version": "2.0"}, permitted, using], None),
        "as its source calls it": (
            [{"milestone": "other", "actual": "2026-10", "written": "EC ok"}],
            "site_act_missing",
        ),
    }
    for name, (stated, expected) in cases.items():
        milestones = {str(number): one for number, one in enumerate(stated, 4)}
        document = behind(site(milestones=milestones), ethics="per_institution")

        assert answer_of_site(document)[1] == expected, name


def test_a_site_is_open_again_only_once_it_says_so_after_the_last_lift() -> None:
    ends = [{"version": 9, "on": "2026-11-22"}, {"version": 12, "on": "2026-11-25"}]
    opened = {
        "before both": ({"8": "2026-11-01"}, "not_reopened"),
        "between them": ({"8": "2026-11-01", "10": "2026-11-23"}, "not_reopened"),
        "after both": ({"8": "2026-11-01", "13": "2026-11-26"}, None),
        "after both, on the day of the lift": ({"13": "2026-11-25"}, None),
        "after both, of a day before": ({"13": "2026-11-24"}, "not_reopened"),
        "after both, of the month": ({"13": "2026-11"}, None),
    }
    for name, (days, expected) in opened.items():
        assert answer_of_site(behind(site(opened=days), ends=ends))[1] == expected, name


def test_a_halt_of_the_site_alone_shuts_it_until_it_is_lifted_and_the_site_opens_again() -> None:
    other = {**HALT, "item": "halt-2", "actor": "institution"}
    lifted = {"lifted": {"on": "2026-11-22", "version": 7}}
    cases = {
        "stands": ({"halt-1": HALT}, "halted"),
        "one of two lifted": ({"halt-1": {**HALT, **lifted}, "halt-2": other}, "halted"),
        "both lifted": ({"halt-1": {**HALT, **lifted}, "halt-2": {**other, **lifted}}, "not_reopened"),
        "of treatment": ({"halt-1": {**HALT, "scope": "dosing"}}, None),
        "of treatment, lifted": ({"halt-1": {**HALT, "scope": "dosing", **lifted}}, None),
    }
    for name, (halts, expected) in cases.items():
        assert answer_of_site(trial("recruiting", site(halts=halts)))[1] == expected, name
    assert (
        answer_of_site(trial("recruiting", site(halts={"halt-1": {**HALT, **lifted}}, opened={"8": "2026-11-23"})))[1]
        is None
    )


def test_a_trial_goes_on_at_the_sites_that_no_gate_shuts() -> None:
    abroad = site(place={"country": "US"})
    gates = gate(halts=[HALT])

    assert answer_of(trial("recruiting", site(), abroad, gates=gates)) == ("recruiting", None, None)
    assert answer_of(trial("recruiting", site(), gates=gates)) == ("paused", "no_site_open", None)
    assert answer_of(trial("recruiting", site("unknown"), gates=gates)) == ("paused", "no_site_open", None)
    assert (
        answer_of(trial("recruiting", site("unknown"), site("unknown", place={"country": "US"}), gates=gates))[1]
        is None
    )


def test_in_a_country_somebody_can_join_at_a_site_there_and_nowhere_else() -> None:
    abroad = site(place={"country": "US"})
    everywhere = {"countries": ["JP", "US"]}
    cases = {
        "open in Japan": (trial("recruiting", site(), abroad), None),
        "open elsewhere": (trial("recruiting", site("not_yet"), abroad), "no_site_open"),
        "no site in Japan": (trial("recruiting", abroad, registration=everywhere), "no_site_open"),
        "its site in Japan says nothing": (trial("recruiting", site("unknown"), abroad), "unknown"),
        "one site in Japan says nothing": (trial("recruiting", site("unknown"), site(), abroad), None),
        "its only site says nothing": (trial("recruiting", site("unknown")), None),
        "no sites at all": (trial("recruiting", registration=everywhere), "unknown"),
        "no sites at all, in Japan alone": (trial("recruiting", registration={"countries": ["JP"]}), None),
        "no sites at all, not in Japan": (trial("recruiting", registration={"countries": ["US"]}), "no_site_open"),
        "halted in Japan": (trial("recruiting", registration=everywhere, gates=gate(halts=[HALT])), "halted"),
        "halted in the United States": (
            trial("recruiting", site(), abroad, gates=gate("US", halts=[HALT])),
            None,
        ),
        "closed": (trial("closed", site()), "closed"),
    }
    for name, (document, expected) in cases.items():
        answer = on(joining.in_country(document, "JP"), TODAY)

        assert (answer.why_not and str(answer.why_not)) == expected, name


def test_reasons_of_trials_and_sites_are_all_met_here() -> None:
    """A reason that is added gets a case."""
    tried = (*TRIALS.values(), *SITES.values(), *WHY_SHUT.values())
    met = {right[1] for _, right in tried} | {str(why) for why, _ in FORBIDDEN.values()}

    assert {str(why) for why in WhyNot} <= met


def test_a_partners_site_is_open_again_once_a_version_of_its_record_from_after_the_lift_says_so() -> None:
    """Nobody reports on it here: its home registry speaks for it."""
    gates = [
        TrialGateSet(gate={"programme": "p", "version": version, "halts": halts}, on=day)
        for version, halts, day in ((1, [HALT], "2026-04-01"), (2, [], "2026-04-02"))
    ]
    versions = {
        "halted": (gates[:1], "halted"),
        "lifted": (gates, "not_reopened"),
        "lifted, a version from before": ([*gates, received("2026-03")], "not_reopened"),
        "lifted, a version from after": ([*gates, received("2026-04-03")], None),
    }
    for name, (since, expected) in versions.items():
        document = folded(imported(dated="2026-03"), *since)
        answer = on(joining.of_site(document, document["sites"]["s1"]), date(2026, 5, 1))

        assert (answer.why_not and str(answer.why_not)) == expected, name


def received(dated: str) -> TrialImportChanged:
    """Another version of the partner's record, which says the same."""
    return TrialImportChanged(source=source(digest="b", dated=dated), changes=[])


@pytest.mark.skipif(not SAMPLES, reason="../shared, with the real samples, is not here")
def test_a_trial_that_recruits_at_one_site_abroad_is_not_said_to_recruit_in_japan() -> None:
    """Coordination reference, 6.3: 27 countries, 315 sites, one of which recruits, and none of 42 in Japan."""
    [study] = [one for one in _studies() if isinstance(one, Parsed) and one.home.number == "NCT05850520"]
    fields = {name: getattr(study, name) for name in ("home", "registration", "status", "sites")}
    document = folded(imported().model_copy(update=fields))
    day = date(2023, 6, 30)
    shown = trial_shown(words_in(Language.ENGLISH), document, (), "", day)

    assert on(joining.of_trial(document), day).possible
    assert on(joining.in_country(document, "US"), day).possible
    assert on(joining.in_country(document, "JP"), day).why_not is WhyNot.NO_SITE_OPEN
    assert shown["in_japan"].words == "No site is recruiting today"
    in_japan = [site for site in document["sites"].values() if site["place"]["country"] == "JP"]
    assert len(in_japan) == 42
    assert not any(answer.possible for _, answer in joining.at_sites(document, in_japan, day))


def _studies() -> Iterator[Any]:
    for file in SAMPLES:
        yield from records_of(SOURCES["ctgov"], [file.read_bytes()], file.name)


def test_a_site_without_a_status_is_shown_as_neither_open_nor_closed() -> None:
    document = trial("recruiting", site("unknown", name={"en": "A"}), site("closed", name={"en": "B"}))
    page = trial_shown(words_in(Language.ENGLISH), {**document, **SHOWN}, (), "", TODAY)
    badges = {site.name.text: (site.status.words, site.open) for region in page["regions"] for site in region.sites}

    assert badges == {"A": ("Unknown", False), "B": ("Closed", False)}


SHOWN: Final = {"trial": "a", "number": "JTR2026000017", "last_changed": "2026-11-22T00:00:00Z", "version": 1}
