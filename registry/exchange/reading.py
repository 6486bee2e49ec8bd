"""Files read in a process of their own, a little ahead: reading and recording then use two cores.

The reader is started before anything else is opened, and shares nothing with this process but a pipe. It does all the
work on a record that needs no log.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import Connection
from typing import Final, TypeAlias

from adapters.catalogue import SOURCES, source_of
from adapters.losses import Losses
from adapters.partner import Source
from adapters.reading import Parsed
from events.schemas.exchange import Refusal
from events.stopping import stop
from registry.exchange.fates import refusal
from registry.exchange.inputs import Document, Input, Unpacked, documents
from registry.exchange.partners import records_of, study_of
from registry.exchange.received import Study
from registry.process.beside import spawned
from registry.process.cycles import seldom_sought

BATCH: Final = 64
BATCH_BYTES: Final = 4_000_000
"""Records, and bytes of them, that cross the pipe together. The reader waits while one batch is under way and another
is held for its consumer: memory stays flat."""

BLANK: Final = b" \t\r\n\xef\xbb\xbf"
"""The content of a file that counts as empty: white space, and the byte order mark of UTF-8."""
MOST_EMPTY: Final = 1_000
"""Documents without a record that are listed by name."""

Batch: TypeAlias = Sequence[Study | Refusal]


@dataclass(frozen=True, slots=True)
class Read:
    """Records, and the number of bytes of the files read since the previous batch."""

    records: Batch
    size: int


@dataclass(slots=True)
class Report:
    """The facts that are known of the files once they are read."""

    losses: Losses = field(default_factory=Losses)
    empty: list[str] = field(default_factory=list)
    """Documents without a record."""


class ReaderDied(Exception):
    """The process that reads the files ended before they did."""


@contextmanager
def reading(source: str, files: Sequence[Input]) -> Iterator["Reader"]:
    """A reader of the files, stopped at the end of the context."""
    with spawned(_read, source, list(files)) as pipe, seldom_sought():
        yield Reader(pipe)


class Reader:
    """The records of the files, in order."""

    def __init__(self, pipe: Connection):
        self._pipe = pipe
        self.report = Report()
        """The values that the records could not carry, and the documents without one, once all are read."""

    async def records(self, read: Callable[[int], None] = lambda _: None) -> AsyncIterator[Study | Refusal]:
        """Yields each record, read or refused; `read` gets byte counts. Raises the fault of the reader, ReaderDied."""
        coming = self._coming()
        try:
            while not isinstance(batch := await coming, Report):
                coming = self._coming()
                read(batch.size)
                for record in batch.records:
                    yield record
            self.report = batch
        finally:
            await stop([coming])

    def _coming(self) -> asyncio.Task[Read | Report]:
        return asyncio.create_task(asyncio.to_thread(self._receive))

    def _receive(self) -> Read | Report:
        try:
            received: Read | Report | Exception = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as fault:  # it ended before or within a message
            raise ReaderDied("the process that reads the files ended; the records taken so far are whole") from fault
        if isinstance(received, Exception):
            raise received
        return received


def _read(source: str, files: Sequence[Input], pipe: Connection) -> None:
    reading = _Reading(SOURCES[source])
    try:
        with seldom_sought():
            for records in _batches(chain.from_iterable(map(reading.file, files))):
                pipe.send_bytes(pickle.dumps(Read(records, reading.taken())))
        pipe.send_bytes(pickle.dumps(reading.report))
    except OSError as fault:
        pipe.send_bytes(pickle.dumps(fault))


class _Reading:
    """Reads files of one source, and collects the facts for the report."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._size = 0
        self.report = Report()

    def taken(self) -> int:
        """The bytes read since the last call."""
        size, self._size = self._size, 0
        return size

    def file(self, one: Input) -> Iterator[Study | Refusal]:
        """The records of a file; a document that can't be read to its end is refused there."""
        has_document = False
        try:
            for document in documents(one, self._count):
                has_document = True
                yield from self._document(document)
        except Unpacked as fault:
            yield refusal(one.name, None, str(fault))
        else:
            if not has_document:
                self._without_record(one.name)

    def _count(self, size: int) -> None:
        self._size += size

    def _document(self, document: Document) -> Iterator[Study | Refusal]:
        faults: list[Unpacked] = []
        head, chunks = _peeked(_ending(document.chunks, faults))
        if not head.strip(BLANK):
            records: Iterable[Parsed | Refusal] = ()
        elif not self._source.begins(head) and (other := source_of(head)) is not None:
            yield refusal(document.name, None, f"a file of another source; run: registry import {other}")
            return
        else:
            records = records_of(self._source, chunks, document.name)
        found = False
        for record in records:
            found = True
            yield self._ready(record)
        if faults:
            yield refusal(document.name, None, str(faults[0]))
        elif not found:
            self._without_record(document.name)

    def _without_record(self, name: str) -> None:
        if len(self.report.empty) < MOST_EMPTY:
            self.report.empty.append(name)

    def _ready(self, record: Parsed | Refusal) -> Study | Refusal:
        if not isinstance(record, Parsed):
            return record
        self.report.losses.add(record)
        return study_of(self._source, record)


def _ending(chunks: Iterator[bytes], faults: list[Unpacked]) -> Iterator[bytes]:
    """The chunks up to where they can't be unpacked; the fault is noted, and earlier chunks are read as they are."""
    try:
        yield from chunks
    except Unpacked as fault:
        faults.append(fault)


def _peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first chunk that is not blank, and all chunks."""
    before = []
    for chunk in chunks:
        before.append(chunk)
        if chunk.strip(BLANK):
            break
        del before[:-1]
    return (before[-1] if before else b""), chain(before, chunks)


def _batches(records: Iterable[Study | Refusal]) -> Iterator[Batch]:
    batch: list[Study | Refusal] = []
    size = 0
    for record in records:
        batch.append(record)
        size += record.received.size if isinstance(record, Study) else 0
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
