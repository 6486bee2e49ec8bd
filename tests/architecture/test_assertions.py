"""Assertions that can fail."""

import ast
import re
from pathlib import Path

MAY_CHOOSE = re.compile(r"assert (\(\n|.*\bif\b)")
"""A pattern, because parsing every file takes seconds."""
TESTS = Path(__file__).parents[1]


def test_no_assertion_is_a_choice() -> None:
    """`assert a == b if c else d` asserts `d` itself if `c` is false, and that is hardly ever false."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.py"))}
    choices = [
        f"{path.relative_to(TESTS)}:{found.lineno}"
        for path, text in texts.items()
        if MAY_CHOOSE.search(text)
        for found in ast.walk(ast.parse(text))
        if isinstance(found, ast.Assert) and isinstance(found.test, ast.IfExp)
    ]

    assert choices == []
