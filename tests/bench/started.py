"""Starts a node, as a command does, prints the time until it was ready and its memory, and stops it."""

import asyncio
import os
import sys
import time

import orjson
import uvloop

from registry import wiring
from registry.process.logs import log_to_stderr
from registry.settings import Settings
from tests.bench.processes import resident


async def start() -> None:
    """Prints one JSON object: seconds from opening the node until it was ready, and megabytes then."""
    began = time.monotonic()
    async with wiring.running(Settings(), projecting=wiring.Projecting.ELSEWHERE):
        figures = {"ready": time.monotonic() - began, "memory": resident(os.getpid())}
        sys.stdout.buffer.write(orjson.dumps(figures) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    log_to_stderr()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(start())
