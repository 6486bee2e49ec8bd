"""The rows that one event puts into each view, whole."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from events.canonical import from_json, to_json
from events.event import Event
from events.record import Position, Record
from events.schemas import trial as happened
from projections.base.sharing import once_for_each
from projections.search import facets
from projections.search.texts import beside, texts, texts_of
from projections.search.words import written
from projections.trial.document import Document, evolve, is_public
from projections.trial.identifiers import claims_of, former_of, normalise, numbers_of
from projections.views.history.project import changed
from projections.views.history.project import project as history
from projections.views.record.project import project as record
from projections.views.search.project import project as search
from projections.views.search.project import shown_on, summary
from tests.projections.trials import ORIGIN, event_of, folded, imported, registered, site_added, trial_id

TRIAL = trial_id(1)
RICH: dict[str, Any] = {
    "public_title": {"ja": "公開題", "en": "Public"},
    "scientific_title": {"en": "Scientific"},
    "acronym": "ACR",
    "scientific_acronym": "SACR",
    "identifiers": [{"value": "U1111-1234-5678", "kind": "utn"}, {"value": "P-1", "kind": "sponsor"}],
    "plain_summary": {"en": "Plain"},
    "description": {"en": "Described"},
    "funders": [{"name": {"en": "Funder"}}],
    "primary_sponsor": {"name": {"ja": "主", "en": "Primary"}},
    "secondary_sponsors": [{"name": {"en": "Secondary"}}],
    "countries": ["US", "JP"],
    "conditions": [
        {"name": {"en": "Cancer"}, "codes": [{"system": "ICD", "code": "C34", "term": {"en": "Lung"}}]},
        {"name": {"en": "Cough"}},
    ],
    "condition_keywords": [{"en": "Tumour"}],
    "interventions": [
        {
            "name": {"en": "Drug"},
            "other_names": ["Alias"],
            "codes": [{"system": "ATC", "code": "L01"}],
            "description": {"en": "Daily"},
        },
        {"name": {"en": "Device"}},
    ],
    "intervention_keywords": [{"en": "Oral"}],
    "arms": [{"label": "Arm A", "description": {"en": "Arm text"}}],
    "eligibility": {
        "inclusion": {"en": "In"},
        "exclusion": {"en": "Out"},
        "criteria": {"en": "Both"},
        "gender_description": {"en": "Women"},
        "population": {"en": "Adults"},
        "minimum_age": {"value": 20, "unit": "years"},
        "maximum_age": {"value": 65, "unit": "years"},
        "sex": "female",
    },
    "study_type": "interventional",
    "phase": "2",
    "first_enrolment": {"date": "2026-05", "kind": "anticipated"},
    "outcomes": [
        {
            "rank": "primary",
            "measure": {"en": "Survival"},
            "time_point": {"en": "5 years"},
            "description": {"en": "From start"},
        }
    ],
    "research_aim": "development",
    "results": {"summary": {"en": "It works"}},
}
SAID = {
    "titles": ["公開題", "Public", "Scientific", "ACR", "SACR", "U1111-1234-5678", "P-1"],
    "conditions": ["Cancer", "C34", "Lung", "Cough", "Tumour"],
    "sponsors": ["主", "Primary", "Secondary", "Funder"],
    "rest": [
        *("Drug", "Alias", "L01", "Daily", "Device", "Oral", "Plain", "Described", "Arm A", "Arm text", "In", "Out"),
        *("Both", "Women", "Adults", "Survival", "5 years", "From start", "It works"),
    ],
}
PLACE = {"country": "KR", "city": "Seoul", "region": "Capital"}


def rich() -> Document:
    return folded(
        registered(**RICH),
        site_added("b", place=PLACE),
        site_added("a"),
        happened.TrialPublished(number="J1", registered="2026-04-01"),
    )


def test_a_trial_is_found_by_every_text_of_its_registration_and_by_numbers_and_places_beside_it() -> None:
    document = rich()

    assert texts_of(document["registration"])._asdict() == SAID
    assert beside(document) == ["J1", "東京病院", "東京病院", "Seoul", "Capital"]
    assert texts(document) == [*(text for part in SAID.values() for text in part), *beside(document)]
    assert texts_of({})._asdict() == {"titles": [], "conditions": [], "sponsors": [], "rest": []}
    partners = evolve(None, event_of(TRIAL, 1, imported("NCT00000009")))
    assert beside(partners) == ["NCT00000009", "Imported Clinic"]
    adopted = happened.TrialAdopted(owner="o", number="J2", registered="2026-04-01", was=imported("NCT00000009").home)
    assert beside(evolve(partners, event_of(TRIAL, 2, adopted))) == ["J2", "NCT00000009", "Imported Clinic"]


def digest(parts: list[Any]) -> str:
    return hashlib.sha256(to_json(parts)).hexdigest()[:32]


def test_the_search_view_gets_an_entry_its_summary_and_its_words() -> None:
    document = rich()
    event = event_of(TRIAL, 4, happened.TrialPublished(number="J1", registered="2026-04-01"))
    entry, shown, words, names = search(event, None, document)
    wording = UUID(digest([TRIAL, digest([list(part) for part in SAID.values()])]))
    name = UUID(digest([TRIAL, *beside(document)]))

    assert dict(zip(entry.table.columns, entry.rows[0], strict=True)) == {
        "trial": TRIAL,
        "version": 4,
        "partition": 0,
        "since": event.recorded,
        "since_offset": 3,
        "newest": event.recorded,
        "wording": wording,
        "beside": name,
        "public": True,
        "owner": "sponsor-1",
        "own": True,
        "home": None,
        "identifiers": "{" + ",".join(f'"{one}"' for one in ("J1", normalise(TRIAL), "P1", "U111112345678")) + "}",
        "borne": 2,
        "authorisation": "published",
        "recruitment": "unknown",
        "recruits_until": None,
        "invites_until": None,
        "begins_until": "2028-04-02",
        "sites_until": None,
        "study_type": "interventional",
        "phase": "2",
        "sex": "female",
        "aim": "development",
        "countries": '{"JP","KR","US"}',
        "ages": "[20.000000,66.000000)",
        "first_enrolment": "[2026-05-01,2026-05-31]",
        "registered": "2026-04-01",
        "confirmed": "2026-04-01",
        "traits": '{"city:seoul"}',
    }
    assert entry.key == shown.key == (TRIAL, 4)
    stored = from_json(shown.rows[0][2])
    assert stored["open_sites"] == {}
    assert stored["course"] == [
        {"recruitment": "not_yet", "why_not": "not_yet", "until": "2028-04-02"},
        {"recruitment": "unknown", "why_not": "not_confirmed", "since": "2026-04-01"},
    ]
    assert shown_on(stored, date(2026, 11, 29)) == summary(document, date(2026, 11, 29))
    assert summary(document, date(2026, 11, 29)) == {
        "trial": TRIAL,
        "number": "J1",
        "registered": "2026-04-01",
        "status": document["status"],
        **{field: RICH[field] for field in ("public_title", "scientific_title", "acronym", "phase", "study_type")},
        "first_enrolment": RICH["first_enrolment"],
        "sponsor": RICH["primary_sponsor"]["name"],
        "conditions": [{"en": "Cancer"}, {"en": "Cough"}],
        "countries": ["JP", "KR", "US"],
        "joining": {"possible": False, "recruitment": "not_yet", "why_not": "not_yet", "until": "2028-04-02"},
        "recruiting_sites": 0,
    }
    assert (words.key, names.key) == ((wording,), (name,))
    assert words.rows == ((wording, *(written(part) for part in SAID.values())),)
    assert words.rows[0][1] == "公開 開題 題 | public | scientific | acr | sacr | u1111 1234 5678 | p 1"
    assert names.rows == ((name, "j1 | 東京 京病 病院 院 | 東京 京病 病院 院 | seoul | capital"),)


def test_an_entry_is_new_only_where_what_it_says_is() -> None:
    document = rich()
    verified = happened.SiteVerified(site="a", status="not_yet", on="2026-03-01")
    event = event_of(TRIAL, 5, verified)
    assert list(search(event, document, evolve(document, event))) == []
    moved = event_of(TRIAL, 5, happened.TrialRecruitmentChanged(was="not_yet", now="recruiting", on="2026-05-01"))
    assert [put.table.name for put in search(moved, document, evolve(document, moved))] == ["search", "search_shown"]
    added = event_of(TRIAL, 5, site_added("c"))
    named = [put.table.name for put in search(added, document, evolve(document, added))]
    assert named == ["search", "search_shown", "search_beside"]
    assert list(search(event, None, None)) == []


def test_a_registration_without_a_word_has_no_words() -> None:
    event = event_of(TRIAL, 1, registered())
    [words] = [put for put in search(event, None, evolve(None, event)) if put.table.name == "search_words"]

    assert words.rows == ((*words.key, "", "", "", ""),)


def test_an_entry_of_the_past_ends_where_the_next_begins() -> None:
    event = event_of(TRIAL, 4, happened.TrialPublished(number="J1", registered="2026-04-01"))
    put = next(search(event, None, rich()))
    assert put.table.ended(put.rows[0], put.rows[0]) == (*put.rows[0], event.recorded, 3)


@pytest.mark.parametrize(
    ("document", "public"),
    [({}, False), ({"number": "J1"}, True), ({"home": {}}, True), ({"owner": "a"}, False)],
)
def test_a_draft_is_not_public(document: Document, public: bool) -> None:
    assert is_public(document) == public


def test_the_record_view_gets_the_whole_document() -> None:
    event, document = event_of(TRIAL, 4, happened.TrialPublished(number="J1", registered="2026-04-01")), rich()
    [put] = record(event, None, document)
    assert (put.table.name, put.key) == ("record", (TRIAL,))
    assert put.rows == ((TRIAL, "J1", False, ["J1"], [], to_json(document).decode()),)
    partners = evolve(None, event_of(TRIAL, 1, imported()))
    [put] = record(event, None, partners)
    assert put.rows == ((TRIAL, None, True, ["NCT00000001"], [], to_json(partners).decode()),)
    assert list(record(event, None, None)) == []


def test_the_history_gets_every_attribute_of_an_event() -> None:
    event = Event(
        position=Position(3, 17),
        recorded=datetime(2026, 11, 22, 1, 2, 3, 456_000, tzinfo=UTC),
        version=4,
        digest=b"d" * 32,
        record=Record(
            id=UUID(int=7),
            type="person.forgotten.v1",
            subject="person/1",
            expectedversion=3,
            previoushash=b"\x01" * 32,
            commandhash=b"\x02" * 32,
            actor="token",
            onbehalfof="office",
            time=datetime(2026, 11, 21, tzinfo=UTC),
            data={"b": 1, "a": [2]},
            origin=ORIGIN,
        ),
    )
    [put] = history(event, None, None)
    row = dict(zip(put.table.columns, put.rows[0], strict=True))

    assert (put.table.name, put.key) == ("history", ("person/1", 4))
    assert from_json(row.pop("attributes")) == {
        "expectedversion": 3,
        "previoushash": "01" * 32,
        "commandhash": "02" * 32,
        "actor": "token",
        "onbehalfof": "office",
        "time": "2026-11-21T00:00:00.000Z",
        "revision": 1,
        "base": ORIGIN.base,
        "log": ORIGIN.log,
        "extensions": {},
    }
    assert row == {
        "stream": "person/1",
        "version": 4,
        "id": UUID(int=7),
        "type": "person.forgotten.v1",
        "partition": 3,
        "offset": 17,
        "recorded": event.recorded,
        "digest": b"d" * 32,
        "data": '{"a":[2],"b":1}',
        "changes": "[]",
        "standing": "{}",
    }


def test_what_changed_is_told_without_the_bookkeeping() -> None:
    before = {"version": 1, "position": "0:0", "last_recorded": "a", "owner": "x", "status": {"a": 1, "b": 2}}
    after = {"version": 2, "position": "0:1", "last_recorded": "b", "number": "N", "status": {"a": 1, "b": 3}}
    after |= {"first_recorded": "c", "published_recorded": "d"}
    assert changed(before, after) == [
        {"field": "/number", "old": None, "new": "N"},
        {"field": "/owner", "old": "x", "new": None},
        {"field": "/status/b", "old": 2, "new": 3},
    ]
    assert changed(None, after) == changed(before, None) == []


AGES = [
    ({}, "[,)"),
    ({"minimum_age": "unlimited", "maximum_age": "unlimited"}, "[,)"),
    ({"minimum_age": {"value": 20, "unit": "years"}}, "[20.000000,)"),
    ({"minimum_age": {"value": 20, "unit": "years", "inclusive": False}}, "[21.000000,)"),
    ({"maximum_age": {"value": 65, "unit": "years"}}, "[,66.000000)"),
    ({"maximum_age": {"value": 65, "unit": "years", "inclusive": False}}, "[,65.000000)"),
    ({"minimum_age": {"value": 6, "unit": "months"}}, "[0.500000,)"),
    ({"minimum_age": {"value": 36525, "unit": "days"}}, "[100.000000,)"),
    ({"minimum_age": {"value": 36525, "unit": "weeks"}}, "[700.000000,)"),
    ({"minimum_age": {"value": 876_600, "unit": "hours"}}, "[100.000000,)"),
    ({"minimum_age": {"value": 52_596_000, "unit": "minutes"}}, "[100.000000,)"),
    ({"minimum_age": {"value": 66, "unit": "years"}, "maximum_age": {"value": 65, "unit": "years"}}, "empty"),
    (
        {"minimum_age": {"value": 65, "unit": "years"}, "maximum_age": {"value": 65, "unit": "years"}},
        "[65.000000,66.000000)",
    ),
]


@pytest.mark.parametrize(("eligibility", "years"), AGES)
def test_ages_are_a_range_of_years(eligibility: Document, years: str) -> None:
    assert facets.ages(eligibility) == years


def test_countries_are_those_of_sites_that_have_not_left_and_days_those_that_a_date_can_mean() -> None:
    places = {
        "a": {"place": {"country": "KR"}, "authorisation": "published"},
        "b": {"place": {"country": "US"}, "authorisation": "ended"},
        "c": {"place": {"city": "Kyoto"}, "authorisation": "published"},
        "d": {"authorisation": "published"},
    }
    assert facets.countries(places) == {"KR"}
    assert facets.days(None) is None
    assert facets.days({"date": "2024-02"}) == "[2024-02-01,2024-02-29]"


def test_numbers_are_compared_in_one_form() -> None:
    document = {
        "number": "jtr-2026 000017",
        "home": {"number": "JPRN-UMIN000000001"},
        "adopted_from": {"number": "NCT00000001"},
    }
    assert list(numbers_of(document)) == ["JTR2026000017", "UMIN000000001", "NCT00000001"]
    assert list(numbers_of({"number": "-"})) == []
    assert list(claims_of({"identifiers": [{"value": "a-1"}, {"value": "--"}, {"value": "Ｂ２"}]})) == ["A1", "B2"]
    assert normalise("x" * 300) == "X" * 200


def test_what_is_made_of_an_object_is_made_once_and_of_its_equal_anew() -> None:
    made: list[int] = []

    @once_for_each
    def count(it: dict[str, Any]) -> int:
        """Says how many were counted."""
        made.append(len(it))
        return len(made)

    one: dict[str, Any] = {"a": 1}
    other: dict[str, Any] = {"a": 1}
    assert [count(one), count(one), count(other), count(one)] == [1, 1, 2, 1]
    assert count.__name__ == "count"


def test_a_former_number_is_what_the_home_registry_says_of_a_trial_that_is_still_there() -> None:
    claim = {"value": "NCT00000002", "kind": "registry", "issuer": "ctgov", "source": "ctgov"}
    others = [
        {**claim, "value": "NCT00000003", "source": "Somebody"},
        {**claim, "value": "NCT00000004", "kind": "other"},
    ]
    document = {"home": {"registry": "ctgov", "number": "NCT1"}, "registration": {"identifiers": [claim, *others]}}

    assert list(former_of(document)) == ["NCT00000002"]
    assert list(former_of({**document, "home": {"registry": "isrctn", "number": "1"}})) == []
    assert list(former_of({"registration": document["registration"]})) == []
    assert list(claims_of({"identifiers": [{"value": "None"}, {"value": "なし"}, {"value": "A-1"}]})) == ["A1"]


def test_traits_are_what_a_trial_can_be_filtered_by_in_the_form_in_which_it_is_compared() -> None:
    place = {"country": "JP", "city": "Kyōto-shi", "region": "Kyoto Prefecture"}
    gone = {"country": "JP", "city": "Sapporo", "region": "北海道"}
    document = {
        "registration": {"legal_regime": "drug_gcp", "primary_sponsor": {"kind": 'Industry "A"'}},
        "sites": {
            "a": {"authorisation": "published", "place": place},
            "b": {"authorisation": "ended", "place": gone},
            "c": {"authorisation": "published"},
        },
        "gates": {
            "p:JP": {"programme": "p-1", "region": "JP", "state": "recruiting"},
            "p:KR": {"programme": "p-1", "region": "KR"},
            "q": {"programme": "p-2", "removed": True},
        },
    }

    assert facets.traits(document) == (
        '{"city:kyoto shi","prefecture:25","programme:p 1","regime:drug_gcp","region:jp","sponsor:industry a"}'
    )
    assert facets.traits({"registration": {}, "sites": {}}) == "{}"
    assert facets.trait("city", "京都市 ") == "city:京都市"
