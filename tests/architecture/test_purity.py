"""Rules that import contracts can't express: on waiting, on clock and chance, and on reading the environment."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE_NAMES = {"admit", "decide", "evolve", "parse", "project", "react", "render"}
SHELLS = {
    "registry/api/bodies.py": "answers what is no JSON by a problem",
    "registry/api/docs_page.py": "draws the API's own page, once for each server",
    "registry/wiring/projecting.py": "keeps the views by the task `project`",
}
"""Files of the shell that use one of these names, with the purpose."""
IMPURE_CALLS = {"now", "open", "today", "urandom", "utcnow", "uuid1", "uuid4", "uuid7"}
IMPURE_SYNTAX = (ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await, ast.Global)
IMPURE_SOURCES = {
    "a clock": "def f(): return datetime.now(UTC)",
    "a bare clock": "def f(): return today()",
    "chance": "def f(): return uuid.uuid4()",
    "a file": "def f(): return open('f')",
    "a coroutine": "async def f(): pass",
    "module state": "def f():\n    global seen\n    seen = 1",
}


def pure_files() -> list[Path]:
    """The modules that the import contract `pure` names, so that the list exists once."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    expressions = next(contract["source_modules"] for contract in contracts if contract.get("id") == "pure")
    places = [expression.replace(".", "/") for expression in expressions]
    return sorted(file for place in places for form in (".py", "/**/*.py") for file in ROOT.glob(place + form))


def impurities(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, IMPURE_SYNTAX):
            yield f"line {node.lineno}: {type(node).__name__}"
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in IMPURE_CALLS:
                yield f"line {node.lineno}: {name}()"


def functions(file: Path) -> set[str]:
    """The names of the functions that a module defines."""
    body = ast.parse(file.read_text("utf-8")).body
    return {one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def reads_the_environment(source: str) -> bool:
    nodes = ast.walk(ast.parse(source))
    return any(getattr(node, "attr", getattr(node, "id", "")) in {"environ", "environb", "getenv"} for node in nodes)


@pytest.mark.parametrize("file", pure_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_pure_module_neither_waits_nor_asks_the_clock_or_chance(file: Path) -> None:
    assert list(impurities(file.read_text())) == []


@pytest.mark.parametrize("source", IMPURE_SOURCES.values(), ids=IMPURE_SOURCES.keys())
def test_each_kind_of_impurity_is_found(source: str) -> None:
    assert len(list(impurities(source))) == 1


def test_what_is_named_as_pure_is_in_the_list() -> None:
    """The rule covers a new aggregate, view or partner even if nobody thinks of the list."""
    packages = ("registry", "events", "projections", "adapters")
    files = {file for package in packages for file in ROOT.glob(f"{package}/**/*.py") if PURE_NAMES & functions(file)}
    outside = {str(file.relative_to(ROOT)) for file in files - {*pure_files()}}

    assert outside == set(SHELLS)


def test_only_the_settings_read_the_environment() -> None:
    files = [
        file
        for package in ("registry", "events", "projections", "adapters")
        for file in ROOT.glob(f"{package}/**/*.py")
    ]
    readers = {str(file.relative_to(ROOT)) for file in files if reads_the_environment(file.read_text())}

    assert readers <= {"registry/settings.py"}


def test_reading_the_environment_is_found() -> None:
    assert reads_the_environment("import os\nos.environ['X']")
