"""The axis of a region and the two of a trial are three types: the type checker lets none stand for another."""

import itertools
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AXES = ("AuthorisationStatus", "RecruitmentStatus", "RegionState")
PAIRS = list(itertools.permutations(AXES, 2))


def test_no_axis_can_be_assigned_to_another(tmp_path: Path) -> None:
    lines = [f"from events.schemas.status import {', '.join(AXES)}"]
    lines += [f"def {source}_as_{target}(value: {source}) -> {target}: return value" for source, target in PAIRS]
    lines += [f"def {one}_as_itself(value: {one}) -> {one}: return value" for one in AXES]
    (tmp_path / "axes.py").write_text("\n".join(lines))
    command = (sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", tmp_path / "cache", "axes.py")

    checked = subprocess.run(
        command, cwd=tmp_path, env={"MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert [line.partition("error: ")[2] for line in checked.stdout.splitlines()] == [
        f'Incompatible return value type (got "{source}", expected "{target}")  [return-value]'
        for source, target in PAIRS
    ]
