"""Each of two thousand nasty strings in each text of each event, through everything that is made of a log without I/O.

A round plants a text everywhere, each place its own; the next round moves every text on by one place. After as many
rounds as there are strings, every place has had every string. `make nasty` does them all; the tests a share by seed.
"""

import inspect
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from lxml import etree

from adapters.exporting import Sender
from adapters.ictrp.checks import faults
from adapters.ictrp.contacts import Persons
from adapters.ictrp.render import render
from events import sealing
from events.admission import Head
from events.catalogue import EVENTS, payload_of
from events.escaping import in_json, on_a_line
from events.event import Event
from events.record import Position, Record, decode, encode
from events.schemas.parties import Person
from events.schemas.wording import closed
from events.streams import Stream
from projections.catalogue import PROGRAM
from projections.engine.gathering import gather
from projections.search.highlights import excerpt, wanted
from projections.search.query import Found
from projections.search.texts import texts
from projections.trial.document import Document, stream_of, timestamp
from projections.views.history.project import HISTORY
from projections.views.search.project import summary
from registry.api.sources import differing
from registry.domain.catalogue import DECIDERS
from registry.domain.trial.state import Trial
from registry.pages import rendering
from registry.pages.rendering import html
from registry.pages.searching import hit
from registry.pages.showing import timeline_shown, trial_shown
from registry.pages.words import Language, words_in
from tests.projections.trials import BEGINNING, NAMESPACE, ORIGIN
from tests.support.nasty import SEED, corpus, filled
from tests.support.stories import Happened, Teller, every

ACTING: Final = frozenset("\x1b\x9b\x85\x07\u2028\u202e\u2066\u2067\u202b\u200f")
"""Characters that act on a terminal, or on a reader of lines: some of those that are never printed."""
PLACE: Final = "\ue000"
"""Begins what stands for a text until a round plants one. No string of the corpus begins so."""
STRINGS: Final = corpus()
PAGES: Final = Path(inspect.getfile(rendering)).parent
DAY: Final = date(2026, 11, 22)
SENDER: Final = Sender("Registry", "https://registry.example/trials", DAY)


def _stories() -> tuple[list[list[Happened]], Any, int]:
    """Stories and a person with a mark at each place of a text, and how many places there are."""
    numbers = count()

    def place() -> str:
        return f"{PLACE}{next(numbers)}"

    founding = Teller(place, "log").event("log", "log.founded.v1")
    stories = [[founding], *every(Teller(place, "story"))]
    return stories, filled(Person, place), next(numbers)


STORIES, PERSON, PLACES = _stories()


def _planted(value: Any, turn: int) -> Any:
    """The value with the texts of a round at its places."""
    if isinstance(value, str):
        return _text(value, turn) if PLACE in value else value
    if isinstance(value, dict):
        return {name: _planted(inner, turn) for name, inner in value.items()}
    return [_planted(inner, turn) for inner in value] if isinstance(value, list) else value


def _text(marked: str, turn: int) -> str:
    before, _, number = marked.partition(PLACE)
    return before + STRINGS[(int(number) + turn) % len(STRINGS)]


def _events(story: Sequence[Happened], turn: int) -> Iterator[Event]:
    versions: dict[str, int] = {}
    for offset, happened in enumerate(story):
        stream = _planted(happened.stream, turn)
        version = versions[stream] = versions.get(stream, 0) + 1
        made = Record(
            id=NAMESPACE,
            type=happened.type,
            subject=stream,
            expectedversion=version - 1,
            previoushash=Head().digest,
            commandhash=b"c" * 32,
            actor=_planted(happened.actor, turn),
            onbehalfof=_planted(happened.onbehalfof, turn),
            time=BEGINNING,
            data=_planted(happened.data, turn),
            origin=ORIGIN,
            extensions=_planted(happened.extensions, turn),
        )
        assert decode(encode(made)) == made
        yield Event(Position(0, offset), BEGINNING + timedelta(hours=offset), version, bytes(32), made)


def _stages(events: list[Event]) -> Iterator[list[Event]]:
    """What a log holds before a partner's trial is registered here, and all of it."""
    ours = [at for at, event in enumerate(events) if event.record.type in ("trial.adopted.v1", "trial.restored.v1")]
    yield from (events[:at] for at in ours)
    yield events


def _gathered(events: Sequence[Event]) -> tuple[Document | None, list[dict[str, Any]]]:
    """The trial's document, where the events are of one, and all events as the API answers them.

    No view sets one aside, and any store takes them.
    """
    documents: dict[str, Document] = {}
    rows, aside = gather(events, documents, PROGRAM)
    assert aside == []
    for row in (row for of_table in rows.values() for put in of_table.values() for row in put):
        assert all("\0" not in value and value.encode() for value in row if isinstance(value, str) and value)
    history = [dict(zip(HISTORY.columns, row, strict=True)) for put in rows[HISTORY].values() for row in put]
    for row, event in zip(history, events, strict=True):
        assert json.loads(row["data"]) == event.record.data
    answered = [_as_answered(event, json.loads(row["changes"])) for row, event in zip(history, events, strict=True)]
    return _opened(next((one for one in documents.values() if "trial" in one), None)), answered


def _opened(value: Any) -> Any:
    """The same with nasty texts in clear where reasons and whys are sealed."""
    return sealing.replace(value, lambda one: sealing.is_sealed(one) and "text" in one, lambda one: {"en": one["text"]})


def _as_answered(event: Event, changes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": event.record.type,
        "version": event.version,
        "position": str(event.position),
        "recorded": timestamp(event.recorded),
        "organisation": event.record.onbehalfof,
        "data": _opened(event.record.data),
        "changes": _opened(changes),
        "reason": event.record.data["reason"]["text"],
    }


TAGS: Final = {"h2", "h3"}.union(
    *(re.findall("<([a-z][a-z0-9]*)", one.read_text("utf-8")) for one in (PAGES / "templates").iterdir())
)
"""What the templates write."""


class Page(HTMLParser):
    """Reads a page as a browser does, and notes what no text of others may do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.wrong = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within += tag == "bdi"
        self.wrong += [] if tag in TAGS else [f"<{tag}>"]
        for name, value in attrs:
            leads_away = name in ("href", "src", "action") and not (value or "").startswith(("/", "#", "http"))
            if leads_away or name.startswith("on") or not (tag == "input" or closed(value or "")):
                self.wrong.append(f"{name}={value!r}")

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag == "bdi"

    def handle_data(self, data: str) -> None:
        if not self.within and not closed(data):
            self.wrong.append(repr(data))


def _shown(document: Document, events: Sequence[dict[str, Any]], language: Language) -> None:
    words, path = words_in(language), {Language.JAPANESE: "", Language.ENGLISH: "/en"}[language]
    pages = {
        "trial": trial_shown(words, document, reversed(events[-5:]), "", DAY),
        "timeline": timeline_shown(words, document, events, "", DAY) | {"after": 0, "following": None},
    }
    for name, content in pages.items():
        page = Page()
        page.feed(html(f"{name}.html", "Registry", f"{path}/trials/1", {}, {**content, "lacks": None}))
        assert page.wrong == [], name


def _found(document: Document, text: str, language: Language) -> None:
    sought = wanted(text[:500])
    shown = hit(words_in(language), sought, Found(summary(document, DAY), 0.0))
    for marked in (shown.title, shown.sponsor, excerpt(texts(document), sought)):
        assert "".join(piece for piece, _ in marked).encode() is not None


def _written_for_who(document: Document, persons: Persons) -> None:
    element = render(document, persons, SENDER).element
    again = etree.fromstring(etree.tostring(element, encoding="UTF-8"))
    assert [one.text for one in again.iter()] == [one.text or None for one in element.iter()]
    # A number and a title of ours that WHO can't have keep the trial out of the upload, which says so.
    assert all(fault.startswith(("main/url", "main/trial_id", "main/public_title")) for fault in faults(element))


def _printed(events: Sequence[dict[str, Any]]) -> None:
    document = in_json(orjson.dumps(events).decode())
    assert json.loads(document) == events
    assert not ACTING & set(document)
    for event in events:
        for text in (event["reason"], event["organisation"], *(str(one["new"]) for one in event["changes"])):
            assert not (ACTING | {"\n", "\r"}) & set(on_a_line(text))


def _persons(document: Document, turn: int) -> Persons:
    person = Person.from_stored(_planted(PERSON, turn))
    contacts = document["registration"].get("contacts", ())
    return {one["person"]["sealed"]: person for one in contacts if "person" in one}


def _states(events: Sequence[Event]) -> dict[str, Any]:
    """The states for decisions, by stream."""
    states: dict[str, Any] = {}
    for event in events:
        stream, payload = Stream(event.record.subject), payload_of(event.record)
        if (decider := DECIDERS.get(stream.category)) is not None:
            states[stream] = decider.evolve(states.get(stream, decider.initial), payload)
    return states


def _compared(trial: Trial, document: Document) -> None:
    """What the sources say beside the record."""
    assert all(differing(document, source) is not None for source in trial.sources.values())


def _turned(turn: int) -> None:
    language = list(Language)[turn % 2]
    for story in STORIES:
        for events in _stages(list(_events(story, turn))):
            document, answered = _gathered(events)
            _printed(answered)
            states = _states(events)
            if document is None:
                continue
            _compared(states[stream_of(document["trial"])], document)
            _shown(document, answered, language)
            _found(document, STRINGS[turn], language)
            if "home" not in document:
                _written_for_who(document, _persons(document, turn))


def test_every_place_gets_every_string(pytestconfig: pytest.Config) -> None:
    turns = random.Random(SEED).sample(range(len(STRINGS)), pytestconfig.getoption("turns"))
    for turn in turns:
        _turned(turn)


def test_the_stories_have_every_event_of_the_catalogue_and_every_turn_moves_every_text() -> None:
    assert {happened.type for story in STORIES for happened in story} == set(EVENTS)
    assert PLACES > 1_000
    first, second = (
        json.dumps([_planted(happened.data, turn) for story in STORIES for happened in story]) for turn in (0, 1)
    )
    assert PLACE not in first
    assert first != second
