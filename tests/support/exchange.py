"""Imports and exports as an operator runs them, and their traces in the log and in the views."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from events.port import Topic
from events.record import decode
from registry import wiring
from registry.settings import Settings
from tests.support.ctgov import SAMPLES
from tests.support.ictrp import EXPORT, UPLOAD
from tests.support.servers import console

REAL_FILES = {
    "ctgov_v2": ("ctgov", SAMPLES, 278),
    "ictrp_export": ("ictrp", [EXPORT], 300),
    "ictrp_upload": ("ictrp", [UPLOAD], 57),
}
"""The real samples: the source as the console names it, the files, and how many records they hold."""


async def run_json(settings: Settings, *arguments: str | Path) -> Any:
    """What a command of the console prints with --json; asserts that it refused nothing."""
    return orjson.loads(await console(settings, *map(str, arguments), "--json"))


async def log_of(settings: Settings) -> Counter[str]:
    """How many records of each type the log holds, whether or not they count."""
    topic: Topic = wiring.topics(settings)[0]
    log = await wiring.open_log(settings, settings.database_url)
    try:
        start = dict.fromkeys(range(topic.partitions), 0)
        batches = log.read(topic, start, await log.ends(topic))
        return Counter([decode(stored.message).type async for batch in batches for stored in batch])
    finally:
        await log.close()


def of_trials(log: Counter[str]) -> Counter[str]:
    """The same of trials alone."""
    return Counter({type_: count for type_, count in log.items() if type_.startswith("trial.")})


async def ours(settings: Settings) -> dict[str, dict[str, Any]]:
    """The documents of all that is registered here, by number."""
    async with wiring.running(settings) as node:
        await node.until_visible(node.settings.read_deadline)
        return {document["number"]: document async for document in node.views.documents(owned=True)}
