"""The tests and fixtures that `make test-fast` leaves out exist."""

import ast
from pathlib import Path

from tests.support.fast import SERVERS, SLOW

ROOT = Path(__file__).parents[2]


def fixtures() -> set[str]:
    """The names of all fixtures of the tests."""
    found = set()
    for file in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                decorators = [ast.unparse(one) for one in node.decorator_list]
                if any(one.startswith(("pytest.fixture", "pytest_asyncio.fixture")) for one in decorators):
                    found.add(node.name)
    return found


def is_there(file: str, test: str) -> bool:
    return (ROOT / file).exists() and (not test or f"def {test}" in (ROOT / file).read_text())


def test_all_that_is_slow_is_there() -> None:
    assert [name for name in SLOW if not is_there(*name.partition("::")[::2])] == []


def test_the_servers_are_fixtures() -> None:
    assert set(SERVERS) - fixtures() == set()
