"""No expression that checks a text accepts one with a line break at its end.

Python's `$` also matches before a line break that ends the text (re, "Regular Expression Syntax"): a date with one was
once taken for a date. `\\Z`, or `fullmatch` of an expression without `$`, matches at the end alone.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Annotated, Any

import pytest
from hypothesis import find
from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

import adapters
import events
import projections
import registry

ROOTS = (adapters, events, projections, registry)
MODULES = [
    importlib.import_module(found.name)
    for root in ROOTS
    for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}.")
    if not found.name.endswith("__main__")
]


def before_a_line_end(expression: str | bytes, flags: int = 0) -> bool:
    """Whether a `$` of the expression would match before a line break that ends the text."""
    if flags & re.MULTILINE:
        return False
    return any(leaf is sre.AT_END for leaf in _leaves(parser.parse(expression, flags & ~re.UNICODE)))


def _leaves(parsed: Any) -> Iterator[Any]:
    if isinstance(parsed, parser.SubPattern | list | tuple):
        for part in parsed:
            yield from _leaves(part)
    else:
        yield parsed


def compiled(value: Any, deep: int = 4) -> Iterator[re.Pattern[Any]]:
    """The expressions in a module's value: itself, the object that it is bound to, or its members."""
    value = getattr(value, "__self__", value)
    if isinstance(value, re.Pattern):
        yield value
    elif deep and isinstance(value, list | tuple | set | frozenset):
        yield from (found for one in value for found in compiled(one, deep - 1))
    elif deep and isinstance(value, dict):
        yield from compiled(list(value.values()), deep)
    elif deep and not isinstance(value, ModuleType | type) and getattr(value, "__dict__", None):
        yield from compiled(list(vars(value).values()), deep - 1)


def _written(module: ModuleType) -> Iterator[tuple[int, str | bytes]]:
    """The line and the text of each expression, or part of one, in a call of `re` in a module's source."""
    for call in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re.") and call.args:
            for part in ast.walk(call.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes):
                    yield call.lineno, part.value


def _dollar(part: str | bytes) -> bool:
    """Whether a part of an expression, which need not be valid by itself, has a `$` that is not a literal character."""
    text = part if isinstance(part, str) else part.decode("latin-1")
    return "$" in re.sub(r"\[[^\]]*\]|\\.", "", text)


def test_no_compiled_expression_ends_before_a_line_break() -> None:
    found = [(module.__name__, one) for module in MODULES for one in compiled(list(vars(module).values()))]

    assert len({one for _, one in found}) > 60
    assert [(name, one.pattern) for name, one in found if before_a_line_end(one.pattern, one.flags)] == []


def test_no_expression_in_a_source_ends_before_a_line_break() -> None:
    found = [(module.__name__, line, part) for module in MODULES for line, part in _written(module)]

    assert len(found) > 80
    assert [(name, line, part) for name, line, part in found if _dollar(part)] == []


@pytest.mark.parametrize(
    ("expression", "ends"),
    [("a$", True), ("(a|b$)c?", True), (b"a$", True), ("a\\Z", False), ("[$]", False), ("\\$", False), ("a", False)],
)
def test_the_search_for_dollars_sees_them(expression: str | bytes, ends: bool) -> None:
    assert before_a_line_end(expression) is _dollar(expression) is ends


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if schema.get("type") == "str" and "pattern" in schema:
            yield schema["pattern"]
        yield from (found for inner in schema.values() for found in _patterns(inner))
    elif isinstance(schema, list | tuple):
        yield from (found for inner in schema for found in _patterns(inner))


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        if model.__module__.partition(".")[0] in {root.__name__ for root in ROOTS}:
            yield model
        yield from _models(model)


MODELS = sorted({*_models(BaseModel)}, key=lambda model: f"{model.__module__}.{model.__qualname__}")
PATTERNS = sorted({found for model in MODELS for found in _patterns(model.__pydantic_core_schema__)})


def test_models_use_the_engine_whose_dollar_is_the_end() -> None:
    assert len(MODELS) > 100
    assert {model.model_config.get("regex_engine", "rust-regex") for model in MODELS} == {"rust-regex"}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_pattern_of_a_model_takes_a_line_break_at_the_end(pattern: str) -> None:
    taken: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    whole = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    text = find(st.from_regex(whole, fullmatch=True), lambda _: True)

    assert taken.validate_python(text) == text
    # A pointer may have any character but a slash, anywhere.
    for ending in [one for one in ("\n", "\r\n", "\u2028") if not whole.fullmatch(text + one)]:
        with pytest.raises(ValidationError):
            taken.validate_python(text + ending)
