"""Attacks a registry of its own, one attack after the other, and compares the figures with the quiet ones."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from events.schemas.access import Role
from registry import wiring
from registry.office import tokens
from registry.settings import Settings
from tests.attacks.attackers import Target, elsewhere
from tests.attacks.watching import Seen, Watch, weight
from tests.bench.corpus import outlines
from tests.bench.figures import short, table
from tests.bench.stand import prepare
from tests.support.servers import Server

BEFORE: Final = 1.0
"""Seconds that an attack runs before it is measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of the attacks: their extent, the size of the registry, and the limits that must hold."""

    trials: int
    seconds: float
    connections: int
    attacks: Sequence[str]
    report_limit: float
    probe_limit: float
    """The most milliseconds of the 99th percentile."""
    memory_limit: float = 0.0
    """Times the memory of the idle node; 0: not limited."""
    times_quiet: float = 0.0
    """Times the quiet p99 that is always allowed: on a busy machine, quiet answers take long too."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures under one attack, or in quiet; `answers`: those that the attackers got, by status."""

    name: str
    seen: Seen
    answers: Counter[str]

    def faults(self, plan: Plan, quiet: Seen, idle: float) -> list[str]:
        """The limits that did not hold."""
        found = [f"{self.name}: {one}" for one in dict.fromkeys(self.seen.refused)]
        for of, least in (("reports", plan.report_limit), ("probes", plan.probe_limit)):
            limit = max(least, plan.times_quiet * quiet.p99(of))
            if (took := self.seen.p99(of)) > limit:
                found.append(f"{self.name}: p99 of {of} is {took:.0f} ms, more than {limit:.0f}")
        if plan.memory_limit and max(self.seen.memory) > plan.memory_limit * idle:
            found.append(f"{self.name}: {max(self.seen.memory):.0f} MB, more than {plan.memory_limit} times {idle:.0f}")
        return found


async def measure(settings: Settings, plan: Plan) -> list[str]:
    """Fills a database, starts a server on it and attacks it; prints the figures, and returns the broken limits."""
    grounds = await prepare(settings, plan.trials)
    outline = next(iter(outlines(1)))
    async with wiring.running(settings, projecting=wiring.Projecting.ELSEWHERE) as node:
        sponsor = (await tokens.issue(node, Role.SPONSOR, outline.sponsor.id))[1]
    with tempfile.TemporaryDirectory(prefix="registry-attacks-") as folder:
        async with Server(settings, Path(folder), patience=120) as server:
            assert server.process is not None
            pid = server.process.pid
            watch = Watch(server.port, pid, grounds.token, grounds.sites)
            target = Target(server.port, sponsor, tuple(grounds.trials[:50]), plan.connections, plan.seconds + BEFORE)
            await asyncio.sleep(BEFORE)
            idle = weight(pid)
            results = [Result("quiet", await watch.watch(plan.seconds), Counter())]
            results += [await _attacked(name, target, watch, plan) for name in plan.attacks]
            results.append(Result("quiet again", await watch.watch(min(plan.seconds, 10)), Counter()))
    _print(plan, idle, results)
    return [fault for result in results for fault in result.faults(plan, results[0].seen, idle)]


async def _attacked(name: str, target: Target, watch: Watch, plan: Plan) -> Result:
    async with asyncio.TaskGroup() as both:
        attack = both.create_task(elsewhere(name, target))
        await asyncio.sleep(BEFORE)
        seen = both.create_task(watch.watch(plan.seconds))
    return Result(name, seen.result(), attack.result())


def _print(plan: Plan, idle: float, results: Sequence[Result]) -> None:
    rows: list[list[Any]] = []
    for result in results:
        seen = result.seen
        latencies = [short(figure) for of in ("reports", "probes") for figure in (seen.p99(of), seen.worst(of))]
        counts = f"{len(seen.reports)}, {len(seen.probes)}"
        answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(result.answers.items()))
        rows.append([result.name, *latencies, counts, short(max(seen.memory)), answers])
    columns = ["attack", "report p99", "most", "/healthz p99", "most", "how many", "MB at most", "attackers' answers"]
    title = (
        f"{plan.trials:,} trials, {plan.connections} connections, {plan.seconds:g} s each; milliseconds; "
        f"the idle node has {idle:.0f} MB"
    )
    table(title, columns, rows)
