"""mutmut on a copy of the tree: its mutants, their outcomes, and the lines that they change."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutants.packages import Package

ROOT: Final = Path(__file__).resolve().parents[2]
NICE: Final = 10
WITHOUT: Final = (r"\blog\.(debug|info|warning|error|critical)\(",)
"""Lines that are not mutated: the tests assert log lines where it matters, not word by word."""
LONGEST_TEST: Final = 30
"""Seconds after which a test that waits for ever fails; mutmut itself waits for as long as all tests take."""
CONFIGURATION: Final = """
[tool.mutmut]
source_paths = ["events", "projections", "registry", "adapters"]
also_copy = ["deploy", "docs", "README.md", "LICENSE", "Makefile"]
track_dependencies = false
use_git_change_detection = false
use_setproctitle = false
timeout_multiplier = 4.0
timeout_constant = 5.0
only_mutate = {files}
do_not_mutate_patterns = {without}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = {arguments}
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: its function, the lines it removes and the lines it adds."""

    name: str
    was: str
    now: str

    @property
    def function(self) -> str:
        """`module.function` or `module.Class.method`."""
        return self.name.rpartition("__mutmut_")[0].replace(".x_", ".").replace(".xǁ", ".").replace("ǁ", ".")


class Copy:
    """A copy of the tracked files, in which one package is mutated."""

    def __init__(self, folder: Path, package: Package) -> None:
        self._folder, self._package = folder, package

    def make(self) -> None:
        """Copies the tree again and makes all mutants; runs the near tests once, to learn what each reaches."""
        shutil.rmtree(self._folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in listed.decode().rstrip("\0").split("\0"):
            with suppress(FileNotFoundError):
                (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self._folder / name)
        with (self._folder / "pyproject.toml").open("a", encoding="utf-8") as configuration:
            configuration.write(self._configuration())
        self.run([self._package.probe], 3_600)

    def _configuration(self) -> str:
        arguments = ["--hypothesis-profile=mutants", "-p", "no:cacheprovider", "-o", f"timeout={LONGEST_TEST}"]
        arguments += ["-k", self._package.selection] if self._package.selection else []
        arguments += [] if self._package.databases else ["--no-databases"]
        return CONFIGURATION.format(
            files=_listed(self._package.files),
            without=_listed(WITHOUT),
            tests=_listed(self._package.tests),
            arguments=_listed(arguments),
        )

    def statuses(self) -> Mapping[str, str]:
        """The status of each mutant: killed, survived, no tests, timeout, suspicious, segfault or not checked."""
        lines = self._mutmut("results", "--all", "1").stdout.splitlines()
        parts = (line.strip().rpartition(": ") for line in lines)
        return {name: status for name, colon, status in parts if colon}

    def run(self, names: Sequence[str], seconds: float) -> None:
        """Plants the mutants, each alone, and runs the tests that reach it; mutants beyond the time stay unchecked.

        Raises RuntimeError if mutmut fails, as it does if the tests fail without any mutant.
        """
        with (self._folder / "mutmut.log").open("ab") as log:
            # A group of its own: its children end with it.
            process = subprocess.Popen(
                self._command("run", "--max-children", str(os.cpu_count() or 1), *names),
                cwd=self._folder,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
                return
        if status:
            raise RuntimeError(f"mutmut ended with {status}: see {log.name}")

    def shown(self, name: str) -> Mutant:
        """The mutant with its lines."""
        lines = self._mutmut("show", name).stdout.splitlines()
        changed = [line for line in lines if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")]
        was, now = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
        return Mutant(name, was, now)

    def _mutmut(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*arguments),
            cwd=self._folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=True,
        )

    def _command(self, *arguments: str) -> list[str]:
        return ["nice", "-n", str(NICE), sys.executable, "-m", "mutmut", *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def _listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"
