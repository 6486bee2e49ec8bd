"""Input made to break the reader, in either format: refused with a reason, in one pass, and the rest is read."""

import gzip
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import TypeAlias

import pytest

from adapters.ctgov.parse import parse
from adapters.ictrp.parse import parse as parse_ictrp
from adapters.ictrp.spans import FORMS
from adapters.losses import LONGEST_PATH, MOST_PATHS, Losses
from adapters.reading import Parsed, Refused
from adapters.scanning.stream import LARGEST_RECORD
from adapters.scanning.xml_spans import Broken, element, records
from tests.support.ctgov import FULL, encode, small
from tests.support.ictrp import export_file
from tests.support.ictrp_whole import EXPORTED

Read: TypeAlias = Callable[[Iterable[bytes]], list[str]]
MEGABYTE = 1 << 20
WHOLE = "whole"


def json(chunks: Iterable[bytes]) -> list[str]:
    """For each study, `WHOLE` or the reason of its refusal."""
    return [one.reason if isinstance(one, Refused) else WHOLE for one in parse(chunks, "file")]


def xml(chunks: Iterable[bytes]) -> list[str]:
    """For each record, `WHOLE` or the reason of its refusal."""
    return [_fate(one.reason if isinstance(one, Broken) else element(one)) for one in records(chunks, FORMS)]


def ictrp(chunks: Iterable[bytes]) -> list[str]:
    """For each record, `WHOLE` or the reason of its refusal, once its texts are read."""
    return [one.reason if isinstance(one, Refused) else WHOLE for one in parse_ictrp(chunks, "file")]


def _fate(parsed: object) -> str:
    return parsed if isinstance(parsed, str) else WHOLE


def json_list(*hostile: bytes) -> Iterator[bytes]:
    """A good study, the given bytes, and a good study."""
    return chain([b"[", encode(small("NCT90000001")), b","], hostile, [b",", encode(small("NCT90000003")), b"]"])


def xml_list(*hostile: bytes) -> Iterator[bytes]:
    """A good record, the given bytes, and a good record."""
    return chain([b"<trials><trial/>"], hostile, [b"<trial/></trials>"])


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE trials [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    + "]><trials><trial><a>&l29;</a></trial></trials>"
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        '<!DOCTYPE trials [<!ENTITY x SYSTEM "file:///etc/hostname">]><trials><trial>&x;</trial></trials>',
        '<!DOCTYPE trials [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><trials><trial/></trials>',
        '<!DOCTYPE trials SYSTEM "a.dtd" [<!ATTLIST trial a CDATA "b">]><trials><trial/></trials>',
    ],
    ids=["expansion", "external", "parameter", "default attribute"],
)
def test_a_doctype_that_declares_anything_refuses_the_file(document: str) -> None:
    assert xml([document.encode()]) == ["its DOCTYPE declares entities or elements of its own, which are never read"]


def test_a_root_whose_name_could_not_be_stored_is_told_without_it() -> None:
    assert "`tri\ufffdals`" in xml([b"<tri\0als><trial/></tri\0als>"])[0]


def test_a_receipt_holds_the_paths_of_a_file_with_any_number_of_keys_of_any_length() -> None:
    losses, study = Losses(), {**small(), "": 1, " ": 1, "k" * 3_000: 1} | {f"key {number}": 1 for number in range(999)}
    for one in parse([encode(study)], "file"):
        assert isinstance(one, Parsed), one.reason
        losses.add(one)
    paths = losses.not_carried_by_path()

    assert len(paths) == MOST_PATHS
    assert max(len(one.path) for one in paths) <= LONGEST_PATH


def packed() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("trials.xml", b"<trials/>")
    return {"a zip archive": archive.getvalue(), "a gzip file": gzip.compress(b"[]")}


@pytest.mark.parametrize("read", [json, xml])
@pytest.mark.parametrize("what", packed())
def test_an_archive_is_named_for_what_it_is(read: Read, what: str) -> None:
    assert read([packed()[what]]) == [f"{what}; unpack it first"]


@pytest.mark.parametrize(
    ("read", "document", "reason"),
    [
        (json, json_list(b'{"a":', b"[" * 100_000, b"]" * 100_000, b"}"), "nested too deeply"),
        (json, json_list(b'{"a":' * 100_000, b"1", b"}" * 100_000), "nested too deeply"),
        (xml, xml_list(b"<trial>", b"<a>" * 100_000, b"</a>" * 100_000, b"</trial>"), "not XML: Excessive depth"),
        (json, json_list(b'{"a": ', b"9" * 100_000, b"}"), "has a number too long to read"),
        (json, json_list(b'{"a": ', b"9" * LARGEST_RECORD, b"}"), f"and a record may have {LARGEST_RECORD}"),
        (json, json_list(encode(FULL).replace(b" 120", b" 1e999")), "enrollmentInfo.count: not a whole number"),
        (json, json_list(encode(FULL).replace(b" 120", b" 120, " + b'"count": 120')), "an object has a key twice"),
        (xml, xml_list(b"<trial a='", b"x" * 11 * MEGABYTE, b"'/>"), "not XML: Resource limit exceeded"),
        (xml, xml_list(b"<trial>", b"\x00", b"</trial>"), "not XML: "),
        (json, json_list(b'{"a": "\x00"}'), "not JSON: Invalid control character"),
        (json, json_list(b'{"a\\ud800": 1}'), "a key has a character that can't be stored"),
        (json, json_list(b'{"a\\u0000": 1}'), "a key has a character that can't be stored"),
        (json, json_list(b'{"a": ', b" " * LARGEST_RECORD, b"1}"), f"and a record may have {LARGEST_RECORD}"),
        (xml, xml_list(b"<trial>", b" " * LARGEST_RECORD, b"</trial>"), f"and a record may have {LARGEST_RECORD}"),
    ],
)
def test_a_hostile_record_is_refused_alone(read: Read, document: Iterable[bytes], reason: str) -> None:
    first, second, third = read(document)

    assert (first, third) == (WHOLE, WHOLE)
    assert reason in second


@pytest.mark.parametrize(
    ("read", "begin", "megabytes", "end"),
    [
        (xml, b"<trials><trial/><trial><a>", 2048, b"</a></trial><trial/></trials>"),
        (xml, b"<trials><trial/><trial><!--", 256, b"--></trial><trial/></trials>"),
        (xml, b"<trials><trial/><trial a='", 256, b"'></trial><trial/></trials>"),
        (json, b"[" + encode(small()) + b', {"a": "', 128, b'"}, ' + encode(small()) + b"]"),
        (json, b"[" + encode(small()) + b', {"a": ', 128, b"}, " + encode(small()) + b"]"),
    ],
    ids=["text of two gigabytes", "comment", "attribute", "string", "number"],
)
def test_a_huge_element_is_passed_by_in_little_memory(read: Read, begin: bytes, megabytes: int, end: bytes) -> None:
    tracemalloc.start()
    try:
        first, second, third = read(chain([begin], repeat(b"1" * MEGABYTE, megabytes), [end]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (first, third) == (WHOLE, WHOLE)
    assert second.endswith(f"and a record may have {LARGEST_RECORD}")
    assert peak < 3 * LARGEST_RECORD


@pytest.mark.parametrize("read", [json, xml])
@pytest.mark.parametrize("before", [b"", b'[{"a": ', b"<trials><trial><a>"])
def test_a_document_that_only_goes_on_is_cut_off_in_little_memory(read: Read, before: bytes) -> None:
    tracemalloc.start()
    try:
        (reason,) = read(chain([before], repeat(b'\\"<![CDATA[<?'.ljust(1000) * 1000, 40)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert reason != WHOLE
    assert peak < 3 * LARGEST_RECORD


def seconds(read: Read, document: list[bytes]) -> float:
    """The least of three, so that other work on the machine counts little."""

    def once() -> float:
        start = time.process_time()
        assert read(document)
        return time.process_time() - start

    return min(once() for _ in range(3))


def cut(piece: bytes, count: int, size: int) -> list[bytes]:
    document = piece * count
    return [document[at : at + size] for at in range(0, len(document), size)]


GOES_ON = {
    "a string unclosed": (json, b'[{"a": "', b'\\"', 100_000),
    "quotation marks": (json, b'[{"a": "x', b'" "', 100_000),
    "brackets": (json, b"[", b"[", 100_000),
    "tiny studies": (json, b"[", b"{},", 2_000),
    "tiny records": (xml, b"<trials>", b"<trial/>", 2_000),
    "records that open again": (xml, b"<trials>", b"<trial>", 5_000),
    "tags unclosed": (xml, b"<trials>", b"<trial a='", 5_000),
    "comments unclosed": (xml, b"<trials><trial>", b"<!--", 100_000),
    "comments": (xml, b"<trials><trial>", b"<!---->", 20_000),
    "angles": (xml, b"<trials>", b"<", 400_000),
    "names": (xml, b"<trials>", b"trial", 100_000),
    "stray texts": (xml, b"<trials>", b"x<!---->", 5_000),
    "doctypes": (xml, b"", b"<!DOCTYPE x>", 10_000),
}


@pytest.mark.parametrize("size", [500, 1 << 20])
@pytest.mark.parametrize(("read", "begin", "piece", "count"), GOES_ON.values(), ids=GOES_ON)
def test_eight_times_the_bytes_take_some_eight_times_as_long(
    read: Read, begin: bytes, piece: bytes, count: int, size: int
) -> None:
    once, eightfold = ([begin, *cut(piece, times * count, size)] for times in (1, 8))

    # Reading again from a record's or a string's start at every chunk or quote would be 64.
    assert seconds(read, eightfold) < 24 * seconds(read, once)


@pytest.mark.parametrize("piece", [" ", "\t", "\n", ",", ";", "(", "a;", "1:", "&amp;", "<br>", "- "])
def test_a_text_of_eight_times_the_length_takes_some_eight_times_as_long(piece: str) -> None:
    def export(times: int) -> list[bytes]:
        text = f"a{piece * times}b"
        return [export_file({element: text if element != "TrialID" else "NCT90000001" for element in EXPORTED})]

    assert seconds(ictrp, export(16_000)) < 24 * seconds(ictrp, export(2_000))
