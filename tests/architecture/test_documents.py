"""References in documents exist: links to files, code by its file and name, and the list of decisions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = ROOT / "docs" / "adr"
LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"')
CODE = re.compile(r"`((?:adapters|deploy|events|projections|registry)/[\w./*-]*)`((?:(?:,| and)? `[A-Za-z_.]+`)*)")
DEFINED = r"(?m)(?:\b(?:def|class) {0}\b|^ *{0}\b *[:=])"


def linked(document: Path) -> Iterator[str]:
    """The files that a document leads to, as it writes them; no addresses of the web."""
    for target in map("".join, LINK.findall(document.read_text())):
        file = target.partition("#")[0]
        if file and ":" not in file:
            yield file


def code_in(text: str) -> Iterator[tuple[str, str]]:
    """(file, name in it) of the code that a text names; without a name if it names only the file or folder."""
    for file, names in CODE.findall(text):
        yield file, ""
        yield from ((file, name) for name in re.findall(r"`([A-Za-z_.]+)`", names))


def is_there(file: str, name: str) -> bool:
    """Whether there is such a file below the source or the tests, and in Python such a definition."""
    found = [path for top in (ROOT, ROOT / "tests") for path in top.glob(file)]
    if not name or not file.endswith(".py"):
        return bool(found)
    last = re.escape(name.rpartition(".")[2])
    return any(re.search(DEFINED.format(last), path.read_text()) for path in found)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    assert [file for file in linked(document) if not (document.parent / file).exists()] == []


def test_the_code_that_documents_name_is_there() -> None:
    """Decisions stay as they were written, and may name code that has gone since."""
    today = [path for path in DOCUMENTS if path.parent != DECISIONS]
    named = {one for path in today for one in code_in(path.read_text())}

    assert len(named) > 200
    assert sorted(one for one in named if not is_there(*one)) == []


def test_code_that_is_not_there_is_noticed() -> None:
    assert list(code_in("see `events/port.py` `Gone`, `registry/gone.py`")) == [
        ("events/port.py", ""),
        ("events/port.py", "Gone"),
        ("registry/gone.py", ""),
    ]
    assert is_there("events/port.py", "")
    assert not is_there("events/port.py", "Gone")
    assert not is_there("registry/gone.py", "")


def test_decisions_are_numbered_without_a_gap_and_all_are_listed() -> None:
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", (DECISIONS / "README.md").read_text(), re.MULTILINE)

    assert [file[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert listed == [(file[:4], file) for file in files]
    assert all((DECISIONS / file).read_text().startswith(f"# {number} ") for number, file in listed)
