"""The readers' side: rebuilt views beside COPY, searches beside tantivy, and the time until a change is found."""

import asyncio
from collections.abc import Collection
from functools import partial
from typing import Any, Final

from events.schemas.access import Role
from projections.catalogue import PROGRAM
from projections.engine.rebuild import rebuild
from projections.reading import Views
from registry import wiring
from registry.office import tokens
from registry.settings import Settings
from tests.bench.corpus import fill, outlines
from tests.bench.figures import console, keep, spread, table
from tests.bench.processes import family, resident_together
from tests.bench.rebuilding import rebuilding
from tests.bench.searching import searching
from tests.bench.stand import postgres, serving, settings_on
from tests.bench.worker import working
from tests.support.postgres import fresh_database

PARTS: Final = ("rebuild", "search", "visible")
CHANGED: Final = 1_000
"""Trials that are changed while the time until a change is found is measured."""
RATE: Final = 200
"""Commands each second during that measurement."""


def views(parts: Collection[str], trials: int, rounds: int, seconds: float) -> None:
    """Prints and stores the figures of the parts, all on one log of so many trials."""
    with postgres() as (url, pid), fresh_database(url) as database:
        settings = settings_on(database)
        asyncio.run(_filled(settings, trials, rounds, rebuilding_too="rebuild" in parts))
        if {"search", "visible"} & set(parts):
            asyncio.run(_served(settings, pid, parts, rounds, seconds))


async def _filled(settings: Settings, trials: int, rounds: int, *, rebuilding_too: bool) -> None:
    """A log of the trials, and its views; with the figures of the rebuild if they are requested."""
    opener = partial(wiring.open_log, settings, settings.database_url)
    log = await opener(create=True)
    topic = wiring.topics(settings)[0]
    try:
        events = await fill(log, topic, trials)
        console.print(f"{events:,} events of {trials:,} trials are in the log")
        if rebuilding_too:
            figures, ratios = await rebuilding(log, topic, settings.database_url, rounds, opener)
            keep("rebuild", figures, ratios)
        else:
            await rebuild(log, topic, settings.database_url, opener=opener, program=PROGRAM)
    finally:
        await log.close()


async def _served(settings: Settings, pid: int, parts: Collection[str], rounds: int, seconds: float) -> None:
    async with wiring.running(settings) as node:
        token = (await tokens.issue(node, Role.REGISTRY, "registry-office"))[1]
    async with serving(settings, 1) as [server]:
        if "search" in parts:
            found = await Views.open(settings.database_url, wiring.now)
            figures, ratios = await searching(found, server.port, rounds)
            await found.close()
            keep(f"search_{figures['trials']}", figures, ratios)
        if "visible" in parts:
            visible = {
                "ports": [server.port],
                "token": token,
                "trials": [str(outline.trial) for outline in outlines(CHANGED)],
            }
            await _visible(visible, rounds, seconds)
        assert server.process is not None
        memory = {"API process": [server.process.pid], "PostgreSQL": family(pid)}
        console.print("MB: " + ", ".join(f"{name} {resident_together(pids):.0f}" for name, pids in memory.items()))


async def _visible(settings: dict[str, Any], rounds: int, seconds: float) -> None:
    async with working("visible", settings) as side:
        await side.run(RATE, 2.0)
        runs = [await side.run(RATE, seconds) for _ in range(rounds)]
    p50, p99 = [run["p50"] for run in runs], [run["p99"] for run in runs]
    title = f"From POST to the search that finds it, {RATE} commands/s, every tenth is looked for"
    table(title, ["ms", "median (lowest–highest)"], [["p50", spread(p50)], ["p99", spread(p99)]])
    keep("visible", {"rate": RATE, "rounds": runs}, {})
