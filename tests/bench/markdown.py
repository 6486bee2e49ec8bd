"""The stored figures as the tables of docs/performance.md."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from tests.bench.commands import OURS
from tests.bench.figures import FILE, median, ratio, short, spread

Cell = Mapping[str, Any]


def tables() -> None:
    """Prints every part that build/bench.json has."""
    file_content = orjson.loads(FILE.read_bytes())
    for name, part in file_content["parts"].items():
        machine = part["machine"]
        print_ = sys.stdout.write
        print_(f"### {name}: {part['taken']}, load {machine['load']} on {machine['cores']} cores\n\n")
        for line in _lines(name, part):
            print_(f"{line}\n")
        print_("\n")
    for name, value in sorted(file_content["ratios"].items()):
        sys.stdout.write(f"| `{name}` | {value} |\n")


def _lines(name: str, part: Cell) -> Iterator[str]:
    if name == "http":
        yield from _commands(part["cells"])
    elif name == "rebuild":
        yield from _rows(["events/s", "median (lowest–highest)"])
        yield from (
            f"| {side} | {spread(part[key])} |"
            for side, key in (
                ("rebuild", "rebuild"),
                ("COPY of the ready rows, indexes", "copy_and_indexes"),
                ("COPY of the ready rows alone", "copy"),
            )
        )
    elif name.startswith("search"):
        yield from _rows([f"ms, {part['trials']:,} trials", "p50", "p95", "p99", "mean"])
        for side, ms in part["ms"].items():
            yield f"| {side} | " + " | ".join(spread(ms[column]) for column in ("p50", "p95", "p99", "mean")) + " |"
    elif name == "visible":
        yield from _rows(["ms", "median (lowest–highest)"])
        yield from (f"| {key} | {spread([run[key] for run in part['rounds']])} |" for key in ("p50", "p99"))
    elif name == "exchange":
        yield from _exchange(part)


def _rows(columns: Sequence[str]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|---" + "|---:" * (len(columns) - 1) + "|"


def _commands(cells: Sequence[Cell]) -> Iterator[str]:
    titles = ["log, API processes, clients", "", "ours/s", "p50 ms", "p99 ms", "CPU ms", "rivals/s", "ours is"]
    yield from _rows(titles)
    for cell in cells:
        rivals = {name: [run["rate"] for run in runs] for name, runs in cell["sides"].items() if name not in OURS}
        for name in OURS:
            ours = cell["sides"][name]
            rates = [run["rate"] for run in ours]
            figures = [
                f"{cell['log']}, {cell['processes']}, {cell['clients']}",
                "amendments" if name == "http" else "reports",
                spread(rates),
                short(median([run["p50"] for run in ours])),
                short(median([run["p99"] for run in ours])),
                short(median([run["processor_ms"] for run in ours])),
                ", ".join(f"{rival} {short(median(theirs))}" for rival, theirs in rivals.items()),
                ", ".join(f"{ratio(rates, theirs):.2f}" for theirs in rivals.values()),
            ]
            yield "| " + " | ".join(figures) + " |"


def _exchange(part: Cell) -> Iterator[str]:
    yield from _rows(["studies", "studies/s taken in", "s until the views follow", "peak MB recording", "reading"])
    for one in part["taking_in"]:
        figures = [one["rate"], one["seconds"]["views"], one["peak_mb"]["recorder"], one["peak_mb"]["reader"]]
        yield f"| {one['studies']:,} | " + " | ".join(map(short, figures)) + " |"
    rounds = part["writing"]["rounds"]
    yield ""
    yield from _rows([f"an upload of {part['writing']['trials']:,} trials", "trials/s"])
    yield f"| ours: render, check, write | {spread([one['ours'] for one in rounds])} |"
    yield f"| lxml, ready dictionaries | {spread([one['lxml'] for one in rounds])} |"
