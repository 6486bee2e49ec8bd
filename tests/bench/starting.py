"""The time until a node is ready on a log of many events, with and without a snapshot, and its memory then."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any, Final
from uuid import uuid5

import orjson

from events import founding
from events.canonical import DIGEST_BYTES
from events.partitions import partition_of
from events.port import Addressed, EventLog, Topic
from events.record import Message
from registry import wiring
from registry.demo import sources
from registry.demo.outline import NAMES
from registry.settings import Settings
from tests.bench.corpus import APPENDED, LOG, NOW, ORIGIN, messages, outlines
from tests.bench.figures import ROOT, keep, machine, spread, table
from tests.bench.stand import kafka, postgres, settings_on
from tests.support.servers import environment

PATTERNS: Final = 200
"""Trials from the domain; all others are copies of them, with names, ids and digests of their own."""
NEVER: Final = 10**9
"""Records after which a node takes a snapshot while it runs: these take one when they stop."""
NODE: Final = (sys.executable, "-W", "ignore", "-m", "tests.bench.started")


def starting(logs: Sequence[str], events: int, rounds: int) -> None:
    """Prints and stores the seconds and megabytes of a start on each log."""
    figures = {log: asyncio.run(_on(log, events, rounds)) for log in logs}
    rows = [
        [f"{log}: {how}", spread(of["ready"]), spread(of["whole"]), spread(of["memory"])]
        for log, ways in figures.items()
        for how, of in ways.items()
    ]
    table(
        f"The start of a node on {events:,} events (load {machine()['load']})",
        ["log", "node ready (s)", "with Python's start (s)", "memory (MB)"],
        rows,
    )
    keep("start", {"events": events, "logs": figures}, {})


async def _on(log: str, events: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    with postgres() as (url, _):
        if log == "postgres":
            return await _measured(settings_on(url), events, rounds)
        with kafka(1) as cluster:
            return await _measured(settings_on(url, cluster.bootstrap), events, rounds)


async def _measured(settings: Settings, events: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    log = await wiring.open_log(settings, wiring.database_url(settings), create=True)
    await fill(log, wiring.topics(settings)[0], events)
    await log.close()
    # The last of these takes a snapshot when it stops.
    whole = [_start(settings, every) for every in [*[0] * (rounds - 1), NEVER]]
    resumed = [_start(settings, NEVER) for _ in range(rounds)]
    started = {"without a snapshot": whole, "from a snapshot": resumed}
    return {how: {name: [one[name] for one in of] for name in of[0]} for how, of in started.items()}


def _start(settings: Settings, every: int) -> dict[str, Any]:
    """Starts a node in a process of its own and stops it; returns its output."""
    wanted = environment(settings.model_copy(update={"snapshot_every": every}))
    began = time.monotonic()
    with subprocess.Popen(NODE, cwd=ROOT, env=wanted, stdout=subprocess.PIPE) as node:
        assert node.stdout is not None
        line = node.stdout.readline()
        whole = time.monotonic() - began
    if node.returncode:
        raise RuntimeError("a node ended; its trace is above")
    report: dict[str, Any] = orjson.loads(line)
    return {**report, "whole": whole}


async def fill(log: EventLog, topic: Topic, events: int) -> None:
    """Founds the log, and appends so many events of trials to it, without any rule."""
    await founding.ensure(log, topic, ORIGIN.base, LOG, NOW)
    found = islice(copies(), events)
    while batch := list(islice(found, APPENDED)):
        await log.append(topic, [Addressed(partition_of(one.key.decode(), topic.partitions), one) for one in batch])


def copies() -> Iterator[Message]:
    """Histories of trials, four or five events each, one trial after the other, without end."""
    world = sources.read()
    patterns = [list(messages(outline, world)) for outline in outlines(PATTERNS)]
    for number, pattern in enumerate(cycle(patterns)):
        stream, previous = f"trial/{uuid5(NAMES, f'start {number}')}", bytes(DIGEST_BYTES)
        for step, message in enumerate(pattern):
            own = {
                "ce_id": str(uuid5(NAMES, f"start {number} step {step}")),
                "ce_subject": stream,
                "ce_source": ORIGIN.source(stream),
                "ce_previoushash": previous.hex(),
            }
            headers = tuple((name, own[name].encode() if name in own else value) for name, value in message.headers)
            copy = replace(message, key=stream.encode(), headers=headers)
            previous = copy.digest
            yield copy
