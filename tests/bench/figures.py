"""Figures of several rounds: their medians and spread, the machine they were taken on, and build/bench.json."""

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "build" / "bench.json"
console: Final = Console(width=140, highlight=False)


def median(rounds: Sequence[float]) -> float:
    """The middle of the rounds."""
    return statistics.median(rounds)


def spread(rounds: Sequence[float]) -> str:
    """The median of the rounds, and the lowest and the highest if there are several."""
    middle = short(median(rounds))
    return middle if len(rounds) == 1 else f"{middle} ({short(min(rounds))}–{short(max(rounds))})"


def short(value: float) -> str:
    """A number with three significant figures, or whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def quantile(sorted_values: Sequence[float], of: float) -> float:
    """The value below which the share `of` lies; raises IndexError where there are none."""
    return sorted_values[min(len(sorted_values) - 1, int(of * len(sorted_values)))]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The middle of the ratios of rounds that were measured one right after the other."""
    return median([one / other for one, other in zip(ours, theirs, strict=True)])


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints figures."""
    shown = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, min_width=100)
    for number, column in enumerate(columns):
        shown.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)


def machine() -> dict[str, Any]:
    """The machine of the figures, and its load average of the last minute."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load": round(os.getloadavg()[0], 2),
    }


def keep(part: str, figures: Mapping[str, Any], ratios: Mapping[str, float]) -> None:
    """Stores a part's figures with those of the other parts, each with its time and machine."""
    file_content: dict[str, Any] = orjson.loads(FILE.read_bytes()) if FILE.exists() else {"parts": {}, "ratios": {}}
    taken = {"taken": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    file_content["parts"][part] = {**taken, **figures}
    file_content["ratios"] |= {name: round(value, 3) for name, value in ratios.items()}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(orjson.dumps(file_content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
    for name, value in ratios.items():
        console.print(f"{name} = {value:.2f}")
