"""What commands print: a table for people, or JSON with --json; and progress, on standard error."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

WIDE = 200
"""Columns of a table that goes into a file or a pipe."""

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
errors = Console(stderr=True, highlight=False)


def write_whole() -> None:
    """Buffers standard output even where PYTHONUNBUFFERED is set, as it is in most containers.

    Python then writes once, and drops what a write that a signal cut short has left over.
    """
    sys.stdout = open(sys.stdout.fileno(), "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115


def print_json(value: Any) -> None:
    """Prints one JSON document."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints rows of one shape as a table; says so where there are none."""
    if not rows:
        console.print(f"{title}: none")
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console.print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Prints names and values, aligned."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        console.print(f"{name:<{width}}  {value}")


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Progress]:
    """A progress bar with one task, on standard error, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        bar.add_task(title, total=total)
        yield bar
