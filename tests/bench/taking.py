"""Imports a list of ClinicalTrials.gov studies, as `registry import ctgov` does, and prints the time of each step.

A process of its own: its memory is measured from outside, and from inside by the kernel's own count.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

from registry import wiring
from registry.exchange.inputs import Input
from registry.exchange.intake import Intake
from registry.exchange.reading import reading
from registry.process.logs import log_to_stderr
from registry.settings import Settings

PATIENCE = 600.0
SOURCE = "ctgov"


async def take(path: Path) -> dict[str, Any]:
    """The import's summary, seconds by step, and of both processes processor time (s) and peak memory (MB)."""
    started = time.monotonic()
    with reading(SOURCE, [Input(path, path.name)]) as reader:
        async with wiring.running(Settings(), projecting=wiring.Projecting.WHEN_ASKED) as node:
            opened, spent = time.monotonic(), time.process_time()
            intake = Intake(node, adopt=False, owner="registry", import_id=node.new_id())
            await intake.take_all(reader.records(), lambda done: None)
            await intake.finish(SOURCE, [path.name], reader.report.losses)
            taken = time.monotonic()
            peak, spent = _peak(resource.RUSAGE_SELF), time.process_time() - spent
            await node.until_visible(PATIENCE)
            visible = time.monotonic()
    seconds = {"opening": opened - started, "taking": taken - opened, "views": visible - taken}
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = {"recorder": spent, "reader": children.ru_utime + children.ru_stime}
    memory = {"recorder": peak, "with_views": _peak(resource.RUSAGE_SELF), "reader": _peak(resource.RUSAGE_CHILDREN)}
    return {"summary": intake.summary.to_json(), "seconds": seconds, "processor": processor, "peak_mb": memory}


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    """Prints one JSON object."""
    log_to_stderr()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report = runner.run(take(Path(sys.argv[1])))
    sys.stdout.buffer.write(orjson.dumps(report))


if __name__ == "__main__":
    main()
