"""Every expression of ours takes time in proportion to the text, whatever the text. They are found in the sources.

Each is tried, in the ways in which the sources use it, on long runs of its own pieces. An expression that
goes back over a text for each place in it takes seconds for these lengths, or far longer.
"""

import ast
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import permutations
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, AnyStr, Final

import pytest

from tests.architecture.test_line_ends import MODULES, compiled
from tests.support.linear import growth

LENGTH: Final = 30_000
FEW: Final = 0.1
"""Seconds of processor time that are too short to compare; most expressions take less than a tenth of it."""
MANY: Final = 0.5
"""Seconds that no linear expression comes near."""
WAYS: Final = ("match", "fullmatch", "search", "finditer")
SAME_AS: Final = {"sub": "finditer", "subn": "finditer", "split": "finditer", "findall": "finditer"} | dict(
    zip(WAYS, WAYS, strict=True)
)
CLASSES: Final = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
MOST_PIECES: Final = 10


def ways() -> dict[str, set[str]]:
    """The ways in which each name, or part of a name after a dot, is used as an expression in all sources."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        for one in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            if isinstance(one, ast.Attribute) and one.attr in SAME_AS:
                found[ast.unparse(one.value).rpartition(".")[2]].add(SAME_AS[one.attr])
    return found


def expressions() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Each expression with its place, and one way in which it is used; every way if no name shows it."""
    used = ways()
    for module in MODULES:
        for name, value in vars(module).items():
            for expression in compiled(value):
                bound = getattr(value, "__name__", "") if callable(value) else ""
                for way in {SAME_AS[bound]} if bound in SAME_AS else used.get(name) or WAYS[:3]:
                    yield f"{module.__name__}.{name}", expression, way
        yield from _inline(module)


def _inline(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any], str]]:
    for call in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {f"re.{way}" for way in SAME_AS}:
            way = SAME_AS[ast.unparse(call.func).removeprefix("re.")]
            if isinstance(call.args[0], ast.Constant):
                yield f"{module.__name__}:{call.lineno}", re.compile(call.args[0].value), way


def pieces(parsed: Any) -> Iterator[str]:
    """The pieces of an expression: its characters, and its runs of characters."""
    run = ""
    for code, argument in parsed:
        if code is sre.LITERAL:
            run += chr(argument)
            yield chr(argument)
            continue
        yield run
        run = ""
        if code is sre.IN:
            yield from _of_class(argument)
        elif code is sre.NOT_LITERAL or code is sre.ANY:
            yield "x"
        else:
            yield from _inside(argument)
    yield run


def _of_class(members: Any) -> Iterator[str]:
    for code, argument in members:
        match code:
            case sre.LITERAL:
                yield chr(argument)
            case sre.RANGE:
                yield chr(argument[0])
            case sre.NEGATE:
                yield "x"
            case sre.CATEGORY:
                yield CLASSES.get(str(argument), "-")


def _inside(argument: Any) -> Iterator[str]:
    if isinstance(argument, parser.SubPattern):
        yield from pieces(argument)
    elif isinstance(argument, list | tuple):
        for one in argument:
            yield from _inside(one)


def texts(expression: re.Pattern[AnyStr], length: int) -> Iterator[AnyStr]:
    """Long runs of each piece, and of some pairs alternating."""
    found = [*dict.fromkeys(filter(None, pieces(parser.parse(expression.pattern, expression.flags & ~re.UNICODE))))]
    tried = sorted(found, key=len, reverse=True)[: MOST_PIECES // 2] + found[:MOST_PIECES]
    for unit in dict.fromkeys([*found, *("".join(two) for two in permutations(tried, 2)), "a", " "]):
        text = (unit * (length // len(unit) + 1))[:length]
        yield text if isinstance(expression.pattern, str) else text.encode("latin-1", "replace")


def seconds(expression: re.Pattern[AnyStr], way: str, text: AnyStr) -> float:
    """Seconds of processor time, for the text and an ending that never matches."""
    whole = text + ("\x01" if isinstance(text, str) else b"\x01")
    began = time.thread_time()
    found = getattr(expression, way)(whole)
    if way == "finditer":
        for _ in found:
            pass
    return time.thread_time() - began


def slow(expression: re.Pattern[Any], way: str, length: int = LENGTH) -> str:
    """The time of the first text that takes longer than in proportion to its length; or an empty text."""
    for text in texts(expression, length):
        fault, took = "", seconds(expression, way, text)
        if took > MANY:
            fault = f"{took:.1f} s"
        elif took > FEW:
            _, fault = growth(partial(seconds, expression, way), text, FEW)
        if fault:
            return f"{fault} for {length} characters of {text[:20]!r}"
    return ""


FOUND: Final = sorted(set(expressions()), key=lambda one: (one[0], str(one[1].pattern), one[2]))


def test_all_expressions_are_found() -> None:
    written = {module.__name__ for module in MODULES if "re.compile(" in Path(str(module.__file__)).read_text("utf-8")}

    assert written - {place.rpartition(".")[0] for place, _, _ in FOUND} == set()
    assert len({expression for _, expression, _ in FOUND}) > 60


@pytest.mark.parametrize(("place", "expression", "way"), FOUND)
def test_an_expression_takes_time_in_proportion(place: str, expression: re.Pattern[Any], way: str) -> None:
    assert slow(expression, way) == "", f"{place} {way}"


@pytest.mark.parametrize(
    ("pattern", "way", "length"),
    [(" *x", "search", 45_000), (r"\s+\Z", "finditer", 15_000), ("a.*b", "finditer", 60_000)],
)
def test_a_slow_one_is_seen(pattern: str, way: str, length: int) -> None:
    """Each takes more than a second."""
    assert slow(re.compile(pattern, re.DOTALL), way, length)


@pytest.mark.parametrize("power", [1.0, 1.5])
@pytest.mark.parametrize("computer", [1, 8])
def test_growth_is_judged_alike_on_a_slow_computer(power: float, computer: int) -> None:
    assert growth(lambda text: computer * 1e-6 * len(text) ** power, "a" * LENGTH, FEW)[1] == ""


@pytest.mark.parametrize("power", [1.8, 2.0, 3.0])
def test_growth_beyond_proportion_is_seen(power: float) -> None:
    assert growth(lambda text: 1e-6 * len(text) ** power, "a" * LENGTH, FEW)[1]
