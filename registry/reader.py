"""Files read in a process of their own, a little ahead: reading and recording then use two cores.

The reader is started before anything else is opened, and shares nothing with this process but a pipe.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, TypeAlias

from adapters.losses import Losses
from adapters.reading import Parsed
from events.schemas.exchange import Refusal
from registry import partners

CHUNK: Final = 256 * 1024
"""Bytes of a file held at once."""
BATCH: Final = 16
"""Records that cross the pipe together. The reader waits while one batch is under way: memory stays flat."""

Batch: TypeAlias = Sequence[Parsed | Refusal]


class ReaderDied(Exception):
    """The process that reads the files ended before they did."""


@contextmanager
def reading(source: str, files: Sequence[Path]) -> Iterator["Reader"]:
    """A reader of the files, stopped at the end of the context."""
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_read, args=(source, list(files), theirs), name="reader", daemon=True)
    process.start()
    theirs.close()
    try:
        yield Reader(ours, partners.SOURCES[source].losses())
    finally:
        ours.close()
        process.terminate()
        process.join()


class Reader:
    """The records of the files, in order."""

    def __init__(self, pipe: Connection, losses: Losses):
        self._pipe = pipe
        self.losses = losses
        """What the records read so far could not carry."""

    async def records(self) -> AsyncIterator[Parsed | Refusal]:
        """Yields each record, read or refused. Raises what stopped the reader, or ReaderDied."""
        while batch := await asyncio.to_thread(self._receive):
            for record in batch:
                if isinstance(record, Parsed):
                    self.losses.add(record)
                yield record

    def _receive(self) -> Batch:
        try:
            received: Batch | Exception = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as fault:  # before a message, or in the middle of one
            raise ReaderDied("the process that reads the files ended; the records taken so far are whole") from fault
        if isinstance(received, Exception):
            raise received
        return received


def _read(source: str, files: Sequence[Path], pipe: Connection) -> None:
    try:
        for file in files:
            records = partners.SOURCES[source].records(_chunks(file), file.name)
            while batch := list(islice(records, BATCH)):
                pipe.send_bytes(pickle.dumps(batch))
        pipe.send_bytes(pickle.dumps([]))
    except OSError as fault:
        pipe.send_bytes(pickle.dumps(fault))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
