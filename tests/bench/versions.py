"""Two versions of the program in one run: each is measured by its own bench, by turns, and they exchange their uploads.

Both run on the libraries that are installed here, each in a work tree of its own. On a machine that others use, too,
only ratios of consecutive rounds are meaningful.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.figures import ROOT, console, ratio, spread, table
from tests.bench.stand import postgres
from tests.support.ctgov import SHARED
from tests.support.exchange import REAL_FILES
from tests.support.node import VAULT_KEY
from tests.support.postgres import fresh_database

PARTS: Final = (
    ("exchange", "--studies", "300", "--rounds", "1"),
    ("views", "--parts", "rebuild", "--trials", "2000", "--rounds", "1"),
    ("http", "--logs", "postgres", "--processes", "1", "--clients", "16", "--rounds", "1", "--seconds", "4"),
)
Places = tuple[str | int, ...]
HTTP: Final[Places] = ("http", "cells", 0, "sides")
FIGURES: Final[Mapping[str, Places]] = {
    "amendments over HTTP, each second": (*HTTP, "http", 0, "rate"),
    "processor ms for each": (*HTTP, "http", 0, "processor_ms"),
    "sites' reports over HTTP, each second": (*HTTP, "reports", 0, "rate"),
    "processor ms for each report": (*HTTP, "reports", 0, "processor_ms"),
    "events of a rebuild, each second": ("rebuild", "rebuild", 0),
    "studies taken in, each second": ("exchange", "taking_in", 0, "rate"),
    "processor s of taking them in": ("exchange", "taking_in", 0, "processor", "recorder"),
}
"""The compared figures, with their places in `build/bench.json`."""


@contextmanager
def trees(*commits: str) -> Iterator[list[Path]]:
    """A work tree of each commit, beside the real samples, where each looks for them."""
    with tempfile.TemporaryDirectory(prefix="registry-versions-") as folder:
        made = [Path(folder) / str(number) for number in range(len(commits))]
        (Path(folder) / "shared").symlink_to(SHARED.parent)
        try:
            for tree, commit in zip(made, commits, strict=True):
                _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
            yield made
        finally:
            for tree in made:
                _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run(("git", *arguments), cwd=ROOT, check=True)


def _python(tree: Path, *arguments: str, **settings: str) -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(tree), **settings}
    done = subprocess.run((sys.executable, *arguments), check=False, cwd=tree, env=environment, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{tree} {' '.join(arguments)}\n{done.stderr.decode()[-4_000:]}")
    return done.stdout


def measured(tree: Path) -> dict[str, float]:
    """One round of a version: its figures by name."""
    for part in PARTS:
        _python(tree, "-m", "tests.bench", *part)
    parts = orjson.loads((tree / "build" / "bench.json").read_bytes())["parts"]
    return {name: at(parts, places) for name, places in FIGURES.items()}


def at(figures: Any, places: Places) -> float:
    """The number in a place; raises LookupError if there is none."""
    for place in places:
        figures = figures[place]
    return float(figures)


def rows(before: list[dict[str, float]], after: list[dict[str, float]]) -> Iterator[list[str]]:
    """For each figure both medians, and the median of the ratios of rounds one after the other."""
    for name in FIGURES:
        old, new = [one[name] for one in before], [one[name] for one in after]
        yield [name, spread(old), spread(new), f"{ratio(new, old):.2f}"]


def same_uploads(old: Path, new: Path) -> bool:
    """Whether the old version's upload of all samples is sent again as the same bytes by a new one that restored it."""
    with postgres() as (server, _), tempfile.TemporaryDirectory(prefix="registry-uploads-") as folder:
        sent, again = Path(folder) / "sent.xml", Path(folder) / "again.xml"
        _exchanged(old, server, [(source, files) for source, files, _ in REAL_FILES.values()], sent)
        _exchanged(new, server, [("ictrp", [sent])], again)
        return sent.read_bytes() == again.read_bytes()


def _exchanged(tree: Path, server: str, files_by_source: list[tuple[str, list[Path]]], upload: Path) -> None:
    console_of = "from registry.cli import main; main()"
    with fresh_database(server) as url:
        settings = {
            "REGISTRY_DATABASE_URL": url,
            "REGISTRY_VAULT_KEY": VAULT_KEY,
            "REGISTRY_PUBLIC_URL": "https://registry.example",
        }
        for source, files in files_by_source:
            _python(tree, "-c", console_of, "import", source, *map(str, files), "--adopt", **settings)
        _python(tree, "-c", console_of, "export", "ictrp", "--out", str(upload), **settings)


def versions(before: str, after: str, rounds: int) -> None:
    """Prints the figures of both, and whether their uploads are the same; exits with 1 if they are not."""
    with trees(before, after) as (old, new):
        pairs = [(measured(old), measured(new)) for _ in range(rounds)]
        table(
            f"{before} and {after} by turns, median (lowest–highest) of {rounds} rounds",
            ["", before, after, "after / before"],
            rows([one for one, _ in pairs], [other for _, other in pairs]),
        )
        same = same_uploads(old, new)
    console.print("the upload of all samples, sent again:", "the same bytes" if same else "OTHER BYTES")
    raise SystemExit(0 if same else 1)
