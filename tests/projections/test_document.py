"""The document of a trial, event by event."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from events.catalogue import EVENTS, NotUnderstood, payload_of
from events.schemas import trial as happened
from events.schemas.status import AuthorisationStatus
from events.schemas.values import Value
from projections.trial.document import UnknownEvent, evolve
from projections.views.history.project import changed
from registry.domain.trial.decider import TRIAL
from tests.projections.trials import (
    HISTORIES,
    amended,
    event_of,
    folded,
    imported,
    registered,
    site_added,
    source,
    trial_id,
)

TRIAL_ID = trial_id(1)
STATUS = happened.Status(authorisation="published", recruitment="recruiting")
PUBLISHED = happened.TrialPublished(number="JTR2026000017", registered="2026-11-23")
SITE_EVENTS: list[Value] = [
    happened.SiteOpened(site="site-1", was="not_yet", on="2026-05-01"),
    happened.SitePaused(site="site-1", was="recruiting", on="2026-05-02", why={"en": "Holiday"}),
    happened.SiteClosed(site="site-1", was="recruiting", on="2026-05-03"),
    happened.SiteLeft(site="site-1", was="closed", was_authorised="published", on="2026-05-04"),
    happened.SiteVerified(site="site-1", status="not_yet", on="2026-05-05"),
    happened.EnrolmentReported(site="site-1", enrolled=7, on="2026-05-06"),
    happened.SiteAuthorisationChanged(site="site-1", was="filed", now="revoked", on="2026-05-07"),
]
HALT = {
    "item": "halt-1",
    "actor": "investigator",
    "organisation": "tokyo",
    "kind": "interruption",
    "scope": "all",
    "decided": {"date": "2026-05-01"},
}
SITE_CHANGES: list[Value] = [
    happened.SiteAmended(site="site-1", changes=[happened.SiteChange(field="/organisation", old="tokyo", new="uji")]),
    happened.SiteIdentified(site="site-1", now="site-2"),
    happened.SiteMilestoneRecorded(site="site-1", milestone="selected", actual="2026-05"),
    happened.SiteHalted(site="site-1", halt=HALT),
    happened.TrialGateSet(gate={"programme": "programme-1", "version": 1}, on="2026-05-01"),
    happened.TrialGateRemoved(programme="programme-1", version=1, on="2026-05-01"),
]
DAYS = {"actual": "2026-05"}
FOLLOWING: list[Value] = [
    happened.SiteMilestoneCorrected(site="site-1", corrects=3, was=DAYS, now={"actual": "2026-06"}),
    happened.SiteHaltLifted(
        site="site-1", item="halt-1", actor="investigator", organisation="tokyo", lifted={"date": "2026-05-03"}
    ),
]
"""Of what the events on the milestone and the halt have said before."""
ADOPTED = happened.TrialAdopted(owner="sponsor-2", number="JTR2026000025", registered="2020-05", was=imported().home)
RESTORED = happened.TrialRestored(owner="office", number="JTR2019000012", registered="2019-04-01")
TRIAL_EVENTS: list[Value] = [
    registered(),
    imported(),
    site_added("site-2"),
    PUBLISHED,
    amended(("/phase", None, "2")),
    happened.TrialCorrected(corrects=1, changes=amended(("/phase", None, "2")).changes),
    happened.TrialOwnerChanged(was="sponsor-1", now="sponsor-2"),
    happened.TakeBackAsked(site="site-1", of=3, texts=["t1"]),
    happened.TakeBackDeclined(site="site-1", of=3, texts=["t1"]),
    happened.EventCorrected(
        corrects=2,
        event="trial.site-paused.v1",
        site="site-1",
        changes=[happened.ReportChange(field="/on", old="2026-05-02", new="2026-05-03")],
        effects=[happened.SeenChange(field="/sites/site-1/changed/on", old="2026-05-02", new="2026-05-03")],
    ),
    happened.TrialAuthorisationChanged(was="published", now="revoked", on="2026-05"),
    happened.TrialRecruitmentChanged(was="not_yet", now="recruiting", on="2026-05"),
    happened.FirstParticipantRecorded(on="2026-05-02"),
    happened.TrialCompleted(was=STATUS, on="2026-12", enrolled=12),
    happened.TrialDiscontinued(was=STATUS, on="2026-12", why={"en": "Futility"}),
    happened.TrialWithdrawn(was=STATUS, on="2026-12", why={"ja": "資金"}),
    happened.ResultsPosted(results={"summary": {"en": "It works"}}),
    ADOPTED,
    happened.TrialImportChanged(
        source=source(digest="b"),
        changes=[happened.WholeChange(field="/registration/phase", new="3"), happened.WholeChange(field="/sites/s1")],
    ),
    happened.TrialSourceAdded(
        home=imported().home,
        registration={},
        status=imported().status,
        sites=(),
        source=source("who-ictrp", digest="d"),
        effects=[happened.WholeChange(field="/registration/phase", new="3")],
    ),
    happened.OlderVersionKept(source=source(digest="e")),
    happened.TrialIdentified(registry="ctgov", now="trial-2"),
    happened.TrialRestored(owner="sponsor-2", number="JTR2026000025", registered="2019-04-01"),
]


def test_every_event_of_the_catalogue_is_handled() -> None:
    events = [*TRIAL_EVENTS, *SITE_EVENTS, *SITE_CHANGES, *FOLLOWING]

    assert {type(event) for event in events} == {
        payload for name, payload in EVENTS.items() if name.startswith("trial.")
    }
    for event in events:
        begins = isinstance(event, happened.TrialRegistered | happened.TrialImported)
        requested = [happened.TakeBackAsked(site="site-1", of=3, texts=["t1"])]
        stated = [one for one in SITE_CHANGES if isinstance(one, happened.SiteMilestoneRecorded | happened.SiteHalted)]
        earlier = requested if isinstance(event, happened.TakeBackDeclined) else stated if event in FOLLOWING else []
        before = None if begins else folded(imported(), site_added(), *earlier)
        document = evolve(before, event_of(TRIAL_ID, 1 if begins else 3, event))

        assert document["version"] == (1 if begins else 3)
        if before is not None:
            differs = changed(before, document) or before.get("withheld") != document.get("withheld")
            assert bool(differs) != isinstance(event, happened.OlderVersionKept)


@pytest.mark.parametrize(("attribute", "value"), [("type", "trial.published.v2"), ("revision", 2)])
def test_an_event_of_a_later_program_is_not_folded(attribute: str, value: Any) -> None:
    event = event_of(TRIAL_ID, 2, PUBLISHED)
    later = replace(event, record=replace(event.record, **{attribute: value}))

    with pytest.raises(NotUnderstood, match=f"{later.record.type}, revision {later.record.revision}"):
        evolve(folded(registered()), later)
    with pytest.raises(NotUnderstood):
        evolve(None, later)


def test_an_event_that_begins_no_trial_is_refused() -> None:
    with pytest.raises(UnknownEvent, match=r"trial\.published\.v1"):
        evolve(None, event_of(TRIAL_ID, 1, PUBLISHED))


@pytest.mark.parametrize(
    ("before", "event", "date"),
    [(registered(), PUBLISHED, "2026-11-23"), (imported(), ADOPTED, "2020-05"), (imported(), RESTORED, "2019-04-01")],
    ids=["published", "adopted", "restored"],
)
def test_a_log_that_records_an_event_again_later_keeps_the_date_of_registration(
    before: Value, event: Value, date: str
) -> None:
    first, later = datetime(2026, 11, 22, 15, 0, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)

    documents = [evolve(folded(before), event_of(TRIAL_ID, 2, event, recorded)) for recorded in (first, later)]

    assert [document["registered"] for document in documents] == [date, date]
    recorded = [document["published_recorded"] for document in documents]
    assert recorded == ["2026-11-22T15:00:00.000Z", "2027-05-01T00:00:00.000Z"]


def test_a_filed_site_is_published_with_its_trial() -> None:
    document = folded(registered(), site_added(), PUBLISHED)

    assert document["sites"]["site-1"]["authorisation"] == "published"


def test_an_adopted_trial_keeps_its_old_number_as_a_claim() -> None:
    document = folded(imported(), ADOPTED)

    assert "home" not in document
    assert document["adopted_from"]["number"] == "NCT00000001"
    assert [claim["value"] for claim in document["registration"]["identifiers"]] == ["NCT00000001"]
    assert document["registered"] == "2020-05", "it keeps its date of registration"


def test_a_restored_trial_is_ours_again_with_its_number_and_date_and_no_claim_of_another() -> None:
    document = folded(imported(), RESTORED)

    assert "home" not in document
    assert "adopted_from" not in document
    assert (document["number"], document["registered"]) == ("JTR2019000012", "2019-04-01")
    assert "identifiers" not in document["registration"]


def test_a_partner_changes_nothing_of_an_adopted_trial_but_is_known_as_its_source() -> None:
    adopted = folded(imported(), ADOPTED)
    changed = happened.TrialImportChanged(
        source=source(digest="c"), changes=[happened.WholeChange(field="/registration/phase", new="4")], effects=()
    )

    document = evolve(adopted, event_of(TRIAL_ID, 3, changed))

    assert document["registration"] == adopted["registration"]
    assert document["sources"]["ctgov"]["document"] == "c" * 64
    assert document["sources"]["ctgov"]["version"] == 3


def test_a_site_that_a_partner_adds_has_the_authorisation_of_the_trial() -> None:
    new = {"site": "s2", "name": {"en": "New"}, "recruitment": "not_yet"}
    changed = happened.TrialImportChanged(
        source=source(digest="b"),
        changes=[
            happened.WholeChange(field="/sites/s2", new=new),
            happened.WholeChange(field="/status/authorisation", new="discontinued"),
        ],
    )

    sites = folded(imported(), changed)["sites"]

    assert sites["s2"] == {**new, "authorisation": "discontinued"}
    assert sites["s1"]["authorisation"] == "discontinued"


def test_a_site_says_why_it_paused_until_it_opens_again() -> None:
    paused = folded(registered(), site_added(), SITE_EVENTS[1])["sites"]["site-1"]
    opened = folded(registered(), site_added(), SITE_EVENTS[1], SITE_EVENTS[0])["sites"]["site-1"]

    assert (paused["recruitment"], paused["why"]) == ("paused", {"en": "Holiday"})
    assert (opened["recruitment"], opened.get("why")) == ("recruiting", None)


@given(HISTORIES)
def test_readers_and_decisions_agree_on_status_sites_and_registration(history: list[tuple[str, Value]]) -> None:
    for stream in {stream for stream, _ in history}:
        state, document = TRIAL.initial, None
        for version, payload in enumerate((payload for name, payload in history if name == stream), start=1):
            event = event_of(stream.removeprefix("trial/"), version, payload)
            state, document = TRIAL.evolve(state, payload_of(event.record)), evolve(document, event)

            assert state is not None
            assert (state.version, state.number, state.owner) == (
                document["version"],
                document.get("number"),
                document.get("owner"),
            )
            assert document["status"]["authorisation"] == state.authorisation
            assert document["status"]["recruitment"] == state.recruitment
            assert document["registration"] == state.registration
            assert {name: (site["authorisation"], site["recruitment"]) for name, site in document["sites"].items()} == {
                name: (AuthorisationStatus(site.authorisation), site.recruitment) for name, site in state.sites.items()
            }
