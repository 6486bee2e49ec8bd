"""Rounds of examples: each through a registry of its own, then through its exports, its dump and a rebuild."""

import asyncio
import hashlib
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import hypothesis
import orjson
import structlog
from hypothesis import HealthCheck, Phase, given, seed
from lxml import etree
from rich.table import Table

from adapters.catalogue import TARGETS
from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine.aside import listed
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.exchange.exporting import export
from registry.node import Node
from registry.server import serving
from registry.settings import Settings
from tests.robustness.carrying import NotCarried, Round, Tally
from tests.support.ictrp import dtd
from tests.support.node import settings_for
from tests.support.plans import PLANS, Plan
from tests.support.postgres import fresh_database


def drawn(count: int, number: int) -> list[Plan]:
    """The plans of a round, each once, as hypothesis draws them from a seed.

    Nothing is shrunk: a plan is short and complete, and shrinking with a second for each try looks like a hang.
    """
    plans: dict[Plan, None] = {}

    @seed(number)
    @hypothesis.settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(PLANS)
    def collect(plan: Plan) -> None:
        plans[plan] = None

    collect()
    return list(plans)


def one_round(count: int, number: int, postgres_url: str) -> Tally:
    """Carries the examples of a seed through a registry of their own, in this process; raises NotCarried."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="registry-carry-") as folder, fresh_database(postgres_url) as url:
        return asyncio.run(carry(drawn(count, number), url, Path(folder)))


async def carry(plans: Sequence[Plan], database_url: str, folder: Path) -> Tally:
    """Carries the examples through one registry; raises NotCarried."""
    settings = settings_for(database_url)
    async with (
        wiring.running(settings) as node,
        serving(node, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        carrying = Round(node, session)
        await carrying.take(plans)
        await carrying.check_all()
        if aside := await set_aside(database_url):
            raise NotCarried(f"views set aside: {aside}")
        await _exported(node, folder / "ictrp.xml", carrying.tally)
    await _rebuilt(settings, carrying.tally)
    return carrying.tally


async def _exported(node: Node, out: Path, tally: Tally) -> None:
    """WHO's upload, of all that is registered here: well-formed, and valid by WHO's own DTD."""
    report = await export(TARGETS["ictrp"], await node.outgoing(), out)
    tally.outcomes["written for WHO"] += report.written
    tally.outcomes["not written for WHO"] += len(report.not_written)
    if report.written and not dtd().validate(etree.parse(out)):
        raise NotCarried(str(dtd().error_log.filter_from_errors()))


async def _rebuilt(settings: Settings, tally: Tally) -> None:
    """The views rebuilt from the log are, byte for byte, those that followed it; each line of them is JSON."""
    log = await wiring.open_log(settings, settings.database_url)
    try:
        followed = await _dumped(settings.database_url)
        began = time.perf_counter()
        tally.outcomes["records rebuilt"] += await rebuild(
            log, wiring.topics(settings)[0], settings.database_url, program=PROGRAM
        )
        tally.outcomes["seconds of rebuilds"] += round(time.perf_counter() - began)
        if followed != await _dumped(settings.database_url):
            raise NotCarried("a rebuild makes other views")
    finally:
        await log.close()


async def _dumped(database_url: str) -> list[bytes]:
    """A digest of each line: the lines of a round are some hundred megabytes."""
    digests = []
    async for line in dump(database_url, program=PROGRAM):
        orjson.loads(line)
        digests.append(hashlib.sha256(line).digest())
    return digests


async def set_aside(database_url: str) -> list[str]:
    """Events that the views could not take, and the reasons."""
    async with await connect(database_url) as connection:
        return [str(one) for one in await listed(connection)]


def tally_table(tally: Tally) -> Table:
    """The outcomes of the examples, and the slowest and the largest of them at each stage."""
    table = Table("what", "most", "of", title="Carried", show_lines=False)
    for outcome, times in tally.outcomes.most_common():
        table.add_row(outcome, f"{times:,}", "")
    for stage, (seconds, plan) in tally.slowest.items():
        table.add_row(f"slowest {stage}", f"{seconds * 1000:.0f} ms", str(plan))
    for stage, (size, plan) in tally.largest.items():
        table.add_row(f"largest {stage}", f"{size:,} bytes", str(plan))
    return table
