"""The files of the repository: small ones, a root without surprises, and no binaries but the pictures."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 300
LONGER = {
    "deploy/kafka/cluster.py": "one script that any Python runs, before there is a virtual environment",
    "events/schemas/trial.py": "the stored form of each event of a trial, read from top to bottom",
    "projections/trial/document.py": "one fold with a case for each event of a trial",
}
"""Source files with more lines, and the reason why each is one file."""
MOST_LINES_OF_TESTS = 600
AT_THE_ROOT = {
    ".ci",
    ".dockerignore",
    ".editorconfig",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".yamllint.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "adapters",
    "deploy",
    "docs",
    "events",
    "projections",
    "pyproject.toml",
    "registry",
    "requirements-dev.lock",
    "requirements.lock",
    "tests",
}
"""Files that tools look for there, and files that a reader opens."""
PICTURES = ("docs/screenshots/",)


def tracked() -> list[str]:
    """The files of the repository that are in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def lines_of(name: str) -> int:
    return (ROOT / name).read_bytes().count(b"\n")


def test_no_source_file_is_long_but_for_a_few_with_a_reason() -> None:
    sources = [name for name in tracked() if name.endswith(".py") and not name.startswith("tests/")]

    assert len(sources) > 400
    assert {name for name in sources if lines_of(name) > MOST_LINES} == set(LONGER)


def test_no_file_of_tests_is_very_long() -> None:
    tests = [name for name in tracked() if name.endswith(".py") and name.startswith("tests/")]

    assert len(tests) > 300
    assert [name for name in tests if lines_of(name) > MOST_LINES_OF_TESTS] == []


def test_the_root_holds_only_what_tools_and_readers_expect() -> None:
    assert {name.partition("/")[0] for name in tracked()} == AT_THE_ROOT


def test_no_file_is_a_binary_but_the_pictures() -> None:
    binaries = [name for name in tracked() if b"\0" in (ROOT / name).read_bytes()]

    assert binaries
    assert [name for name in binaries if not name.startswith(PICTURES)] == []


def test_no_file_has_the_marks_of_an_unresolved_merge() -> None:
    marks = re.compile(rb"^(?:<{7}|>{7}) \S", re.MULTILINE)

    assert marks.search(b"before\n" + b"<" * 7 + b" HEAD\nafter\n")
    assert [name for name in tracked() if marks.search((ROOT / name).read_bytes())] == []
