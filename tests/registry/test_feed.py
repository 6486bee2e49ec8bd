"""The feed's pure middle: who gets which entry, that the entries fold to the documents, and places as tokens."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.admission import Head
from events.event import Event
from events.record import Position, Record
from events.schemas.access import Role
from events.schemas.trial import (
    SiteOpened,
    SitePaused,
    TakeBackAsked,
    TakeBackDeclined,
    TrialOwnerChanged,
    TrialPublished,
)
from events.schemas.values import Value
from events.sealing import opened
from events.streams import Stream
from projections.trial.document import Document, evolve, is_public, stream_of, without_draft_times
from projections.views.history.project import Change, changed, standing
from registry.domain.permissions import ANONYMOUS, Actor
from registry.feed import cursor
from registry.feed.entry import Known, Now, entry_of, id_of, needs_whole
from registry.feed.fold import fold
from tests.projections.trials import (
    BEGINNING,
    HISTORIES,
    NAMESPACE,
    ORIGIN,
    amended,
    event_of,
    registered,
    site_added,
    trial_id,
)
from tests.support.stories import Teller, every

OFFICE = Actor("office", Role.REGISTRY, "registry")
OWNER = Actor("owner", Role.SPONSOR, "sponsor-1")
HEIR = Actor("heir", Role.SPONSOR, "sponsor-2")
STRANGER = Actor("stranger", Role.SITE, "kyoto-hp")


class Changes:
    """A log's changes as the history view has them, and all that a page of them needs."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.changes: list[Change] = []
        self.documents: dict[str, Document] = {}
        wholes: dict[str, Document] = {}
        last: dict[str, dict[str, Any]] = {}
        for event in events:
            trial = Stream(event.record.subject).id
            before = self.documents.get(trial)
            after = self.documents[trial] = evolve(before, event)
            change = Change(event, changed(before, after), standing(before, after), last.get(trial))
            last[trial] = change.after
            self.changes.append(change)
            if needs_whole(change):
                wholes[id_of(change)] = after
        self.known = Known(wholes, {stream_of(trial): Now.of(one) for trial, one in self.documents.items()}, {})

    def entries(self, asker: Actor) -> list[dict[str, Any]]:
        """What the asker gets. No key is there: all that is sealed is shown as erased."""
        return [entry for change in self.changes if (entry := entry_of(change, asker, self.known)) is not None]

    def versions(self, asker: Actor) -> list[int]:
        return [entry["version"] for entry in self.entries(asker)]


def changes_of(*payloads: Value) -> Changes:
    return Changes(event_of(trial_id(1), version, payload) for version, payload in enumerate(payloads, start=1))


def of_history(history: Sequence[tuple[str, Value]]) -> Changes:
    versions: dict[str, int] = {}

    def events() -> Iterator[Event]:
        for stream, payload in history:
            version = versions[stream] = versions.get(stream, 0) + 1
            yield event_of(Stream(stream).id, version, payload)

    return Changes(events())


def of_stories() -> Iterator[Changes]:
    for story in every(Teller(lambda: "text", "feed")):
        trials = [one for one in story if Stream(one.stream).category == "trial"]
        if trials:
            yield Changes(_event(one, version) for version, one in enumerate(trials, start=1))


def _event(happened: Any, version: int) -> Event:
    record = Record(
        id=NAMESPACE,
        type=happened.type,
        subject=happened.stream,
        expectedversion=version - 1,
        previoushash=Head().digest,
        commandhash=b"c" * 32,
        actor=happened.actor,
        onbehalfof=happened.onbehalfof,
        time=BEGINNING,
        data=happened.data,
        origin=ORIGIN,
        extensions=happened.extensions,
    )
    return Event(Position(0, version), BEGINNING + timedelta(hours=version), version, bytes(32), record)


def in_clear(trial: str, document: Document) -> Document:
    shown: Document = opened(document, stream_of(trial), {})
    return shown


def check_folds(changes: Changes) -> None:
    documents = changes.documents
    assert fold({}, changes.entries(OFFICE)) == {trial: in_clear(trial, documents[trial]) for trial in documents}
    for asker in (ANONYMOUS, STRANGER):
        public = {
            trial: in_clear(trial, without_draft_times(_without_withheld(document)))
            for trial, document in documents.items()
            if is_public(document)
        }
        assert fold({}, changes.entries(asker)) == public


def _without_withheld(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "withheld"}


@given(HISTORIES)
def test_the_entries_of_any_history_fold_to_the_documents(history: list[tuple[str, Value]]) -> None:
    check_folds(of_history(history))


def test_the_entries_of_every_event_of_the_catalogue_fold_to_the_documents() -> None:
    stories = list(of_stories())

    assert len(stories) >= 5
    for changes in stories:
        check_folds(changes)


@given(HISTORIES)
def test_nobody_gets_an_entry_twice_or_out_of_order(history: list[tuple[str, Value]]) -> None:
    for asker in (OFFICE, OWNER, STRANGER, ANONYMOUS):
        entries = of_history(history).entries(asker)
        for trial in {entry["trial"] for entry in entries}:
            versions = [entry["version"] for entry in entries if entry["trial"] == trial]
            assert versions == sorted(set(versions))
            assert "record" in next(entry for entry in entries if entry["trial"] == trial)


PUBLISHED = TrialPublished(number="JTR2026000001", registered="2026-04-01")
AMENDED = amended(("/phase", None, "2"))
GIVEN = TrialOwnerChanged(was="sponsor-1", now="sponsor-2")
GIVEN_BACK = TrialOwnerChanged(was="sponsor-2", now="sponsor-1")


def test_a_draft_is_for_its_owner_and_the_public_gets_the_trial_with_its_publication() -> None:
    draft = changes_of(registered(), AMENDED)
    published = changes_of(registered(), AMENDED, PUBLISHED, AMENDED)

    assert [draft.versions(asker) for asker in (OFFICE, OWNER, STRANGER, ANONYMOUS)] == [[1, 2], [1, 2], [], []]
    assert published.versions(OFFICE) == published.versions(OWNER) == [1, 2, 3, 4]
    assert published.versions(STRANGER) == published.versions(ANONYMOUS) == [3, 4]
    [first, second] = published.entries(ANONYMOUS)
    assert (first["record"]["version"], [one["field"] for one in second["changes"]]) == (3, ["/last_changed"])
    assert ("changes" in published.entries(OWNER)[2], first["number"]) == (True, "JTR2026000001")


def test_a_draft_that_is_given_away_goes_on_with_its_new_owner() -> None:
    draft = changes_of(registered(), AMENDED, GIVEN, AMENDED)
    public = changes_of(registered(), AMENDED, GIVEN, AMENDED, PUBLISHED)
    back = changes_of(registered(), GIVEN, AMENDED, GIVEN_BACK, AMENDED)

    assert (draft.versions(OWNER), draft.versions(HEIR)) == ([], [3, 4])
    assert (public.versions(OWNER), public.versions(HEIR)) == ([5], [3, 4, 5])
    assert (back.versions(OWNER), back.versions(HEIR)) == ([1, 4, 5], [])
    assert ["record" in entry for entry in back.entries(OWNER)] == [True, True, False]
    for one, asker in ((draft, HEIR), (public, HEIR), (public, OWNER), (back, OWNER)):
        assert fold({}, one.entries(asker)).keys() == one.documents.keys()


def test_what_was_given_to_a_follower_before_the_owner_changed_is_what_is_given_after_it_to_nobody() -> None:
    before, after = changes_of(registered(), AMENDED), changes_of(registered(), AMENDED, GIVEN)

    assert (before.versions(OWNER), after.versions(OWNER)) == ([1, 2], [])


def test_reports_of_a_draft_do_not_say_when_they_were_recorded() -> None:
    opened = SiteOpened(site="site-1", was="not_yet", on="2026-04-02")
    paused = SitePaused(site="site-1", was="recruiting", on="2026-04-03")
    one = changes_of(registered(), site_added("site-1"), opened, PUBLISHED, paused)
    drafted, published = (one.changes[at].event.recorded.isoformat()[:16] for at in (2, 3))

    def times(asker: Actor) -> str:
        return str([entry for entry in one.entries(asker) if entry["version"] > 3])

    assert (drafted in times(OWNER), drafted in times(ANONYMOUS)) == (True, False)
    assert published in times(ANONYMOUS)


def test_a_text_that_is_asked_back_is_withheld_everywhere_and_the_trial_comes_whole() -> None:
    why = {"text": "text-1", "sealed": "1.x"}
    paused = SitePaused.model_validate({"site": "site-1", "was": "recruiting", "on": "2026-04-03", "why": why})
    asking = TakeBackAsked(site="site-1", of=4, texts=("text-1",))
    declined = TakeBackDeclined(site="site-1", of=4, texts=("text-1",))
    withheld = changes_of(registered(), site_added("site-1"), PUBLISHED, paused, asking)
    read = changes_of(registered(), site_added("site-1"), PUBLISHED, paused, asking, declined)

    assert "text-1" not in str(withheld.entries(ANONYMOUS))
    assert withheld.entries(ANONYMOUS)[-1]["record"]["sites"]["site-1"]["why"] == {"withheld": True}
    assert withheld.entries(OFFICE)[-1]["record"]["sites"]["site-1"]["why"] == {"text": "text-1", "erased": True}
    assert read.entries(ANONYMOUS)[-1]["record"]["sites"]["site-1"]["why"] == {"text": "text-1", "erased": True}
    for one in (withheld, read):
        check_withheld(one)


def check_withheld(one: Changes) -> None:
    """Office and regulators are told what is asked back; the others get a document without that list."""
    assert ("withheld" in fold({}, one.entries(OFFICE))[trial_id(1)]) == ("withheld" in one.documents[trial_id(1)])
    assert "withheld" not in fold({}, one.entries(ANONYMOUS))[trial_id(1)]


OFFSETS = st.lists(st.integers(0, 2**63 - 1), max_size=100).map(lambda several: dict(enumerate(several)))


@given(OFFSETS)
def test_a_place_is_read_as_it_was_written(offsets: dict[int, int]) -> None:
    token = cursor.encode("log", offsets)

    assert cursor.decode("log", len(offsets), token) == offsets
    assert token.replace("-", "a").replace("_", "a").isalnum()


@given(OFFSETS, st.integers(0, 10_000), st.sampled_from("Aa0-_=. é"))
def test_a_place_that_was_damaged_is_none(offsets: dict[int, int], at: int, other: str) -> None:
    token = cursor.encode("log", offsets)
    at %= len(token)
    damaged = token[:at] + other + token[at + 1 :]
    try:
        read = cursor.decode("log", len(offsets), damaged)
    except (cursor.NoCursor, cursor.OtherLog):
        return

    # The last character has bits that say nothing.
    assert (read, at) == (offsets, len(token) - 1 if damaged != token else at)


@pytest.mark.parametrize("token", ["", "A", "AAAA", "x" * 8_000, "3:141", "…", "A" * 400])
def test_what_is_no_place_is_refused(token: str) -> None:
    with pytest.raises(cursor.NoCursor):
        cursor.decode("log", 2, token)


def test_a_place_of_another_log_or_of_other_partitions_is_refused() -> None:
    token = cursor.encode("log", {0: 5, 1: 7})
    with pytest.raises(cursor.OtherLog):
        cursor.decode("another", 2, token)
    with pytest.raises(cursor.NoCursor):
        cursor.decode("log", 3, token)


def test_the_longest_place_fits_into_an_address() -> None:
    token = cursor.encode("log", dict.fromkeys(range(1_024), 2**34))

    assert len(token) < cursor.LONGEST
    assert len(cursor.decode("log", 1_024, token)) == 1_024
