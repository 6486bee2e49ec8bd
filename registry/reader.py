"""Files read in a process of their own, a little ahead: reading and recording then use two cores.

The reader is started before anything else is opened, and shares nothing with this process but a pipe. All that can be
done to a record before it meets the log is done there.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeAlias

from adapters.losses import Losses
from adapters.reading import Parsed
from events.schemas.exchange import Refusal
from events.stopping import stop
from registry import partners
from registry.beside import spawned
from registry.cycles import seldom_sought
from registry.received import Study

CHUNK: Final = 1024 * 1024
"""Bytes of a file held at once."""
BATCH: Final = 64
BATCH_BYTES: Final = 4_000_000
"""Records, and bytes of them, that cross the pipe together. The reader waits while one batch is under way and another
is held for whoever takes them: memory stays flat."""

Batch: TypeAlias = Sequence[Study | Refusal]


class ReaderDied(Exception):
    """The process that reads the files ended before they did."""


@contextmanager
def reading(source: str, files: Sequence[Path]) -> Iterator["Reader"]:
    """A reader of the files, stopped at the end of the context."""
    with spawned(_read, source, list(files)) as pipe, seldom_sought():
        yield Reader(pipe, partners.SOURCES[source].losses())


class Reader:
    """The records of the files, in order."""

    def __init__(self, pipe: Connection, losses: Losses):
        self._pipe = pipe
        self.losses = losses
        """What the records could not carry, once all are read."""

    async def records(self) -> AsyncIterator[Study | Refusal]:
        """Yields each record, read or refused. Raises what stopped the reader, or ReaderDied."""
        coming = self._coming()
        try:
            while not isinstance(batch := await coming, Losses):
                coming = self._coming()
                for record in batch:
                    yield record
            self.losses = batch
        finally:
            await stop([coming])

    def _coming(self) -> asyncio.Task[Batch | Losses]:
        return asyncio.create_task(asyncio.to_thread(self._receive))

    def _receive(self) -> Batch | Losses:
        try:
            received: Batch | Losses | Exception = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as fault:  # before a message, or in the middle of one
            raise ReaderDied("the process that reads the files ended; the records taken so far are whole") from fault
        if isinstance(received, Exception):
            raise received
        return received


def _read(source: str, files: Sequence[Path], pipe: Connection) -> None:
    partner = partners.SOURCES[source]
    losses = partner.losses()
    try:
        with seldom_sought():
            for file in files:
                for batch in _batches(_ready(partner, losses, partner.records(_chunks(file), file.name))):
                    pipe.send_bytes(pickle.dumps(batch))
        pipe.send_bytes(pickle.dumps(losses))
    except OSError as fault:
        pipe.send_bytes(pickle.dumps(fault))


def _ready(partner: partners.Source, losses: Losses, records: Iterable[Parsed | Refusal]) -> Iterator[Study | Refusal]:
    for record in records:
        if isinstance(record, Parsed):
            losses.add(record)
            yield partner.ready(record)
        else:
            yield record


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


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
