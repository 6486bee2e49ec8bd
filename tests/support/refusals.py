"""Every message with which a start can be refused, found in the source. `…` stands for what is filled in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("events", "projections", "registry")
REFUSING: Final = {
    "AlreadyServing",
    "IntegrityAlarm",
    "LogMisconfigured",
    "LogTruncated",
    "LogUnavailable",
    "PostgresNotStarted",
    "ViewsUnfit",
    "WrongKey",
    "WrongLog",
}
"""What ends a start with its message, wherever it is raised."""
ALSO: Final = {
    "registry/settings.py": {"ValueError"},
    "registry/domain/numbers/grammar.py": {"ValueError"},
}
"""What ends a start where it is raised there."""
WRITERS: Final = {
    "events/kafka/topics.py": {"faults", "too_few", "_wrong", "_create"},
    "events/postgres/opening.py": {"faults"},
}
"""Functions that write the messages which are raised together."""
NOT_HERE: Final = "events/memory.py"
"""The log that no setting names."""
WORDS: Final = 3
"""A text of fewer is a separator or a name."""


def messages() -> dict[str, str]:
    """Every message, with the file it is in."""
    found = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            if name != NOT_HERE:
                found |= dict.fromkeys(_messages_of(name, ast.parse(file.read_text())), name)
    return found


def _messages_of(name: str, tree: ast.Module) -> Iterator[str]:
    for function in _functions(tree):
        if function.name in WRITERS.get(name, ()):
            yield from _texts(function)
        for raised in (node.exc for node in ast.walk(function) if isinstance(node, ast.Raise)):
            if isinstance(raised, ast.Call) and _name(raised.func) in REFUSING | ALSO.get(name, set()):
                yield from _raised(name, function, raised)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _raised(name: str, function: ast.AST, raised: ast.Call) -> Iterator[str]:
    """The message of one `raise`; AssertionError where it is written elsewhere, in no function that is known here."""
    message = raised.args[1] if _name(raised.func) == "WrongLog" else raised.args[0]  # the kind comes first
    text = _template(message, _assigned(function))
    if len(text.split()) >= WORDS:
        yield text
    else:
        assert name in WRITERS, f"{name}: which function writes the message raised in line {raised.lineno}?"


def _texts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    documentation = ast.get_docstring(function, clean=False)
    inside = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in inside):
            text = _template(node, {})
            if len(text.split()) >= WORDS and text != documentation:
                yield text


def _assigned(function: ast.AST) -> dict[str, ast.expr]:
    """What each local name is made of."""
    return {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _template(node: ast.expr, names: dict[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return re.sub("…+", "…", "".join(_template(part, names) for part in parts))
        case ast.FormattedValue(value=ast.Name(id=name)) if isinstance(names.get(name), ast.JoinedStr):
            return _template(names[name], names)
    return "…"


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))
