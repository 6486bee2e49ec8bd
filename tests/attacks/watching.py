"""Watches a registry under attack: the time until a site's report is acknowledged, or a probe answered; its memory."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final
from uuid import uuid4

from tests.bench.figures import quantile
from tests.bench.processes import family, resident_together
from tests.bench.wire import Wire, get, post

REPORTS_EACH: Final = 0.1
PROBES_EACH: Final = 0.05
MEMORY_EACH: Final = 0.5
"""Seconds from one measurement to the next."""
LONGEST: Final = 10.0
"""Seconds to wait for an answer; a later one counts as this."""
REPORTED: Final = "2026-11-22"


@dataclass(slots=True)
class Seen:
    """The measurements during one attack, or in quiet: seconds of each answer, and megabytes."""

    reports: list[float] = field(default_factory=list)
    probes: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Wrong answers."""

    def p99(self, of: str) -> float:
        """Milliseconds within which 99 of 100 reports, or probes, were answered."""
        return quantile(sorted(getattr(self, of)), 0.99) * 1000

    def worst(self, of: str) -> float:
        """The milliseconds of the slowest."""
        return max(getattr(self, of)) * 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request after the other, each so many seconds after the last or as soon as that is answered."""

    make: Callable[[], bytes]
    expected: int
    each: float
    took: list[float]
    refused: list[str]

    async def until(self, ends: float, port: int) -> None:
        """Sends requests until then, by the clock of time.monotonic."""
        wire: Wire | None = None
        while (began := time.monotonic()) < ends:
            try:
                async with asyncio.timeout(LONGEST):
                    wire = wire if wire is not None and wire.open_still else await Wire.open(port)
                    status, answer = await wire.ask(self.make())
                if status != self.expected:
                    self.refused.append(f"{status} {answer[:300].decode(errors='replace')}")
            except (OSError, TimeoutError) as fault:
                self.refused.append(type(fault).__name__)
                wire = None
            self.took.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, self.each - self.took[-1]))


class Watch:
    """Measures one server, on connections of its own."""

    def __init__(self, port: int, pid: int, token: str, sites: Mapping[str, str]) -> None:
        """`sites`: a site of each trial, which the token may report for."""
        self._port, self._pid, self._token = port, pid, token
        self._sites = cycle([(trial, site, what) for what in ("open", "pause") for trial, site in sites.items()])

    async def watch(self, seconds: float) -> Seen:
        """Measures for so long."""
        seen, ends = Seen(), time.monotonic() + seconds
        reports = Asked(self._report, 201, REPORTS_EACH, seen.reports, seen.refused)
        probes = Asked(lambda: get("/healthz"), 200, PROBES_EACH, seen.probes, seen.refused)
        async with asyncio.TaskGroup() as looks:
            looks.create_task(reports.until(ends, self._port))
            looks.create_task(probes.until(ends, self._port))
            looks.create_task(self._weighed(ends, seen))
        return seen

    def _report(self) -> bytes:
        trial, site, what = next(self._sites)
        body = {"on": REPORTED, **({"why": {"ja": "機器の点検"}} if what == "pause" else {})}
        return post(f"/v1/trials/{trial}/sites/{site}/{what}", self._token, str(uuid4()), json.dumps(body).encode())

    async def _weighed(self, ends: float, seen: Seen) -> None:
        while time.monotonic() < ends:
            seen.memory.append(weight(self._pid))
            await asyncio.sleep(MEMORY_EACH)


def weight(pid: int) -> float:
    """Megabytes of a node: the server, and the process that keeps its views."""
    with suppress(OSError):
        return resident_together(family(pid))
    return 0.0
