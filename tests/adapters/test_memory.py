"""Memory stays flat: a file four times as long takes no more of it."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle, islice
from typing import TypeAlias

import pytest

from adapters.ctgov.parse import parse
from adapters.ctgov.spans import STUDIES
from adapters.ictrp.spans import FORMS
from adapters.reading import Parsed
from adapters.scanning import json_spans, xml_spans
from tests.support.ctgov import SAMPLES, SHARED

CHUNK = 256 * 1024
MEGABYTE = 1024 * 1024
FLAT = 12 * MEGABYTE
EXPORT = SHARED / "samples" / "ictrp_export" / "ictrp_web_export_300.xml"
Count: TypeAlias = Callable[[Iterable[bytes]], int]


@cache
def studies() -> list[bytes]:
    """Every sixth of the samples' studies, unchanged; the samples have 22 KB on average."""
    found = (
        one
        for file in SAMPLES
        for one in json_spans.records([file.read_bytes()], STUDIES)
        if isinstance(one, json_spans.Found)
    )
    return [one.raw for one in islice(found, 0, None, 6)]


def in_chunks(begin: bytes, pieces: Iterable[bytes], end: bytes) -> Iterator[bytes]:
    buffer = bytearray(begin)
    for piece in pieces:
        buffer += piece
        while len(buffer) >= CHUNK:
            yield bytes(buffer[:CHUNK])
            del buffer[:CHUNK]
    yield bytes(buffer) + end


def studies_found(chunks: Iterable[bytes]) -> int:
    return sum(isinstance(one, json_spans.Found) for one in json_spans.records(chunks, STUDIES))


def studies_parsed(chunks: Iterable[bytes]) -> int:
    return sum(isinstance(one, Parsed) for one in parse(chunks, "file"))


def records_parsed(chunks: Iterable[bytes]) -> int:
    found = (one for one in xml_spans.records(chunks, FORMS) if isinstance(one, xml_spans.Found))
    return sum(not isinstance(xml_spans.element(one), str) for one in found)


def list_of(count: int) -> Iterator[bytes]:
    pieces = islice(cycle(studies()), count)
    return in_chunks(b"[" + next(pieces), (b",\n" + one for one in pieces), b"]")


def page_of(count: int) -> Iterator[bytes]:
    pieces = islice(cycle(studies()), count)
    return in_chunks(b'{"studies": [' + next(pieces), (b"," + one for one in pieces), b'], "nextPageToken": "x"}')


def lines_of(count: int) -> Iterator[bytes]:
    return in_chunks(b"", (one.replace(b"\n", b" ") + b"\n" for one in islice(cycle(studies()), count)), b"")


def export_of(count: int) -> Iterator[bytes]:
    records = [one.raw for one in xml_spans.records([EXPORT.read_bytes()], FORMS) if isinstance(one, xml_spans.Found)]
    root = "Trials_downloaded_from_ICTRP"
    return in_chunks(f"<{root}>".encode(), islice(cycle(records), count), f"</{root}>".encode())


def peak(read: Count, document: Iterator[bytes], count: int) -> int:
    first = next(document)
    tracemalloc.start()
    try:
        assert read(_after(first, document)) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


@pytest.mark.parametrize(
    ("read", "document", "count"),
    [
        (studies_found, list_of, 50),
        (studies_found, page_of, 50),
        (studies_found, lines_of, 50),
        (studies_parsed, list_of, 50),
        (records_parsed, export_of, 1000),
    ],
    ids=["a list", "a page", "a study a line", "a list, parsed", "an ICTRP export"],
)
def test_memory_stays_flat_at_any_size_of_file(
    read: Count, document: Callable[[int], Iterator[bytes]], count: int
) -> None:
    once, fourfold = (peak(read, document(times * count), times * count) for times in (1, 4))

    assert fourfold < 1.25 * once
    assert fourfold < FLAT
