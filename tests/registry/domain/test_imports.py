"""What a partner sent: the whole event it becomes, the whole state after it, what was kept, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from events.schemas.trial import OlderVersionKept, TrialImportChanged, TrialSourceAdded
from registry.domain.decider import Command, Context, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import SiteState, SourceView, State, Trial
from tests.support.trials import without_items

CONTEXT = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "registry", "JTR2026000001X")
HOME = {"registry": "CTGOV", "number": "NCT1", "url": "https://example.org/NCT1", "registered": "2020-05-01"}
REGISTRATION: dict[str, Any] = {"public_title": {"en": "A"}, "planned_size": 10, "acronym": "ABC"}
STATUS = {"authorisation": "published", "recruitment": "recruiting", "why": {"en": "as planned"}}
SITES = (
    {"site": "s1", "name": {"en": "A"}, "organisation": "hospital-a", "recruitment": "recruiting"},
    {"site": "s2", "name": {"en": "B"}, "recruitment": "unknown"},
)


def source(digest: str = "a", **changed: Any) -> dict[str, Any]:
    plain = {"registry": "CTGOV", "document": digest * 64, "media_type": "text/plain", "size": 1}
    return {**plain, "retrieved": "2026-11-01", **changed}


def sent(digest: str = "a", *, by: dict[str, Any] | None = None, **changed: Any) -> do.ImportTrial:
    fields = {"home": HOME, "registration": REGISTRATION, "status": STATUS, "sites": SITES, **changed}
    return do.ImportTrial.model_validate({**fields, "source": source(digest, **(by or {}))})


def evolved(state: State, event: Any) -> Trial:
    """The state but for which event said what of the registration, which test_corrections looks at."""
    trial = evolve(state, event)
    assert isinstance(trial, Trial)
    return replace(trial, touched=())


def after(*history: Command, state: State = None) -> Trial:
    for one in history:
        event = decide(state, one, CONTEXT)
        assert event is not None
        state = evolved(state, event)
    assert state is not None
    return state


WHOLE = {
    "home": HOME,
    "registration": REGISTRATION,
    "status": STATUS,
    "sites": {site["site"]: site for site in SITES},
}
SITES_AFTER = {
    "s1": SiteState("hospital-a", "published", "recruiting", details=SITES[0]),  # type: ignore[arg-type]
    "s2": SiteState(None, "published", "unknown", details=SITES[1]),  # type: ignore[arg-type]
}
IMPORTED = Trial(
    version=1,
    owner=None,
    home=sent().home,
    number=None,
    authorisation="published",  # type: ignore[arg-type]
    recruitment="recruiting",  # type: ignore[arg-type]
    registration=REGISTRATION,
    sites=SITES_AFTER,
    sources={"CTGOV": SourceView("CTGOV", "a" * 64, WHOLE, "2026-11-01", seen=frozenset({"a" * 64}))},
    whole=WHOLE,
)


def test_a_first_import_says_and_leaves_all_that_was_sent() -> None:
    event = decide(None, sent(), CONTEXT)

    assert event is not None
    assert event.to_stored() == {
        "home": HOME,
        "registration": REGISTRATION,
        "status": STATUS,
        "sites": list(SITES),
        "source": source(),
    }
    assert evolved(None, event) == IMPORTED


def test_a_changed_import_says_what_differs_and_keeps_what_went_blank() -> None:
    changed = sent("b", registration={"public_title": {"en": "B"}, "planned_size": 10})
    event = decide(IMPORTED, changed, CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert event.to_stored() == {
        "source": source("b"),
        "changes": [{"field": "/registration/public_title/en", "old": "A", "new": "B"}],
        "kept": ["/registration/acronym"],
    }
    registration = {**REGISTRATION, "public_title": {"en": "B"}}
    whole = {**WHOLE, "registration": registration}
    assert evolved(IMPORTED, event) == replace(
        IMPORTED,
        version=2,
        registration=registration,
        whole=whole,
        sources={"CTGOV": SourceView("CTGOV", "b" * 64, whole, "2026-11-01", seen=frozenset({"a" * 64, "b" * 64}))},
    )


@pytest.mark.parametrize(
    ("standing", "then", "stands"),
    [
        ("2026-09-21", "2020-01-01", True),
        ("2026-09-21", "2026-09-20", True),
        ("2026-09-21", "2026-08", True),
        ("2026-09-21", "2026-09", False),
        ("2026-09", "2026-09-01", False),
        ("2026", "2025-12-31", True),
        ("2026-09-21", "2026-09-21", False),
        ("2026-09-21", "2026-09-22", False),
        ("2026-09-21", None, False),
        (None, "2020-01-01", False),
    ],
)
def test_a_version_that_is_surely_older_changes_nothing(standing: str | None, then: str | None, stands: bool) -> None:
    state = evolved(None, decide(None, sent("a", by={"retrieved": standing}), CONTEXT))
    other = sent("b", by={"retrieved": then}, registration={"public_title": {"en": "B"}})
    event = decide(state, other, CONTEXT)

    assert isinstance(event, OlderVersionKept if stands else TrialImportChanged)


@pytest.mark.parametrize(
    ("standing", "then", "stands"),
    [
        (("2022-04-28", "2026-03-06"), ("2022-04-28", "2026-03-05"), True),
        (("2022-04-28", "2026-03-06"), ("2022-04-28", "2026-03-06"), False),
        (("2022-04-28", "2026-03-06"), ("2022-04-28", None), False),
        (("2022-04-28", None), ("2022-04-28", "2020-01-01"), False),
        ((None, "2026-03-06"), (None, "2026-03-05"), True),
        (("2022-04-28", "2026-03-06"), ("2022-04-27", "2026-03-07"), False),
        (("2022-04-28", "2026-03-06"), ("2022-04-29", "2026-03-05"), False),
        (("2022-04-28", "2026-03-06"), ("2022-04-27", None), True),
    ],
)
def test_where_the_home_changed_nothing_the_day_of_the_senders_data_tells_which_is_older(
    standing: tuple[str | None, str | None], then: tuple[str | None, str | None], stands: bool
) -> None:
    first, second = ({"retrieved": changed, "given_out": given_out} for changed, given_out in (standing, then))
    event = decide(after(sent("a", by=first)), sent("b", by=second), CONTEXT)

    assert isinstance(event, OlderVersionKept if stands else TrialImportChanged)


def test_a_version_without_a_date_lets_no_older_one_in_after_it() -> None:
    newer, undated = sent("a", by={"retrieved": "2026-09-21"}), sent("b", by={"retrieved": None})
    older = sent("c", by={"retrieved": "2020-01-01"}, registration={"public_title": {"en": "C"}})
    state = after(newer, undated)

    assert state.sources["CTGOV"].digest == "b" * 64
    assert isinstance(decide(state, older, CONTEXT), OlderVersionKept)


def test_an_older_version_is_named_once_and_changes_nothing_that_stands() -> None:
    older = sent("b", by={"retrieved": "2020-01-01"}, registration={"public_title": {"en": "B"}}, sites=())
    event = decide(IMPORTED, older, CONTEXT)

    assert event is not None
    assert event.to_stored() == {"source": source("b", retrieved="2020-01-01")}
    after_older = evolved(IMPORTED, event)
    known = IMPORTED.sources["CTGOV"]
    assert after_older == replace(
        IMPORTED, version=2, sources={"CTGOV": replace(known, seen=frozenset({"a" * 64, "b" * 64}))}
    )
    assert decide(after_older, older, CONTEXT) is None


def test_a_version_that_stood_is_named_already_when_it_comes_again() -> None:
    first, second = sent("a", by={"retrieved": "2020-01-01"}), sent("b", by={"retrieved": "2026-09-21"})

    assert decide(after(first, second), first, CONTEXT) is None


@pytest.mark.parametrize(
    ("sites", "changes", "fields_kept"),
    [
        ([], [], ["/sites/s1", "/sites/s2"]),
        (
            [SITES[1]],
            [
                {"field": "/sites/s1/left", "new": True},
                {"field": "/sites/s1/recruitment", "old": "recruiting", "new": "closed"},
            ],
            ["/sites/s1"],
        ),
        (
            [SITES[0]],
            [
                {"field": "/sites/s2/left", "new": True},
                {"field": "/sites/s2/recruitment", "old": "unknown", "new": "closed"},
            ],
            ["/sites/s2"],
        ),
    ],
    ids=["none listed", "one that recruits is gone", "one of whom nobody knew is gone"],
)
def test_a_site_that_is_listed_no_more_has_left(
    sites: list[Any], changes: list[dict[str, Any]], fields_kept: list[str]
) -> None:
    event = decide(IMPORTED, sent("b", sites=sites), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert ([change.to_stored() for change in event.changes], list(event.kept)) == (changes, fields_kept)
    assert event.effects is None
    trial = after(sent("b", sites=sites), state=IMPORTED)
    assert set(trial.sites) == {"s1", "s2"}
    assert {name for name, site in trial.sites.items() if site.has_left} == {
        name[-2:] for name in fields_kept if changes
    }
    assert all(site.authorisation == "ended" for site in trial.sites.values() if site.has_left)
    assert after(sent("c", sites=sites), state=trial).sites == trial.sites, "it has left once"


def test_a_site_that_is_listed_again_is_back_under_its_id() -> None:
    gone = after(sent("b", sites=[SITES[1]]), state=IMPORTED)

    assert after(sent("c"), state=gone).sites == IMPORTED.sites


CONTACT = {"role": "public", "affiliation": {"en": "Office"}}
OTHERS = {"registry": "who-ictrp", "document": "e" * 64}


def test_contacts_that_a_partner_gives_no_more_are_none_wherever_they_stood() -> None:
    ethics = {"status": "approved", "committee": {"en": "C"}, "contact": CONTACT}
    with_contacts = {"contacts": [CONTACT], "ethics_reviews": [ethics], "ctgov": {"results_contact": CONTACT}}
    sites = [{**site, "contacts": [{**CONTACT, "role": "site"}]} for site in SITES]
    before = after(sent(registration={**REGISTRATION, **with_contacts}, sites=sites))
    trial = after(sent("b", sites=[SITES[0]]), state=before)

    assert "Office" not in str([trial.registration, [site.details for site in trial.sites.values()], trial.whole])
    assert trial.registration["contacts"] == []
    assert [review["committee"] for review in trial.registration["ethics_reviews"]] == [{"en": "C"}]
    event = decide(trial, sent("c", sites=[SITES[0]]), CONTEXT)
    assert isinstance(event, TrialImportChanged)
    assert event.changes == (), "and they are withdrawn once"


def test_contacts_that_the_home_withdrew_come_back_from_no_other_source() -> None:
    others = sent("e", by=OTHERS, registration={"contacts": [CONTACT]}, sites=[])
    before = after(sent(registration={**REGISTRATION, "contacts": [CONTACT]}), others)

    assert after(sent("b"), state=before).registration["contacts"] == []


def test_contacts_that_a_home_never_gave_another_source_may_give() -> None:
    others = sent("e", by=OTHERS, registration={"contacts": [CONTACT]}, sites=[])

    assert [one["role"] for one in after(sent(), others).registration["contacts"]] == ["public"]


TOGETHER = [
    ("eligibility", {"inclusion": {"en": "a"}}, {"exclusion": {"en": "b"}}, []),
    ("eligibility", {"inclusion": {"en": "a"}}, {"criteria": {"en": "b"}}, []),
    ("eligibility", {"sex": "all", "inclusion": {"en": "a"}}, {"inclusion": {"en": "b"}}, ["sex"]),
    ("eligibility", {"inclusion": {"en": "a"}}, {"sex": "all"}, ["inclusion"]),
    ("first_enrolment", {"date": "2025", "kind": "actual"}, {"date": "2026"}, []),
    ("completion", {"date": "2025", "kind": "actual"}, {"date": "2026"}, []),
    ("primary_completion", {"date": "2025", "kind": "actual"}, {"date": "2026"}, []),
    ("first_enrolment", {"date": "2025", "kind": "actual"}, {"date": "2025"}, ["kind"]),
    ("results", {"posted": "2025", "urls": ["a"], "baseline": {"en": "b"}}, {"urls": []}, []),
    ("results", {"posted": "2025", "urls": ["a"]}, {"posted": "2025"}, ["urls"]),
]
"""A field, what was said of it, what is said now, and what of it is kept as it went blank."""


@pytest.mark.parametrize(("field", "was", "now", "fields_kept"), TOGETHER)
def test_what_says_one_thing_together_is_said_anew_together(
    field: str, was: dict[str, Any], now: dict[str, Any], fields_kept: list[str]
) -> None:
    before = after(sent(registration={field: was}))
    event = decide(before, sent("b", registration={field: now}), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert list(event.kept) == [f"/registration/{field}/{name}" for name in fields_kept]
    assert evolved(before, event) is not None
    registration = after(sent("b", registration={field: now}), state=before).registration
    assert registration == {field: {**now, **{name: was[name] for name in fields_kept}}}


@pytest.mark.parametrize("field", ["planned_size", "actual_size"])
def test_a_number_that_is_said_to_be_planned_or_enrolled_is_no_longer_either(field: str) -> None:
    before = after(sent(registration={"unspecified_size": 534}))

    assert after(sent("b", registration={field: 534}), state=before).registration == {field: 534}


def test_a_list_that_is_empty_says_that_there_is_none() -> None:
    before = after(sent(registration={"funders": [{"name": {"en": "A"}}]}))
    event = decide(before, sent("b", registration={"funders": []}), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert event.kept == ()
    assert [change.new for change in event.changes] == [[]]


def test_why_a_trial_stopped_goes_with_a_status_said_anew() -> None:
    event = decide(IMPORTED, sent("b", status={"authorisation": "published", "recruitment": "paused"}), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert [(change.field, change.new) for change in event.changes] == [
        ("/status/recruitment", "paused"),
        ("/status/why", None),
    ]
    assert event.kept == ()


OTHER = {"registry": "WHO", "record": "EU-1"}
ADDS = {"public_title": {"en": "Z", "ja": "題"}, "countries": ["JP"]}


def test_another_partner_adds_what_the_home_leaves_open() -> None:
    event = decide(IMPORTED, sent("c", by=OTHER, registration=ADDS, sites=()), CONTEXT)

    assert isinstance(event, TrialSourceAdded)
    assert event.to_stored() == {
        "home": HOME,
        "registration": ADDS,
        "status": STATUS,
        "sites": [],
        "source": source("c", **OTHER),
        "effects": [
            {"field": "/registration/countries", "new": ["JP"]},
            {"field": "/registration/public_title/ja", "new": "題"},
        ],
    }
    trial = evolved(IMPORTED, event)
    assert trial is not None
    registration = {**REGISTRATION, "public_title": {"en": "A", "ja": "題"}, "countries": ["JP"]}
    theirs = {"home": HOME, "registration": ADDS, "status": STATUS, "sites": {}}
    assert trial == replace(
        IMPORTED,
        version=2,
        registration=registration,
        whole={**WHOLE, "registration": registration},
        sources={
            **IMPORTED.sources,
            "WHO/EU-1": SourceView("WHO", "c" * 64, theirs, "2026-11-01", seen=frozenset({"c" * 64})),
        },
    )


def test_another_partner_that_says_nothing_new_leaves_the_trial_as_it_is() -> None:
    event = decide(IMPORTED, sent("c", by=OTHER, registration={"planned_size": 11}, sites=()), CONTEXT)

    assert isinstance(event, TrialSourceAdded)
    assert event.effects == ()
    trial = evolved(IMPORTED, event)
    assert trial is not None
    assert replace(trial, version=1, sources=IMPORTED.sources) == IMPORTED
    assert set(trial.sources) == {"CTGOV", "WHO/EU-1"}


def test_a_change_of_another_partner_has_effects_where_the_home_is_silent() -> None:
    before = after(sent(), sent("c", by=OTHER, registration=ADDS, sites=()))
    changed = {"public_title": {"en": "Y", "ja": "新"}, "countries": ["JP"]}
    event = decide(before, sent("d", by=OTHER, registration=changed, sites=()), CONTEXT)

    assert isinstance(event, TrialImportChanged)
    assert [(one.field, one.old, one.new) for one in event.changes] == [
        ("/registration/public_title/en", "Z", "Y"),
        ("/registration/public_title/ja", "題", "新"),
    ]
    assert [(one.field, one.old, one.new) for one in event.effects or ()] == [
        ("/registration/public_title/ja", "題", "新")
    ]
    trial = evolved(before, event)
    assert trial is not None
    assert trial.registration["public_title"] == {"en": "A", "ja": "新"}
    assert trial.sources["WHO/EU-1"].whole["registration"] == changed


@pytest.mark.parametrize("digest", ["a", "c"])
def test_the_same_bytes_again_are_nothing_new(digest: str) -> None:
    by = OTHER if digest == "c" else None
    before = after(sent(), sent("c", by=OTHER, registration=ADDS, sites=()))
    assert decide(before, sent(digest, by=by, registration={"planned_size": 99}), CONTEXT) is None


@pytest.mark.parametrize(("owner", "named"), [(None, "registry"), ("hospital", "hospital")])
def test_adopting_takes_number_and_owner_and_keeps_the_old_number_as_a_claim(owner: str | None, named: str) -> None:
    event = decide(IMPORTED, do.AdoptTrial(owner=owner), CONTEXT)

    assert event is not None
    assert event.to_stored() == {
        "owner": named,
        "number": "JTR2026000001X",
        "registered": "2020-05-01",
        "was": HOME,
    }
    claim = {"value": "NCT1", "kind": "registry", "issuer": "CTGOV", "url": "https://example.org/NCT1"}
    adopted = evolved(IMPORTED, event)
    assert replace(adopted, registration=without_items(adopted.registration)) == replace(
        IMPORTED,
        version=2,
        owner=named,
        number="JTR2026000001X",
        home=None,
        registration={**REGISTRATION, "identifiers": [claim]},
        whole={},
        stated=STATUS,
    )


def test_a_number_that_is_claimed_already_is_not_claimed_twice() -> None:
    claims = [{"value": "NCT1", "kind": "registry", "issuer": "CTGOV"}, {"value": "X", "kind": "sponsor"}]
    trial = after(sent(registration={"identifiers": claims}), do.AdoptTrial())
    assert without_items(trial.registration["identifiers"]) == claims


@pytest.mark.parametrize("command", [do.AdoptTrial(), do.RestoreTrial()], ids=["adopted", "restored"])
def test_a_trial_of_an_unknown_date_is_registered_on_the_day_that_it_becomes_ours(command: Any) -> None:
    unknown = after(sent(home={"registry": "CTGOV", "number": "NCT1"}))

    event = decide(unknown, command, CONTEXT)

    assert event is not None
    assert event.to_stored()["registered"] == "2026-11-22"


@pytest.mark.parametrize(("owner", "named"), [(None, "registry"), ("hospital", "hospital")])
def test_restoring_gives_the_old_number_and_date_again(owner: str | None, named: str) -> None:
    event = decide(IMPORTED, do.RestoreTrial(owner=owner), CONTEXT)

    assert event is not None
    assert event.to_stored() == {"owner": named, "number": "NCT1", "registered": "2020-05-01"}
    assert evolved(IMPORTED, event) == replace(
        IMPORTED, version=2, owner=named, number="NCT1", home=None, whole={}, stated=STATUS
    )


def test_a_partners_change_to_an_adopted_trial_is_kept_beside_it() -> None:
    adopted = after(do.AdoptTrial(), state=IMPORTED)
    changed = decide(adopted, sent("b", registration={"planned_size": 12}), CONTEXT)
    added = decide(adopted, sent("c", by=OTHER, registration=ADDS), CONTEXT)

    assert isinstance(changed, TrialImportChanged)
    assert changed.effects == ()
    assert isinstance(added, TrialSourceAdded)
    assert added.effects == ()
    for event in (changed, added):
        trial = evolved(adopted, event)
        assert trial is not None
        assert replace(trial, version=2, sources=adopted.sources) == adopted


OURS = after(do.RegisterTrial.model_validate({"registration": REGISTRATION}))
REFUSED: list[tuple[Trial, Command, tuple[str, str]]] = [
    (OURS, sent(), ("registered-here", "this trial was registered here; it has no partner to change it")),
    (OURS, do.AdoptTrial(), ("already-ours", "this trial is registered here already")),
    (OURS, do.RestoreTrial(), ("already-ours", "this trial is registered here already")),
    (
        IMPORTED,
        do.PublishTrial(),
        ("home-elsewhere", "this registration is kept by CTGOV NCT1; change it there, or adopt it first"),
    ),
    (
        IMPORTED,
        do.OpenSite(site="s1", on="2026-11-20"),
        ("home-elsewhere", "this registration is kept by CTGOV NCT1; change it there, or adopt it first"),
    ),
]


@pytest.mark.parametrize(("state", "command", "fault"), REFUSED)
def test_a_refusal_says_whose_the_trial_is(state: Trial, command: Command, fault: tuple[str, str]) -> None:
    with pytest.raises(Rejection) as refused:
        TRIAL.decide(state, command, CONTEXT)

    assert [(fault.rule, fault.message, fault.field) for fault in refused.value.faults] == [(*fault, "")]


def test_a_day_on_which_an_earlier_status_was_verified_lapses_with_it() -> None:
    closed = {"authorisation": "published", "recruitment": "closed"}
    before = after(sent(status={**closed, "verified": "2019-12"}))

    event = decide(before, sent("b", status={**closed, "recruitment": "recruiting"}), CONTEXT)
    assert isinstance(event, TrialImportChanged)
    assert [one.field for one in event.changes] == ["/status/recruitment", "/status/verified"]
    same = decide(before, sent("b", status=closed), CONTEXT)
    assert isinstance(same, TrialImportChanged)
    assert same.kept == ("/status/verified",)


def test_an_older_version_says_whose_names_and_texts_are_in_its_bytes() -> None:
    person = {"person": "p1", "key": "trial/t", "sealed": "1.c2VhbGVk"}
    why = {"text": "t1", "key": "trial/t", "sealed": "1.c2VhbGVk"}
    contacts = [{"role": "public", "person": person}]
    older = sent("c", by={"retrieved": "2020"}, registration={"contacts": contacts}, status={**STATUS, "why": why})

    event = decide(IMPORTED, older, CONTEXT)
    assert isinstance(event, OlderVersionKept)
    assert (event.persons, event.texts) == (("p1",), ("t1",))


def identified(state: Any, registry: str, same_as: str | None) -> Any:
    return decide(state, do.IdentifyTrial(registry=registry, same_as=same_as), CONTEXT)


def test_a_home_registry_says_which_trial_a_record_is_of_and_takes_it_back() -> None:
    home = IMPORTED.home.registry
    event = identified(IMPORTED, home, "another")
    joined = evolve(IMPORTED, event)

    assert (event.was, event.now, joined.same_as) == (None, "another", "another")
    assert evolve(joined, identified(joined, home, None)).same_as is None
    assert joined.registration == IMPORTED.registration


@pytest.mark.parametrize(
    ("registry", "same_as", "rule"), [("who-ictrp", "another", "home-elsewhere"), (None, None, "no-change")]
)
def test_nobody_else_says_it_and_not_twice(registry: str | None, same_as: str | None, rule: str) -> None:
    with pytest.raises(Rejection) as refused:
        identified(IMPORTED, registry or IMPORTED.home.registry, same_as)

    assert [fault.rule for fault in refused.value.faults] == [rule]


def test_a_record_is_of_one_other_trial_at_a_time() -> None:
    joined = evolve(IMPORTED, identified(IMPORTED, IMPORTED.home.registry, "another"))
    with pytest.raises(Rejection) as refused:
        identified(joined, IMPORTED.home.registry, "third")

    assert [fault.rule for fault in refused.value.faults] == ["trial-same"]


def test_a_record_of_another_trial_is_not_adopted() -> None:
    joined = evolve(IMPORTED, identified(IMPORTED, IMPORTED.home.registry, "another"))
    with pytest.raises(Rejection) as refused:
        decide(joined, do.AdoptTrial(owner="o"), CONTEXT)

    assert [fault.rule for fault in refused.value.faults] == ["trial-same"]
