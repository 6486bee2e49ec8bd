"""A process imports only modules that it uses: once imported, a module stays in its memory for good."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported(module: str) -> set[str]:
    """The packages that a new process has once it imported the module."""
    program = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("module", "unused"),
    [
        # The process of the views imports again the module that `registry run` was started from.
        ("registry.cli", {"aiohttp", "lxml", "typer", "events", "projections"}),
        ("registry.wiring", {"aiohttp", "lxml", "typer", "aiokafka"}),
    ],
)
def test_a_process_imports_only_what_it_uses(module: str, unused: set[str]) -> None:
    assert imported(module) & unused == set()
