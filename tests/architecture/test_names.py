"""Values are named by what they are: a name such as `told` or `kept` only says what somebody did with one."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.architecture.test_files import ROOT, tracked

PARTICIPLES: Final = frozenset(
    {"asked", "brought", "came", "given", "heard", "held", "kept", "left", "meant", "said", "told"}
)
MAY_NAME: Final = re.compile(rf"\b_*({'|'.join(sorted(PARTICIPLES))})_*\b")
"""Quick to see, where reading the syntax of every file takes seconds."""
PUBLISHED: Final = "a field of a published schema of an event"
ANSWERED: Final = "a field of an answer of the API"
CONTRACTS: Final = {
    ("events/schemas/exchange.py", "given"): PUBLISHED,
    ("events/schemas/halts.py", "told"): PUBLISHED,
    ("events/schemas/parties.py", "given"): PUBLISHED,
    ("events/schemas/region_parts.py", "told"): PUBLISHED,
    ("events/schemas/trial.py", "kept"): PUBLISHED,
    ("events/schemas/trial.py", "left"): PUBLISHED,
    ("registry/api/gate_answers.py", "told"): ANSWERED,
    ("registry/api/programme_answers.py", "told"): ANSWERED,
    ("registry/pages/milestones.py", "left"): "the left end of a drawing, as a template reads it",
    ("registry/programmes/questions.py", "asked"): ANSWERED,
    ("registry/programmes/region_shown.py", "asked"): ANSWERED,
}
"""Names that others read, and that therefore stay: by file and name, with the reason."""


def names_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each name that the code gives to a value or to a function, with its line."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=str(name), ctx=ast.Store())
                | ast.Attribute(attr=str(name), ctx=ast.Store())
                | ast.arg(arg=str(name))
                | ast.FunctionDef(name=str(name))
                | ast.AsyncFunctionDef(name=str(name))
                | ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name, node.lineno
            case ast.MatchMapping(rest=str(name)) | ast.alias(asname=str(name)):
                yield name, node.lineno


def participles_in(text: str) -> list[tuple[str, int]]:
    """The names of the text that are bare participles, with their lines."""
    if not MAY_NAME.search(text):
        return []
    return [(name, line) for name, line in names_in(ast.parse(text)) if name.strip("_") in PARTICIPLES]


def test_no_value_is_named_by_a_participle_but_where_others_read_the_name() -> None:
    files = [name for name in tracked() if name.endswith(".py")]
    found = [
        (file, name, line) for file in files for name, line in participles_in((ROOT / file).read_text(encoding="utf-8"))
    ]

    assert len(files) > 900
    assert [f"{file}:{line} {name}" for file, name, line in found if (file, name) not in CONTRACTS] == []
    assert {(file, name) for file, name, _ in found} == set(CONTRACTS), "a name in the table is gone: take its row out"


@pytest.mark.parametrize(
    "code",
    [
        "told = 1",
        "self.kept = 1",
        "kept: int",
        "for said in (): pass",
        "def asked(): pass",
        "async def _held(): pass",
        "def f(*, given): pass",
        "lambda left: left",
        "with a as heard: pass",
        "try: pass\nexcept E as told: pass",
        "match a:\n    case C() as came: pass",
        "match a:\n    case [*brought]: pass",
        "match a:\n    case {**meant}: pass",
        "import a as said",
        "[1 for said in a]",
        "(told := 1)",
    ],
)
def test_a_participle_is_found_wherever_a_name_is_given(code: str) -> None:
    assert len(participles_in(code)) == 1


def test_words_that_are_not_names_are_passed_over() -> None:
    assert participles_in('from hypothesis import given\nx = "told"  # kept\nsite.left\nf(left=True)') == []
