"""One side of a comparison as a process of its own, which waits idle while the others are measured.

It reads a line of JSON for each run, and answers with one.
"""

import asyncio
import sys
import time
import warnings
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import orjson
import uvloop

from tests.bench.figures import ROOT
from tests.bench.loops import Run


class Side(Protocol):
    """The measured side: made with the settings from the parent, and opened once."""

    async def open(self) -> None:
        """Connects and prepares; not part of any figure."""
        ...

    async def run(self, clients: int, seconds: float) -> Run:
        """One run."""
        ...

    async def settle(self) -> None:
        """Returns when no work of the last run is under way any more, in any process; not part of the run."""
        ...

    async def close(self) -> None:
        """Frees its resources."""
        ...


class Worker:
    """The parent's handle of a side's process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def run(self, clients: int, seconds: float) -> dict[str, Any]:
        """One run's figures, and the seconds that it took to settle afterwards; raises RuntimeError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps({"clients": clients, "seconds": seconds}) + b"\n")
        answered = await self._process.stdout.readline()
        if not answered:
            raise RuntimeError("a side of the comparison ended; its trace is above")
        figures: dict[str, Any] = orjson.loads(answered)
        return figures


@asynccontextmanager
async def working(side: str, settings: Mapping[str, Any]) -> AsyncIterator[Worker]:
    """The opened side with a name in `tests.bench.sides`; closed with the context."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.worker", side, orjson.dumps(dict(settings)).decode()),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        limit=2**20,
    )
    try:
        yield Worker(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def work(side: Side) -> None:
    """Answers the parent until it sends no more requests."""
    await side.open()
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        request = orjson.loads(line)
        run = await side.run(request["clients"], request["seconds"])
        ended = time.perf_counter()
        await side.settle()
        figures = {**run.to_json(), "settled": time.perf_counter() - ended}
        sys.stdout.buffer.write(orjson.dumps(figures) + b"\n")
        sys.stdout.buffer.flush()
    await side.close()


def main() -> None:
    """Runs the side that the parent named."""
    from tests.bench.sides import SIDES

    warnings.filterwarnings("ignore")
    name, settings = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(SIDES[name](**orjson.loads(settings))))


if __name__ == "__main__":
    main()
