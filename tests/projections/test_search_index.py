"""The index of the search: what it holds after every failure that tantivy has, and how it comes to be made anew."""

import asyncio
import json
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from tantivy import Document, Index, SchemaBuilder

from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine.progress import Progress
from projections.engine.rebuild import rebuild
from projections.search import shape
from projections.search.finding import Search
from projections.search.folder import IN_USE, Folder
from projections.search.follower import Follower, Standing, unverified
from projections.search.index import SharedIndex, index_state
from projections.search.mark import Mark
from projections.search.query import SearchQuery
from projections.search.shape import Entry
from projections.search.words import written
from projections.search.writing import IndexFailed, IndexUnfit, Writer, mark_in
from projections.trial.document import stream_of
from tests.projections.entries import entry
from tests.projections.trials import TOPIC, imported, memory_log, trial_id
from tests.projections.trials import Writer as LogWriter
from tests.projections.views import eventually, project

TODAY = date(2026, 11, 22)
VIEWS = "views"
ROOT = Path(__file__).parents[2]


def found(index: Index, q: str = "") -> list[str]:
    """The trials that a search finds, in its order."""
    return [hit.trial for hit in Search(index_state(index), SearchQuery(q=q, limit=100), TODAY).find(0).found]


def in_folder(path: Path) -> tuple[Folder, Writer]:
    """A new index in a folder, in use."""
    folder = Folder(path)
    writer = Writer(folder.renew())
    writer.begin(Mark({}, VIEWS))
    folder.swap()
    return folder, writer


def poisonous(entry: Entry) -> Document:
    """A document with a value of the wrong kind for trial 7: tantivy panics on it when it commits."""
    made = shape.document(entry)
    if entry.trial == trial_id(7):
        made.add_unsigned("newest", 7)
    return made


def test_a_document_that_can_not_be_taken_is_set_aside_alone_and_the_writer_goes_on(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    writer = Writer(folder.renew(), document=poisonous)
    writer.begin(Mark({}, VIEWS))
    mark = writer.write([entry(number) for number in range(12)], Mark({0: 12}, VIEWS))

    assert mark == mark_in(writer.index)
    assert (mark.positions, [*mark.aside]) == ({0: 12}, [f"{trial_id(7)}/1"])
    assert {*found(writer.index)} == {trial_id(number) for number in range(12) if number != 7}

    mark = writer.write([entry(number) for number in range(12, 15)], Mark({0: 15}, VIEWS, aside=mark.aside))
    assert len(found(writer.index)) == 14
    assert [*mark.aside] == [f"{trial_id(7)}/1"]
    writer.close()


def test_a_number_that_no_field_holds_is_set_aside_without_a_panic() -> None:
    index = Index(shape.schema())
    mark = Writer(lambda: index).write([entry(1), entry(2, age_to=2**63)], Mark({0: 3}, VIEWS))

    assert mark.aside == {f"{trial_id(2)}/1": "OverflowError"}
    assert found(index) == [trial_id(1)]


def test_a_phrase_of_one_word_is_asked_as_a_word() -> None:
    index = Index(shape.schema())
    Writer(lambda: index).write([entry(1, titles=written(["肺癌 zinc"]))], Mark({0: 2}, VIEWS))

    for q in ("肺癌", "zinc", '"zinc"', '"肺癌"', "癌"):
        assert found(index, q) == [trial_id(1)], q


def test_an_unfinished_word_is_looked_up_among_all_that_begin_so() -> None:
    """tantivy's own query for beginnings looks at the first fifty."""
    index = Index(shape.schema())
    entries = [entry(number, rest=written([f"prefix{number:04}"])) for number in range(300)]
    Writer(lambda: index).write(entries, Mark({0: 300}, VIEWS))

    search = Search(index_state(index), SearchQuery(q="prefi"), TODAY)
    assert search.find(0).total == 300


def test_a_short_word_is_whole_where_that_finds_something() -> None:
    index = Index(shape.schema())
    entries = [entry(1, rest="als"), entry(2, rest="also"), entry(3, rest="rare")]
    Writer(lambda: index).write(entries, Mark({0: 4}, VIEWS))

    assert found(index, "als") == [trial_id(1)]
    assert found(index, "also") == [trial_id(2)]
    assert found(index, "rar") == [trial_id(3)]


def test_facets_are_exact_in_several_segments_and_of_more_values_than_tantivy_counts_by_itself() -> None:
    index = Index(shape.schema())
    writer = Writer(lambda: index)
    codes = [f"{a}{b}" for a in "ABCDE" for b in "ABCDE"]
    for part in range(4):
        entries = [entry(100 * part + at, countries=codes[: at + 1]) for at in range(25)]
        writer.write(entries, Mark({0: part}, VIEWS))

    counts = Search(index_state(index), SearchQuery(), TODAY).count()
    assert counts["country"] == {code: 4 * (25 - at) for at, code in enumerate(codes)}


def test_another_index_is_made_where_a_bit_was_flipped(tmp_path: Path) -> None:
    folder, writer = in_folder(tmp_path)
    writer.write([entry(number, titles="zinc") for number in range(50)], Mark({0: 50}, VIEWS))
    writer.write([entry(number, titles="iron") for number in range(9)], Mark({0: 50}, VIEWS))
    writer.close()
    folder.current()

    for file in sorted((tmp_path / folder.in_use()).iterdir()):
        if file.suffix in (".json", ".lock"):
            continue
        content = file.read_bytes()
        file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        with pytest.raises(IndexUnfit, match="damaged"):
            folder.current()
        file.write_bytes(content)
    assert len(found(folder.current()())) == 50


def _another_shape(path: Path) -> None:
    (path / IN_USE).write_text(
        json.dumps({"shape": shape.SHAPE + 1, "folder": json.loads((path / IN_USE).read_text())["folder"]})
    )


def _no_list(path: Path) -> None:
    (path / Folder(path).in_use() / "meta.json").write_text("")


def _another_schema(path: Path) -> None:
    name = Folder(path).in_use()
    for file in (path / name).iterdir():
        file.unlink()
    fields = SchemaBuilder()
    fields.add_text_field("words")
    Index(fields.build(), path=str(path / name)).writer(15_000_000, 1).commit()


def _gone(path: Path) -> None:
    for folder in path.iterdir():
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()


UNFIT: dict[str, Callable[[Path], None]] = {
    "another shape": _another_shape,
    "no list of its files": _no_list,
    "another schema": _another_schema,
    "deleted": _gone,
    "not JSON": lambda path: (path / IN_USE).write_text("{") and None,
}


@asynccontextmanager
async def following(folder: Folder, url: str) -> AsyncIterator[list[Standing]]:
    """A follower for as long as the context lasts, with how it stood each time that it told."""
    standings: list[Standing] = []
    task = asyncio.create_task(Follower(folder, tell=standings.append).run(url, Progress()))
    try:
        yield standings
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async def holds() -> bool:
        return condition()

    await eventually(holds)


async def filled(url: str, count: int = 20) -> LogWriter:
    writer = LogWriter(memory_log())
    for number in range(count):
        await writer.append(stream_of(trial_id(number)), imported(f"NCT{number:08}", public_title={"en": "Zinc"}))
    await project(writer.log, url)
    return writer


@pytest.mark.parametrize("what", UNFIT)
async def test_an_index_that_does_not_fit_is_said_to_be_and_made_anew(
    what: str, database_url: str, tmp_path: Path
) -> None:
    await filled(database_url)
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
    UNFIT[what](tmp_path)
    reader = SharedIndex(Folder(tmp_path))

    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
        assert standings[0].unfit
        for standing in standings:
            await reader.hear(standing)
    state = await reader.state_at(standings[-1].positions, 1)
    assert len(found(state.index, "zinc")) == 20
    await reader.close()
    assert subfolders(tmp_path) == 1


async def test_an_index_that_fits_is_adopted_and_stands_as_it_was_written(database_url: str, tmp_path: Path) -> None:
    await filled(database_url)
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
    reader = SharedIndex(Folder(tmp_path))
    assert reader.standing.unfit

    async with await connect(database_url) as connection:
        await reader.adopt(connection, unverified)

    assert reader.standing == standings[-1]
    state = await reader.state_at(standings[-1].positions, 1)
    assert len(found(state.index, "zinc")) == 20
    await reader.close()


def subfolders(path: Path) -> int:
    return sum(folder.is_dir() for folder in path.iterdir())


async def test_an_index_that_is_deleted_while_it_is_in_use_is_made_anew(database_url: str, tmp_path: Path) -> None:
    writer = await filled(database_url)
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
        _gone(tmp_path)
        (tmp_path / IN_USE).unlink()
        await until(lambda: any(one.unfit for one in standings[1:]) and not standings[-1].unfit)
        await writer.append(stream_of(trial_id(77)), imported("NCT77", public_title={"en": "Zinc"}))
        await project(writer.log, database_url)
        await until(lambda: sum(standings[-1].positions.values()) == 21)
    assert len(found(Folder(tmp_path).current()(), "zinc")) == 21


async def test_an_index_of_rebuilt_views_is_made_anew_while_the_one_before_answers(
    database_url: str, tmp_path: Path
) -> None:
    writer = await filled(database_url)
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
        before = Folder(tmp_path).in_use()
        await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)
        await until(lambda: Folder(tmp_path).in_use() != before)
        assert not [one.unfit for one in standings[1:] if one.unfit]
    assert len(found(Folder(tmp_path).current()(), "zinc")) == 20


async def test_an_index_beyond_the_views_is_made_anew(database_url: str, tmp_path: Path) -> None:
    await filled(database_url)
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
    async with await connect(database_url) as connection:
        await connection.execute("update position set next_offset = next_offset - 1 where next_offset > 0")
    async with following(Folder(tmp_path), database_url) as standings:
        await until(lambda: bool(standings) and not standings[-1].unfit)
        assert "what the views do not" in standings[0].unfit


KILLED = """
import sys
from datetime import date
from pathlib import Path
from projections.search.folder import Folder
from projections.search.mark import Mark
from projections.search.writing import Writer, mark_in
from tests.projections.entries import entry

folder = Folder(Path(sys.argv[1]))
writer = Writer(folder.current())
number = max(mark_in(writer.index).positions.get(0, 0), 0)
while True:
    number += 10
    writer.write([entry(one, titles="zinc") for one in range(number - 10, number)], Mark({0: number}, "views"))
    print(number, flush=True)
"""


def test_what_was_committed_is_there_after_the_writer_is_killed(tmp_path: Path) -> None:
    folder, writer = in_folder(tmp_path)
    writer.close()
    for round_ in range(3):
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout
            committed = [int(process.stdout.readline()) for _ in range(4 + round_)][-1]
            process.send_signal(signal.SIGKILL)
            committed = max([committed, *map(int, process.stdout.read().split())])

        index = folder.current()()
        reached = mark_in(index).positions[0]
        # One commit more than was told may be there, and never half of one.
        assert reached in (committed, committed + 10)
        assert Search(index_state(index), SearchQuery(q="zinc"), TODAY).find(0).total == reached


def test_only_its_own_subfolders_are_removed_when_an_index_is_made_anew(tmp_path: Path) -> None:
    for name in ("postgres", "keys"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("another's")
    in_folder(tmp_path)
    folder, writer = in_folder(tmp_path)
    writer.close()

    assert {file.name for file in tmp_path.iterdir()} == {"postgres", "keys", IN_USE, folder.in_use()}
    assert (tmp_path / "postgres" / "file").read_text() == "another's"


def test_a_full_disk_fails_a_commit_keeps_what_was_there_and_is_got_over(tmp_path: Path) -> None:
    folder, writer = in_folder(tmp_path)
    writer.write([entry(number, titles="zinc") for number in range(10)], Mark({0: 10}, VIEWS))
    writer.close()
    large = [entry(number, rest=" ".join(f"{number}{at:04}" for at in range(3_000))) for number in range(10, 60)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(IndexFailed):
            Writer(folder.current()).write(large, Mark({0: 60}, VIEWS))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)

    assert len(found(folder.current()(), "zinc")) == 10
    writer = Writer(folder.current())
    writer.write(large, Mark({0: 60}, VIEWS))
    assert Search(index_state(writer.index), SearchQuery(), TODAY).find(0).total == 60
    writer.close()
