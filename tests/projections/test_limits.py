"""What PostgreSQL's vectors and indexes can't hold is cut by rule, and nothing that they are given outgrows them."""

from random import Random

import psycopg
import pytest
import snowballstemmer

from events.schemas.trial import TrialRegistered
from projections.reading import Views
from projections.trial.document import stream_of
from projections.trial.identifiers import LONGEST_COMPARED, normalise
from projections.views.search.query import SearchQuery
from projections.views.search.starts import starts
from projections.views.search.vectors import vectors
from projections.views.search.words import stem, tokens
from tests.projections.trials import Writer, memory_log, now, registered, trial_id
from tests.projections.views import project

RANDOM = Random(1)
KANJI = [chr(code) for code in range(0x4E00, 0x9FFF)]
ASTRAL = [chr(code) for code in range(0x20000, 0x2A000)]
DESERET = [chr(code) for code in range(0x10428, 0x10450)]
INDEX_BYTES = 2_704
"""What an entry of a B-tree may have; one of a GIN index may have 8 more."""


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
async def test_postgres_takes_every_vector(database_url: str, name: str) -> None:
    lexemes = tokens(LONG[name])
    titles = [tokens(LONG[name][at : at + 2_000]) for at in range(0, 8_000, 2_000)]
    literals = [*vectors([lexemes]), *starts(titles, [lexemes], titles)]
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("create table tried (words tsvector)")
        await connection.execute("create index on tried using gin (words)")
        async with connection.cursor() as cursor:
            await cursor.executemany("insert into tried values (%s::tsvector)", [(one,) for one in literals])

    assert sum(map(len, literals)) < 10_000_000


def test_one_character_again_and_again_takes_no_more_room_than_its_substrings() -> None:
    assert sum(map(len, vectors([tokens("亜" * 130_000)]))) < 10_000


def test_titles_fill_a_vector_of_starts_up_to_a_number_of_bytes() -> None:
    titles = [tokens(drawn(ASTRAL, 2_000)) for _ in range(8)]
    (made,) = starts(titles)

    # 2,000 places of 20 characters of 4 bytes, with quotes and positions: five texts fit, and the others are left out.
    assert 700_000 < len(made.encode()) <= 900_000


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
    writer = Writer(memory_log())
    await writer.append(stream_of(trial_id(1)), TrialRegistered.from_stored({"owner": "a", "registration": stored}))
    await writer.append(stream_of(trial_id(2)), registered(public_title={"en": "Afterwards"}))
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    found = [await views.search(SearchQuery(q=q, everything=True)) for q in (number[:200], "afterwards")]
    await views.close()

    assert [[one.summary["trial"] for one in page.found] for page in found] == [[trial_id(1)], [trial_id(2)]]
