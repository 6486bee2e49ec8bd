"""Texts from others are shown on a terminal, and can't control it."""

import ast
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.canonical import to_json
from events.escaping import in_json, on_a_line
from registry.cli import inspecting, output

CLI = Path(output.__file__).parent
PAST_IT = ("print", "typer.echo", "sys.exit", "console.print", "sys.stdout.write")
ACTING = "\x1b\x9b\x7f\x85\u2028\u2029\u202e\u2066\u200f\n\r\b"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(ACTING))


def row(**fields: Any) -> dict[str, Any]:
    plain = {"version": 2, "recorded": "2026-11-28", "event": "trial.amended.v1", "organisation": "s", "reason": ""}
    return plain | {"follows from": None, "changes": [], "texts": [], "persons": []} | fields


FORGED = "fix\n   3  2026-11-28T16:40:00.000000+00:00  trial.authorisation-changed.v1  by regulator because approved"


def test_a_reason_forges_no_event_and_a_value_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    change = {"field": "/acronym", "old": None, "new": "x\x1b[2J\x1b[1;1Hall fine"}
    inspecting._print_history([row(reason=FORGED, changes=[change])])
    printed = capsys.readouterr().out

    assert len(printed.splitlines()) == 2
    assert "\x1b" not in printed
    assert r"fix\n   3" in printed
    assert r"x\x1b[2J" in printed


@pytest.mark.parametrize("text", ["[red]x[/red]", "[/]", "[link=http://x]a", ":smile:", "[bold", "\\[x]"])
def test_brackets_are_no_style_and_no_fault(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.print_line(text)
    output.print_facts({"name": text})
    output.print_rows(text, [{text: text}])

    assert capsys.readouterr().out.count(text) == 5


def test_a_table_a_fact_and_a_failure_are_lines_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_facts({"name": ACTING})
    output.print_rows("Rows", [{"name": ACTING}])
    output.print_bare(ACTING)
    output.print_json({"name": ACTING})
    printed = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        output.fail(f"no trial {ACTING}")
    failure = capsys.readouterr().err

    for character in ACTING.replace("\n", ""):
        assert character not in printed
        assert character not in failure
    assert ended.value.code == 1
    assert failure.startswith("registry: no trial")
    assert failure.count("\n") == 1


@given(TEXTS)
def test_a_line_shows_every_character_that_could_act(text: str) -> None:
    shown = on_a_line(text)

    assert shown.splitlines() in ([], [shown])
    assert not any(unicodedata.category(character) == "Cc" for character in shown)
    assert not any(unicodedata.bidirectional(character) in ("LRO", "RLO", "LRE", "RLE", "FSI") for character in shown)


@given(st.dictionaries(TEXTS, TEXTS))
def test_json_says_the_same_on_one_line(value: dict[str, str]) -> None:
    written = in_json(to_json(value).decode())

    assert json.loads(written) == value
    assert written.splitlines() == [written]


def test_no_command_prints_past_the_one_place() -> None:
    found = [
        f"{file.name}:{node.lineno} {ast.unparse(node.func)}"
        for file in sorted(CLI.glob("*.py"))
        if file.name != "output.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PAST_IT
    ]

    assert found == []
