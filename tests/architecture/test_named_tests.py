"""The tests that documents name as proofs exist; each kind of attack has three cases."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([\w/]+\.py): (test_\w+)`((?:(?:,| and)? `test_\w+`)*)")
KINDS = 15


def named_in(text: str) -> set[tuple[str, str]]:
    """(file below tests, test) for each test that is named, also if several of one file are named in a row."""
    found = set()
    for file, first, others in NAMED.findall(text):
        found |= {(file, test) for test in (first, *re.findall(r"test_\w+", others))}
    return found


@pytest.mark.parametrize("document", ["security.md", "attacks.md"])
def test_every_test_that_is_named_is_there(document: str) -> None:
    named = named_in((ROOT / "docs" / document).read_text())
    assert len(named) > KINDS
    sources = {file: ROOT / "tests" / file for file, _ in named}
    texts = {file: path.read_text() if path.exists() else "" for file, path in sources.items()}

    assert {(file, test) for file, test in named if f"def {test}(" not in texts[file]} == set()


def test_every_kind_of_attack_has_two_cases_beside_the_first() -> None:
    rows = re.findall(
        r"^\| (\d+)\. [^|]+\| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs" / "attacks.md").read_text(), re.MULTILINE
    )

    assert [int(number) for number, _, _ in rows] == [*range(1, KINDS + 1)]
    for number, first, more in rows:
        assert named_in(first), number
        assert len(more.split("; ")) == 2, number
        assert all(named_in(case) for case in more.split("; ")), number
