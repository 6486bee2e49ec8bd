"""The cost of a new aggregate: a toy with commands and a view is eight new files at most, and three changed lines.

They are added to a copy of the tree: the files of `fixtures/toy`, and the lines below. The differences of
the copy from the tree are counted, and a node of the copy runs. A real one would bring its tests, too.
"""

import difflib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.node import settings_for
from tests.support.servers import ROOT, environment

PACKAGES = ("adapters", "events", "projections", "registry")
NEW = ROOT / "tests/fixtures/toy"
CHANGED = {
    "events/catalogue.py": ("SCHEMAS: Final = (", 'SCHEMAS: Final = ("toy", '),
    "registry/domain/catalogue.py": ("FOLDERS: Final = (", 'FOLDERS: Final = ("toy", '),
    "projections/catalogue.py": ("FOLDERS: Final = (", 'FOLDERS: Final = ("toy", '),
}
"""By file, a text that it contains once, and its replacement."""


def files_of(tree: Path) -> dict[Path, bytes]:
    found = (file for package in PACKAGES for file in (tree / package).rglob("*"))
    return {file.relative_to(tree): file.read_bytes() for file in found if file.is_file() and file.suffix != ".pyc"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree to which the toy is added."""
    copy = tmp_path / "tree"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    shutil.copytree(NEW, copy, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    for name, (was, now) in CHANGED.items():
        text = (copy / name).read_text()
        assert text.count(was) == 1, name
        (copy / name).write_text(text.replace(was, now))
    return copy


def changed_lines(before: bytes, after: bytes) -> int:
    """Lines that were added, replaced or removed."""
    steps = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return sum(max(end - start, till - since) for step, start, end, since, till in steps if step != "equal")


def test_it_costs_eight_new_files_at_most_and_three_changed_lines(tree: Path) -> None:
    before, after = files_of(ROOT), files_of(tree)
    changed = {file: lines for file in before if (lines := changed_lines(before[file], after[file]))}

    assert 0 < len(after.keys() - before.keys()) <= 8
    assert before.keys() <= after.keys()
    assert 0 < sum(changed.values()) <= 3, changed


def test_no_contract_of_the_tree_is_broken_by_it(tree: Path) -> None:
    lint = (sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    done = subprocess.run(lint, cwd=tree, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_its_commands_are_posted_and_its_view_is_shown_and_made_again(tree: Path, database_url: str) -> None:
    variables = environment(settings_for(database_url)) | {"PYTHONPATH": str(ROOT)}
    # The working directory comes first in the path: the packages are those of the copy.
    played = (sys.executable, "-m", "tests.support.toys")
    done = subprocess.run(played, cwd=tree, env=variables, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-4_000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    rows = [row for row in map(json.loads, seen["before"]) if row["view"] == "toy"]

    assert seen["made"][0] == seen["repainted"][0] == 201
    assert seen["made again"] == seen["made"]
    assert seen["refused"] == [403, 403, 404]
    assert seen["receipt"] == seen["repainted"][1]
    assert [seen["receipt"][name] for name in ("toy", "version", "event")] == [seen["toy"], 2, "toy.painted.v1"]
    assert {"/v1/toys", "/v1/toys/{toy}/repaint"} <= {*seen["paths"]}
    assert seen["schema"] == "toy.painted.v1"
    assert [(row["toy"], row["colour"]) for row in rows] == [(seen["toy"], "blue")]
    assert seen["after"] == seen["before"]
