"""What an index can't hold is cut by rule, and nothing that it is given outgrows it."""

from datetime import date
from random import Random

import pytest
import snowballstemmer
from tantivy import Index

from events.schemas.trial import TrialRegistered
from projections.reading import Views
from projections.search.finding import Search
from projections.search.index import index_state
from projections.search.mark import Mark
from projections.search.query import SearchQuery
from projections.search.shape import schema
from projections.search.words import stem, written
from projections.search.writing import Writer
from projections.trial.document import stream_of
from projections.trial.identifiers import LONGEST_COMPARED, normalise
from tests.projections.entries import entry
from tests.projections.trials import Writer as LogWriter
from tests.projections.trials import memory_log, now, registered, trial_id
from tests.projections.views import project

RANDOM = Random(1)
KANJI = [chr(code) for code in range(0x4E00, 0x9FFF)]
ASTRAL = [chr(code) for code in range(0x20000, 0x2A000)]
DESERET = [chr(code) for code in range(0x10428, 0x10450)]
INDEX_BYTES = 2_704
"""What an entry of a B-tree may have."""


def drawn(characters: list[str], count: int, words: int = 0) -> str:
    text = "".join(RANDOM.choices(characters, k=count))
    return " ".join(text[at : at + words] for at in range(0, count, words)) if words else text


LONG = {
    "kanji": drawn(KANJI, 130_000),
    "kanji beyond the first plane": drawn(ASTRAL, 100_000),
    "two kanji": drawn(KANJI[:2], 130_000),
    "one kanji": "亜" * 130_000,
    "single kanji": "亜 " * 50_000,
    "words of four bytes a character": drawn(DESERET, 60_000, words=3),
    "long words": drawn(DESERET, 90_000, words=64),
    "one word": "a" * 400_000,
    "a frequent word": "the " * 100_000,
    "marks": "a" + "\u0301\u0323" * 100,
    "what NFKC makes eighteen of": "\ufdfa" * 20_000,
}


@pytest.mark.parametrize("name", LONG)
def test_an_index_takes_every_text_and_finds_its_end(name: str) -> None:
    texts = written([LONG[name], "the very end"])
    index = Index(schema())
    marked = Writer(lambda: index).write([entry(titles=texts, rest=texts)], Mark({0: 1}, "views"))

    assert not marked.aside
    assert Search(index_state(index), SearchQuery(q='"the very end"'), date(2026, 11, 22)).find(0).total == 1
    assert len(texts) < 10_000_000


def test_one_character_again_and_again_takes_no_more_room_than_its_substrings() -> None:
    assert len(written(["亜" * 130_000])) < 10_000


@pytest.mark.parametrize("text", ["𠮷" * 2_000, "\ufdfa" * 2_000, drawn(KANJI, 2_000), "A" * 2_000])
def test_a_number_is_compared_by_as_much_as_an_index_takes(text: str) -> None:
    assert len(normalise(text)) == LONGEST_COMPARED
    assert len(normalise(text).encode()) < INDEX_BYTES
    assert normalise(text + "x") == normalise(text)


def test_a_word_without_a_latin_letter_is_its_own_stem() -> None:
    english = snowballstemmer.stemmer("english")
    words = [*["0", "1", "2020", "ß", "çé", "癌", "ー"], *(drawn(DESERET, 5) for _ in range(20)), "αβγs", "й1ing"]

    assert [stem(word) for word in words] == [english.stemWord(word) for word in words]


async def test_what_an_older_version_took_stops_no_view(database_url: str) -> None:
    number = drawn(KANJI, 1_500)
    stored = {
        "identifiers": [{"value": number, "kind": "other"}],
        **{
            name: {"ja": drawn(ASTRAL, 7_000), "en": drawn(ASTRAL, 7_000)}
            for name in ("public_title", "scientific_title")
        },
    }
    writer = LogWriter(memory_log())
    await writer.append(stream_of(trial_id(1)), TrialRegistered.from_stored({"owner": "a", "registration": stored}))
    await writer.append(stream_of(trial_id(2)), registered(public_title={"en": "Afterwards"}))
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    found = [await views.search(SearchQuery(q=q, everything=True)) for q in (number[:200], "afterwards")]
    await views.close()

    assert [[one.summary["trial"] for one in page.found] for page in found] == [[trial_id(1)], [trial_id(2)]]
