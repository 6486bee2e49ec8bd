"""What an import reads: folders, patterns, pipes and packed files, and none that unpacks without end."""

import gzip
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from registry.exchange import inputs as module
from registry.exchange.inputs import Input, NoInput, Unpacked, documents, inputs

STUDY = b'{"protocolSection": {}}'
ZEROES = bytes(1_000_000)


def named(*names: Path | str) -> list[str]:
    with ExitStack() as stack:
        return [one.name for one in inputs([str(name) for name in names], stack)]


def read(one: Input) -> dict[str, bytes]:
    return {document.name: b"".join(document.chunks) for document in documents(one, lambda _: None)}


def sizes(one: Input) -> Iterator[int]:
    for document in documents(one, lambda _: None):
        yield from map(len, document.chunks)


def input_of(path: Path, content: bytes) -> Input:
    path.write_bytes(content)
    return Input(path, path.name)


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of four files and what belongs to none."""
    for name in ("b.json", "a.json", "2026-11/d.json", "2026-11/c.xml", ".DS_Store", ".git/config", "__MACOSX/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(STUDY)
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def test_a_folder_is_its_files_in_order_without_the_hidden_ones(folder: Path) -> None:
    assert named(folder) == ["a.json", "b.json", "2026-11/c.xml", "2026-11/d.json"]


def test_a_pattern_is_the_files_that_match_it(folder: Path) -> None:
    assert named(folder / "*.json", folder / "**" / "*.xml") == ["a.json", "b.json", "c.xml"]


def test_a_file_named_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "[1].json").write_bytes(STUDY)

    assert named(tmp_path / "[1].json") == ["[1].json"]


@pytest.mark.parametrize("name", ["gone.json", "*.csv", "empty"])
def test_a_name_of_nothing_is_refused(folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(NoInput, match=r"no (such )?file"):
        named(folder / name)


def test_standard_input_and_pipes_are_read_whole_also_an_archive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zipped({"one.json": STUDY})
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(packed)))
    writing = threading.Thread(target=(folder / "pipe").write_bytes, args=(STUDY,))
    writing.start()
    with ExitStack() as stack:
        standard, piped = inputs(["-", str(folder / "pipe")], stack)
        contents = read(standard) | read(piped)
    writing.join()

    assert contents == {"standard input/one.json": STUDY, str(folder / "pipe"): STUDY}
    assert not standard.path.exists()


def test_packed_files_are_read_by_what_they_are_whatever_their_name(tmp_path: Path) -> None:
    members = {"a.json": STUDY, "deep/b.json": b"[]", "deep/": b"", "__MACOSX/a": b"x", "c/.hidden": b"x"}

    assert read(input_of(tmp_path / "one", gzip.compress(STUDY) + gzip.compress(b"[]"))) == {"one": STUDY + b"[]"}
    assert read(input_of(tmp_path / "all", zipped(members))) == {"all/a.json": STUDY, "all/deep/b.json": b"[]"}
    assert read(input_of(tmp_path / "none", zipped({}))) == {}
    assert read(input_of(tmp_path / "plain", STUDY)) == {"plain": STUDY}
    assert read(input_of(tmp_path / "empty", b"")) == {"empty": b""}


def test_every_byte_of_a_file_is_told_once(tmp_path: Path) -> None:
    for packed in (ZEROES, gzip.compress(os.urandom(3_000_000))):
        sizes: list[int] = []
        for document in documents(input_of(tmp_path / "file", packed), sizes.append):
            for _ in document.chunks:
                pass

        assert len(packed) <= sum(sizes) <= len(packed) + module.CHUNK


def bombs() -> list[tuple[str, Any]]:
    return [
        ("gzip", lambda: gzip.compress(ZEROES * 20)),
        ("one member", lambda: zipped({"a": ZEROES * 20})),
        ("many members", lambda: zipped({str(number): ZEROES for number in range(20)})),
    ]


@pytest.mark.parametrize(("kind", "make"), bombs())
def test_a_file_that_unpacks_without_end_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, make: Any
) -> None:
    monkeypatch.setattr(module, "ALWAYS", 2_000_000)
    bomb = input_of(tmp_path / kind, make())
    unpacked: list[int] = []
    with pytest.raises(Unpacked, match="more than 200 times"):
        unpacked.extend(sizes(bomb))

    assert 0 < sum(unpacked) <= max(2_000_000, 200 * bomb.size)


def test_what_packs_as_records_do_is_read_however_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALWAYS", 0)
    record = b"%s\n" % os.urandom(500).hex().encode() * 20

    assert len(read(input_of(tmp_path / "many", gzip.compress(record * 10)))["many"]) == len(record) * 10


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(os.urandom(10_000))[:5_000],
        gzip.compress(STUDY)[:-4] + b"\0\0\0\0",
        b"\x1f\x8b\x08" + bytes(40),
        zipped({"a": os.urandom(10_000)})[:5_000],
        zipped({"a": os.urandom(100)}).replace(b"\x00\x00\x08\x00", b"\x01\x00\x08\x00"),
        zipped({"a": os.urandom(100)}).replace(b"\x00\x00\x08\x00", b"\x00\x00\x63\x00"),
    ],
    ids=["cut", "checksum", "nonsense", "no directory", "password", "unknown method"],
)
def test_a_broken_packed_file_says_so(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises(Unpacked, match="it can't be unpacked"):
        read(input_of(tmp_path / "broken", packed))
