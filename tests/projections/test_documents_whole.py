"""The whole document after each kind of event: what it changes, and that it changes nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from events.catalogue import EVENTS
from events.schemas import trial as happened
from events.schemas.registration import Registration
from events.schemas.values import Value
from projections.trial.at_home import at_home
from projections.trial.document import Document, UnknownEvent, evolve, stream_of, timestamp, without_draft_times
from tests.projections.trials import amended, event_of, folded, imported, registered, site_added, source, trial_id
from tests.support.trials import without_items

TRIAL_ID = trial_id(1)
AT = "2026-04-01T06:00:00.000Z"
"""When the sixth event, the one that is tried, is recorded."""
MOMENT = {"on": "2026-05-01", "recorded": AT}
SITE = {"site": "site-1", "name": {"ja": "東京病院"}, "organisation": "tokyo"}
PAUSED = {
    **SITE,
    "authorisation": "published",
    "recruitment": "paused",
    "why": {"en": "Holiday"},
    "changed": {"on": "2026-04-30", "recorded": "2026-04-01T05:00:00.000Z"},
}
OURS = [
    registered(acronym="ABC", planned_size=10),
    site_added(),
    happened.TrialPublished(number="JTR2026000017", registered="2026-04-01"),
    happened.SiteOpened(site="site-1", was="not_yet", on="2026-04-29"),
    happened.SitePaused(site="site-1", was="recruiting", on="2026-04-30", why={"en": "Holiday"}),
]
BEFORE: Document = {
    "trial": TRIAL_ID,
    "first_recorded": "2026-04-01T01:00:00.000Z",
    "owner": "sponsor-1",
    "number": "JTR2026000017",
    "registered": "2026-04-01",
    "published_recorded": "2026-04-01T03:00:00.000Z",
    "confirmed": "2026-04-01",
    "status": {"authorisation": "published", "recruitment": "recruiting"},
    "registration": {"acronym": "ABC", "planned_size": 10},
    "sites": {"site-1": PAUSED},
    "sources": {},
    "version": 5,
    "position": "0:4",
    "last_recorded": "2026-04-01T05:00:00.000Z",
    "last_changed": "2026-04-01T05:00:00.000Z",
}
HALT = {
    "item": "halt-1",
    "actor": "investigator",
    "organisation": "tokyo",
    "kind": "interruption",
    "scope": "all",
    "decided": {"date": "2026-05-01"},
}
GATE = {
    "programme": "programme-1",
    "region": "JP",
    "country": "JP",
    "version": 3,
    "state": "permitted",
    "publication": "not_asked",
    "halts": [],
    "ended": False,
}
STATUS = happened.Status(authorisation="published", recruitment="recruiting")
CLOSED = {**{name: value for name, value in PAUSED.items() if name != "why"}, "recruitment": "closed"}
WHY = {"en": "Futility"}
ADDED = {"site": "site-2", "name": {"ja": "東京病院"}, "organisation": "tokyo"}


def site_now(**changed: Any) -> Document:
    now = {**PAUSED, **changed}
    return {"sites": {"site-1": {name: value for name, value in now.items() if value is not None}}}


CHANGES: dict[str, tuple[Value, Document]] = {
    "amended": (amended(("/planned_size", 10, 12), ("/acronym", "ABC", None)), {"registration": {"planned_size": 12}}),
    "corrected": (
        happened.TrialCorrected(corrects=1, changes=amended(("/phase", None, "2")).changes),
        {"registration": {"acronym": "ABC", "planned_size": 10, "phase": "2"}},
    ),
    "the day of an event corrected": (
        happened.EventCorrected(
            corrects=5,
            event="trial.site-paused.v1",
            site="site-1",
            changes=[happened.ReportChange(field="/on", old="2026-04-30", new="2026-04-29")],
            effects=[happened.SeenChange(field="/sites/site-1/changed/on", old="2026-04-30", new="2026-04-29")],
        ),
        site_now(changed={"on": "2026-04-29", "recorded": "2026-04-01T06:00:00.000Z"}),
    ),
    "an event made void": (
        happened.EventCorrected(
            corrects=5,
            event="trial.site-paused.v1",
            site="site-1",
            void=True,
            effects=[
                happened.SeenChange(field="/sites/site-1/recruitment", old="paused", new="recruiting"),
                happened.SeenChange(field="/sites/site-1/why", old={"en": "Holiday"}),
                happened.SeenChange(field="/sites/site-1/changed", old={"on": "2026-04-30"}),
                happened.SeenChange(field="/status/recruitment", old="recruiting", new="not_yet"),
            ],
        ),
        {
            **site_now(recruitment="recruiting", why=None, changed=None),
            "status": {"authorisation": "published", "recruitment": "not_yet"},
        },
    ),
    "authorisation changed": (
        happened.TrialAuthorisationChanged(was="published", now="revoked", on="2026-05-01"),
        {"status": {"authorisation": "revoked", "recruitment": "recruiting"}},
    ),
    "recruitment changed": (
        happened.TrialRecruitmentChanged(was="recruiting", now="paused", on="2026-05-01"),
        {"status": {"authorisation": "published", "recruitment": "paused"}, "confirmed": "2026-05-01"},
    ),
    "first participant": (
        happened.FirstParticipantRecorded(on="2026-05-01"),
        {
            "registration": {
                **BEFORE["registration"],
                "first_enrolment": {"date": "2026-05-01", "kind": "actual"},
            }
        },
    ),
    "results": (
        happened.ResultsPosted(results={"posted": "2026-05-01"}),
        {"registration": {**BEFORE["registration"], "results": {"posted": "2026-05-01"}}},
    ),
    "completed": (
        happened.TrialCompleted(was=STATUS, on="2026-05-01", enrolled=12),
        {
            "status": {"authorisation": "ended", "recruitment": "completed"},
            "registration": {
                **BEFORE["registration"],
                "completion": {"date": "2026-05-01", "kind": "actual"},
                "actual_size": 12,
            },
            "sites": {"site-1": {**CLOSED, "changed": MOMENT}},
        },
    ),
    "completed, nobody counted": (
        happened.TrialCompleted(was=STATUS, on="2026-05-01"),
        {
            "status": {"authorisation": "ended", "recruitment": "completed"},
            "registration": {**BEFORE["registration"], "completion": {"date": "2026-05-01", "kind": "actual"}},
            "sites": {"site-1": {**CLOSED, "changed": MOMENT}},
        },
    ),
    "discontinued": (
        happened.TrialDiscontinued(was=STATUS, on="2026-05-01", why=WHY),
        {
            "status": {"authorisation": "discontinued", "recruitment": "closed", "why": WHY},
            "sites": {"site-1": {**CLOSED, "changed": MOMENT}},
        },
    ),
    "withdrawn": (
        happened.TrialWithdrawn(was=STATUS, on="2026-05-01", why=WHY),
        {
            "status": {"authorisation": "withdrawn", "recruitment": "closed", "why": WHY},
            "sites": {"site-1": {**CLOSED, "changed": MOMENT}},
        },
    ),
    "a site added": (
        site_added("site-2"),
        {"sites": {"site-1": PAUSED, "site-2": {**ADDED, "authorisation": "filed", "recruitment": "not_yet"}}},
    ),
    "given to another owner": (happened.TrialOwnerChanged(was="sponsor-1", now="sponsor-2"), {"owner": "sponsor-2"}),
    "asked to take a text back": (
        happened.TakeBackAsked(site="site-1", of=3, texts=["t1", "t2"]),
        {"withheld": {text: {"site": "site-1", "of": 3} for text in ("t1", "t2")}},
    ),
    "declined to take a text back": (happened.TakeBackDeclined(site="site-1", of=3, texts=["t1"]), {}),
    "a site amended": (
        happened.SiteAmended(
            site="site-1",
            changes=[
                happened.SiteChange(field="/organisation", old="tokyo"),
                happened.SiteChange(field="/name/en", new="Tokyo Hospital"),
            ],
        ),
        site_now(organisation=None, name={"ja": "東京病院", "en": "Tokyo Hospital"}),
    ),
    "a site identified": (
        happened.SiteIdentified(site="site-1", now="site-2"),
        site_now(same_as="site-2"),
    ),
    "a milestone of a site": (
        happened.SiteMilestoneRecorded(site="site-1", milestone="selected", planned="2026-05", stated_in="A letter"),
        site_now(milestones={"6": {"milestone": "selected", "planned": "2026-05", "stated_in": "A letter"}}),
    ),
    "a site halted": (
        happened.SiteHalted(site="site-1", halt=HALT),
        site_now(halts={"halt-1": HALT}),
    ),
    "a gate set": (
        happened.TrialGateSet(gate=GATE, on="2026-05-01"),
        {"gates": {"programme-1:JP": {**GATE, "on": "2026-05-01"}}},
    ),
    "a gate removed": (
        happened.TrialGateRemoved(programme="programme-1", version=4, on="2026-05-01"),
        {"gates": {"programme-1": {"programme": "programme-1", "version": 4, "on": "2026-05-01", "removed": True}}},
    ),
    "a site opened": (
        happened.SiteOpened(site="site-1", was="paused", on="2026-05-01"),
        site_now(recruitment="recruiting", why=None, changed=MOMENT),
    ),
    "a site paused": (
        happened.SitePaused(site="site-1", was="recruiting", on="2026-05-01"),
        site_now(why=None, changed=MOMENT),
    ),
    "a site closed": (
        happened.SiteClosed(site="site-1", was="paused", on="2026-05-01"),
        site_now(recruitment="closed", why=None, changed=MOMENT),
    ),
    "a site left": (
        happened.SiteLeft(site="site-1", was="paused", was_authorised="published", on="2026-05-01", why=WHY),
        site_now(recruitment="closed", authorisation="ended", why=WHY, changed=MOMENT),
    ),
    "a site revoked": (
        happened.SiteAuthorisationChanged(site="site-1", was="published", now="revoked", on="2026-05-01"),
        site_now(authorisation="revoked", changed=MOMENT, reported=PAUSED["changed"]),
    ),
    "a site verified": (
        happened.SiteVerified(site="site-1", status="paused", on="2026-05-01"),
        site_now(verified=MOMENT),
    ),
    "enrolment reported": (
        happened.EnrolmentReported(site="site-1", enrolled=7, on="2026-05-01"),
        site_now(enrolled=7),
    ),
}


def test_what_happened_before_is_the_document_that_each_event_changes() -> None:
    assert folded(*OURS) == BEFORE


@pytest.mark.parametrize("name", CHANGES)
def test_an_event_changes_the_document_in_this_and_nothing_else(name: str) -> None:
    payload, changed = CHANGES[name]
    before = folded(*OURS)
    after = evolve(before, event_of(TRIAL_ID, 6, payload))

    moved = {} if changed.keys() <= {"withheld"} else {"last_changed": AT}
    assert after == {**BEFORE, **changed, "version": 6, "position": "0:5", "last_recorded": AT, **moved}
    assert before == BEFORE, "the document before is left as it was"


def test_a_site_that_was_closed_keeps_the_moment_when_it_was() -> None:
    closed = happened.SiteClosed(site="site-1", was="paused", on="2026-05-01")
    ended = happened.TrialDiscontinued(was=STATUS, on="2026-05-02", why=WHY)
    before = folded(*OURS, closed)
    assert evolve(before, event_of(TRIAL_ID, 7, ended))["sites"] == before["sites"]


@pytest.mark.parametrize(
    ("was", "now"),
    [("not_yet", "recruiting"), ("paused", "paused"), ("by_invitation", "by_invitation"), ("closed", "closed")],
)
def test_the_first_site_that_recruits_makes_the_trial_recruit(was: str, now: str) -> None:
    before = {**BEFORE, "status": {"authorisation": "published", "recruitment": was}}
    opened = happened.SiteOpened(site="site-1", was="paused", on="2026-05-01")
    assert evolve(before, event_of(TRIAL_ID, 6, opened))["status"]["recruitment"] == now


@pytest.mark.parametrize("authorisation", ["draft", "under_review", "filed", "published", "revoked", "expired"])
def test_publishing_publishes_filed_sites_alone(authorisation: str) -> None:
    before = {**BEFORE, "sites": {"a": {**PAUSED, "authorisation": authorisation}}}
    after = evolve(
        before, event_of(TRIAL_ID, 6, happened.TrialPublished(number="JTR2026000025", registered="2026-04-01"))
    )
    expected = "published" if authorisation == "filed" else authorisation
    assert after["sites"] == {"a": {**PAUSED, "authorisation": expected}}
    assert (after["number"], after["published_recorded"]) == ("JTR2026000025", AT)


WHOLE = imported(acronym="X").to_stored()
CT_1 = {**WHOLE["sites"][0], "authorisation": "published"}
SOURCE = {**source().to_stored(), "recorded": "2026-04-01T01:00:00.000Z", "version": 1}
PARTNERS: Document = {
    "trial": TRIAL_ID,
    "first_recorded": "2026-04-01T01:00:00.000Z",
    "home": WHOLE["home"],
    "status": WHOLE["status"],
    "registration": {"acronym": "X"},
    "sites": {"s1": CT_1},
    "sources": {"ctgov": SOURCE},
    "version": 1,
    "position": "0:0",
    "last_recorded": "2026-04-01T01:00:00.000Z",
    "last_changed": "2026-04-01T01:00:00.000Z",
}
SECOND = {"version": 2, "position": "0:1", "last_recorded": "2026-04-01T02:00:00.000Z"}
CHANGED = {**source(digest="b").to_stored(), "recorded": "2026-04-01T02:00:00.000Z", "version": 2}
ADDED_SOURCE = source("who-ictrp", digest="d", record="EU-1")
ADDED_STORED = {**ADDED_SOURCE.to_stored(), "recorded": "2026-04-01T02:00:00.000Z", "version": 2}
CLAIM = {"value": "NCT00000001", "kind": "registry", "issuer": "ctgov"}
OURS_NOW = {name: value for name, value in PARTNERS.items() if name != "home"}

OF_PARTNERS: dict[str, tuple[Value, Document]] = {
    "changed": (
        happened.TrialImportChanged(
            source=source(digest="b"),
            changes=[
                happened.WholeChange(field="/registration/acronym", old="X", new="Y"),
                happened.WholeChange(field="/status/authorisation", old="published", new="discontinued"),
                happened.WholeChange(field="/home/url", new="https://example.org"),
            ],
        ),
        {
            **PARTNERS,
            "home": {**WHOLE["home"], "url": "https://example.org"},
            "status": {**WHOLE["status"], "authorisation": "discontinued"},
            "registration": {"acronym": "Y"},
            "sites": {"s1": {**CT_1, "authorisation": "discontinued"}},
            "sources": {"ctgov": CHANGED},
        },
    ),
    "changed, with other effects": (
        happened.TrialImportChanged(
            source=source(digest="b"),
            changes=[happened.WholeChange(field="/registration/acronym", old="X", new="Y")],
            effects=[happened.WholeChange(field="/registration/acronym", old="X", new="Z")],
        ),
        {**PARTNERS, "registration": {"acronym": "Z"}, "sources": {"ctgov": CHANGED}},
    ),
    "changed, with no effect": (
        happened.TrialImportChanged(
            source=source(digest="b"),
            changes=[happened.WholeChange(field="/registration/acronym", old="X", new="Y")],
            effects=[],
        ),
        {**PARTNERS, "sources": {"ctgov": CHANGED}},
    ),
    "an older version": (happened.OlderVersionKept(source=source(digest="c")), PARTNERS),
    "said to be another trial": (
        happened.TrialIdentified(registry="ctgov", now="trial-2"),
        {**PARTNERS, "same_as": "trial-2"},
    ),
    "another source": (
        happened.TrialSourceAdded(
            home=imported().home,
            registration=Registration(planned_size=3),
            status=imported().status,
            sites=(),
            source=ADDED_SOURCE,
            effects=[happened.WholeChange(field="/registration/planned_size", new=3)],
        ),
        {
            **PARTNERS,
            "registration": {"acronym": "X", "planned_size": 3},
            "sources": {"ctgov": SOURCE, "who-ictrp/EU-1": ADDED_STORED},
        },
    ),
    "adopted": (
        happened.TrialAdopted(owner="sponsor-2", number="JTR2026000025", registered="2020-05", was=imported().home),
        {
            **OURS_NOW,
            "owner": "sponsor-2",
            "confirmed_before": "2026-03",
            "number": "JTR2026000025",
            "registered": "2020-05",
            "published_recorded": "2026-04-01T02:00:00.000Z",
            "adopted_from": WHOLE["home"],
            "registration": {"acronym": "X", "identifiers": [CLAIM]},
        },
    ),
    "restored": (
        happened.TrialRestored(owner="sponsor-2", number="JTR2019000012", registered="2019-04-01"),
        {
            **OURS_NOW,
            "owner": "sponsor-2",
            "confirmed_before": "2026-03",
            "number": "JTR2019000012",
            "registered": "2019-04-01",
            "published_recorded": "2026-04-01T02:00:00.000Z",
        },
    ),
}


def test_an_import_begins_with_this_document() -> None:
    assert folded(imported(acronym="X")) == PARTNERS


@pytest.mark.parametrize("name", OF_PARTNERS)
def test_an_event_of_a_partners_trial_leaves_this_document(name: str) -> None:
    payload, expected = OF_PARTNERS[name]
    document = evolve(folded(imported(acronym="X")), event_of(TRIAL_ID, 2, payload))
    fields = ("home", "status", "registration", "sites", "number")
    moved = any(expected.get(field) != PARTNERS.get(field) for field in fields)
    changed = {"last_changed": SECOND["last_recorded"]} if moved else {}
    assert without_items(document) == {**expected, **SECOND, **changed}


def test_what_another_registry_sends_of_a_trial_of_ours_is_no_change_of_it() -> None:
    adopted, _ = OF_PARTNERS["adopted"]
    later = happened.TrialImportChanged(
        source=source(digest="b"), changes=[happened.WholeChange(field="/registration/acronym", new="Y")], effects=()
    )
    before = folded(imported(acronym="X"), adopted)
    after = evolve(before, event_of(TRIAL_ID, 3, later))

    assert (before["last_changed"], before["last_recorded"]) == (SECOND["last_recorded"],) * 2
    assert (after["last_changed"], after["last_recorded"]) == (SECOND["last_recorded"], "2026-04-01T03:00:00.000Z")
    assert (at_home(after), "regions" in after) == (None, False)


def test_a_status_of_our_own_ends_what_a_partner_verified_and_why() -> None:
    before = {**BEFORE, "status": {**BEFORE["status"], "verified": "2024-01", "why": WHY}}
    changed = happened.TrialRecruitmentChanged(was="recruiting", now="paused", on="2026-05-01")
    assert evolve(before, event_of(TRIAL_ID, 6, changed))["status"] == {
        "authorisation": "published",
        "recruitment": "paused",
    }


SELECTED = happened.SiteMilestoneRecorded(site="site-1", milestone="selected", planned="2026-05", actual="2026-04-02")
HALTED = happened.SiteHalted(site="site-1", halt=HALT)
SEVERAL: dict[str, tuple[Value, Value, Document]] = {
    "the days of a milestone corrected": (
        SELECTED,
        happened.SiteMilestoneCorrected(
            site="site-1",
            corrects=6,
            was={"planned": "2026-05", "actual": "2026-04-02"},
            now={"actual": "2026-04-01"},
        ),
        {"milestones": {"6": {"milestone": "selected", "actual": "2026-04-01", "corrected": 7}}},
    ),
    "a milestone that did not come about": (
        SELECTED,
        happened.SiteMilestoneCorrected(
            site="site-1", corrects=6, was={"planned": "2026-05", "actual": "2026-04-02"}, now={}, void=True
        ),
        {},
    ),
    "a halt lifted": (
        HALTED,
        happened.SiteHaltLifted(
            site="site-1", item="halt-1", actor="investigator", organisation="tokyo", lifted={"date": "2026-05-03"}
        ),
        {"halts": {"halt-1": {**HALT, "lifted": {"on": "2026-05-03", "version": 7}}}},
    ),
    "opened after a halt": (
        HALTED,
        happened.SiteOpened(site="site-1", was="paused", on="2026-05-04"),
        {
            "halts": {"halt-1": HALT},
            "why": None,
            "recruitment": "recruiting",
            "changed": {"on": "2026-05-04", "recorded": "2026-04-01T07:00:00.000Z"},
            "opened": {"7": "2026-05-04"},
        },
    ),
}
"""What happened before, the event, and how the site differs from what it was before both."""


@pytest.mark.parametrize("name", SEVERAL)
def test_an_event_changes_what_the_one_before_it_said_of_the_site(name: str) -> None:
    before, payload, differs = SEVERAL[name]

    assert folded(*OURS, before, payload)["sites"] == site_now(**differs)["sites"]


def test_these_tables_name_every_event_of_a_trial() -> None:
    tried = {type(payload) for payload, _ in [*CHANGES.values(), *OF_PARTNERS.values()]}
    tried |= {type(payload) for _, payload, _ in SEVERAL.values()}
    tried |= {happened.TrialRegistered, happened.TrialImported, happened.TrialPublished}
    assert tried == {payload for name, payload in EVENTS.items() if name.startswith("trial.")}


@pytest.mark.parametrize(
    ("before", "payload", "message"),
    [
        (
            None,
            happened.FirstParticipantRecorded(on="2026-05-01"),
            "trial.first-participant-recorded.v1 at 0:5 begins no trial",
        ),
        (BEFORE, registered(acronym="ABC"), "trial.registered.v1 at 0:5 can't happen to a trial"),
    ],
)
def test_an_event_that_can_not_happen_is_named_with_its_place(
    before: Document | None, payload: Value, message: str
) -> None:
    with pytest.raises(UnknownEvent, match=f"^{message}$"):
        evolve(before, event_of(TRIAL_ID, 6, payload))


@pytest.mark.parametrize("unknown", [{"place": "eu"}, {"on": {"day": "2026-05-01"}}], ids=["a field", "another shape"])
def test_an_event_that_says_what_decisions_can_not_read_is_shown_to_nobody(unknown: dict[str, Any]) -> None:
    event = event_of(TRIAL_ID, 6, happened.FirstParticipantRecorded(on="2026-05-01"))
    event.record.data.update(unknown)
    with pytest.raises(ValidationError):
        evolve(BEFORE, event)


def test_a_moment_is_told_in_utc_to_the_millisecond() -> None:
    assert timestamp(datetime.fromisoformat("2026-11-22T09:30:00.123999+09:00")) == "2026-11-22T00:30:00.123Z"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000Z"
    assert stream_of(TRIAL_ID) == f"trial/{TRIAL_ID}"


BEFORE_IT, PUBLISHED, AFTER_IT = (f"2026-04-01T0{hour}:00:00.000Z" for hour in (1, 3, 5))


def told_at(first: str, changed: str, verified: str) -> Document:
    """A published document: when it was first recorded, and three reports of its site."""
    site = SITE | {
        "changed": {"on": "2026-05", "recorded": changed},
        "reported": {"on": "2026-04", "recorded": changed},
        "verified": {"on": "2026-06", "recorded": verified},
    }
    document = {"number": "J1", "published_recorded": PUBLISHED, "first_recorded": first, "sources": {}}
    return document | {"sites": {"a": site, "b": SITE, "c": SITE | {"reported": {}}}}


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [
        ((BEFORE_IT, BEFORE_IT, BEFORE_IT), (PUBLISHED, PUBLISHED, PUBLISHED)),
        ((BEFORE_IT, AFTER_IT, BEFORE_IT), (PUBLISHED, AFTER_IT, PUBLISHED)),
        ((PUBLISHED, BEFORE_IT, AFTER_IT), (PUBLISHED, PUBLISHED, AFTER_IT)),
        ((AFTER_IT, AFTER_IT, AFTER_IT), (AFTER_IT, AFTER_IT, AFTER_IT)),
    ],
)
def test_nothing_of_a_draft_tells_when_it_was_recorded(recorded: tuple[str, str, str], shown: Any) -> None:
    assert without_draft_times(told_at(*recorded)) == told_at(*shown)


@pytest.mark.parametrize("other", [{"published_recorded": None}, {"sources": {"ctgov": {}}}])
def test_a_draft_and_what_a_partner_had_published_keep_their_times(other: Document) -> None:
    document = {**told_at(BEFORE_IT, BEFORE_IT, BEFORE_IT), **other}
    present = {name: value for name, value in document.items() if value is not None}

    assert without_draft_times(present) == present
