"""Commands acknowledged over HTTP, beside their alternatives: in rounds, one after the other on one machine."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from events.kafka.log import KafkaEventLog
from events.port import Topic
from tests.bench.figures import console, keep, median, ratio, short, spread, table
from tests.bench.processes import family, processor_seconds, resident_together
from tests.bench.stand import TRIALS, Grounds, kafka, postgres, prepare, serving, settings_on
from tests.bench.worker import Worker, working
from tests.support.postgres import fresh_database

LOGS: Final = ("postgres", "kafka1", "kafka3")
NAMES: Final = {
    "http": "our API, amendments",
    "reports": "our API, sites' reports",
    "insert": "raw conditional insert",
    "library": "eventsourcing",
    "send": "raw send_and_wait",
}
OURS: Final = ("http", "reports")
"""An amendment of titles indexes all words of a trial again; a report of a site is the most frequent command."""
WARM_UP: Final = 1.0
RAW: Final = "bench-raw"


@dataclass(frozen=True, slots=True)
class Load:
    """The extent of the measurement: for each number of clients so many rounds, each side for some seconds in each."""

    clients: Sequence[int]
    rounds: int
    seconds: float


def commands(logs: Sequence[str], processes: Sequence[int], load: Load) -> None:
    """Prints and stores the figures."""
    with postgres() as (url, pid):
        found = [cell for log in logs for cell in asyncio.run(_on(log, processes, load, url, pid))]
    keep("http", {**asdict(load), "cells": found}, dict(_ratios(found)))


async def _on(log: str, processes: Sequence[int], load: Load, url: str, pid: int) -> list[dict[str, Any]]:
    """The figures of one log: a cell for each number of API processes and of clients."""
    async with AsyncExitStack() as stack:
        database = stack.enter_context(fresh_database(url))
        cluster = None if log == "postgres" else stack.enter_context(kafka(int(log[-1])))
        grounds = await prepare(settings_on(database, cluster.bootstrap if cluster else ""))
        rivals = await stack.enter_async_context(_rivals(grounds, stack.enter_context(fresh_database(url))))
        named = {"PostgreSQL": family(pid)[:1]}
        if cluster:
            named |= {f"Kafka broker {one}": [cluster.pid(one) or 0] for one in cluster.running}
        return [cell for count in processes for cell in await _with(count, grounds, load, rivals, named)]


async def _with(
    processes: int, grounds: Grounds, load: Load, rivals: Mapping[str, Worker], named: Mapping[str, list[int]]
) -> list[dict[str, Any]]:
    """The figures of one log and number of API processes."""
    async with serving(grounds.settings, processes) as servers:
        http = {"ports": [one.port for one in servers], "token": grounds.token}
        async with (
            working("http", {**http, "trials": grounds.trials}) as ours,
            working("reports", {**http, "sites": grounds.sites}) as reports,
        ):
            sides = {"http": ours, "reports": reports, **rivals}
            for side in sides.values():
                await side.run(load.clients[-1], WARM_UP)
            servants = [one.process.pid for one in servers if one.process]
            cells = {count: await _rounds(sides, servants, count, load) for count in load.clients}
            memory = {f"API process {number}": [pid] for number, pid in enumerate(servants, 1)}
            memory |= {"load generator": [ours.pid], **named}
            megabytes = {
                name: resident_together(one for pid in pids for one in family(pid)) for name, pids in memory.items()
            }
    log = grounds.log
    _print(log, processes, cells, megabytes)
    return [
        {"log": log, "processes": processes, "clients": count, "sides": runs, "memory_mb": megabytes}
        for count, runs in cells.items()
    ]


@asynccontextmanager
async def _rivals(grounds: Grounds, url: str) -> AsyncIterator[dict[str, Worker]]:
    """The alternatives to us on the same log, each in a process of its own."""
    async with AsyncExitStack() as stack:
        if grounds.settings.log == "postgres":
            insert = {"url": url, "streams": grounds.streams, "value": grounds.whole}
            library = {"url": url, "trials": TRIALS}
            work: dict[str, dict[str, Any]] = {"insert": insert, "library": library}
        else:
            topic = Topic(RAW, grounds.settings.partitions)
            # Created like ours.
            made = await KafkaEventLog.open(
                grounds.settings.kafka, [topic], replication=grounds.settings.kafka_replication
            )
            await made.close()
            message = {"streams": grounds.streams, "value": grounds.value, "headers": grounds.headers}
            work = {
                "send": {
                    "bootstrap": grounds.settings.kafka,
                    "topic": topic.name,
                    "partitions": topic.partitions,
                    **message,
                }
            }
        yield {name: await stack.enter_async_context(working(name, one)) for name, one in work.items()}


async def _rounds(sides: Mapping[str, Worker], servants: Sequence[int], clients: int, load: Load) -> dict[str, Any]:
    """The sides by turns, so that a busy minute of the machine affects them alike.

    Processor time is that of our API processes, including their views, or of the rival's own process.
    """
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(load.rounds):
        for name, side in sides.items():
            working_for = servants if name in OURS else [side.pid]
            before = sum(map(processor_seconds, working_for))
            run = await side.run(clients, load.seconds)
            used = sum(map(processor_seconds, working_for)) - before
            runs[name].append({**run, "processor_ms": used / run["calls"] * 1000})
    return runs


def _rates(runs: Sequence[Mapping[str, Any]]) -> list[float]:
    return [run["rate"] for run in runs]


def _print(log: str, processes: int, cells: Mapping[int, Mapping[str, Any]], memory: Mapping[str, float]) -> None:
    columns = ["clients", "side", "acknowledged/s", "p50 ms", "p99 ms", "ours is", "CPU ms each", "views after s"]
    rows = [
        [
            str(clients) if name == "http" else "",
            NAMES[name],
            spread(_rates(runs)),
            spread([run["p50"] for run in runs]),
            spread([run["p99"] for run in runs]),
            "" if name in OURS else ", ".join(f"{ratio(_rates(sides[one]), _rates(runs)):.2f}" for one in OURS),
            short(median([run["processor_ms"] for run in runs])),
            short(median([run["settled"] for run in runs])) if name in OURS else "",
        ]
        for clients, sides in cells.items()
        for name, runs in sides.items()
    ]
    table(f"Commands on {log}, {processes} API process(es); median of rounds (lowest–highest)", columns, rows)
    console.print("MB: " + ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in memory.items()))


def _ratios(cells: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """Each ratio in the form of its target: the lowest over the numbers of clients that the target covers."""
    named = (
        ("http_over_eventsourcing", "http", "postgres", "library", 16),
        ("http_over_raw_insert", "http", "postgres", "insert", 16),
        ("kafka1_over_send_and_wait", "http", "kafka1", "send", 1),
        ("kafka3_over_send_and_wait", "http", "kafka3", "send", 1),
        ("reports_over_eventsourcing", "reports", "postgres", "library", 16),
        ("reports_over_raw_insert", "reports", "postgres", "insert", 16),
        ("reports_kafka3_over_send_and_wait", "reports", "kafka3", "send", 1),
    )
    for name, ours, log, rival, least in named:
        found = [
            ratio(_rates(cell["sides"][ours]), _rates(cell["sides"][rival]))
            for cell in cells
            if cell["log"] == log and cell["processes"] == 1 and cell["clients"] >= least
        ]
        if found:
            yield name, min(found)
