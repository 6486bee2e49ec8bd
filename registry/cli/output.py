"""The output of commands: a table for people, or JSON with --json; and progress, on standard error.

Everything that a command prints goes through here, so that texts from others can't control the terminal or look like
lines of ours.
"""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Annotated, Any, Final, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from events.escaping import in_json, on_a_line
from projections.engine.stumbling import SetAside

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

MOST_ASIDE = 1_000
"""Events that are listed as set aside; the metric counts all."""
WIDE = 200
"""Columns of a table that goes into a file or a pipe."""

# Brackets and colons in a text are not markup.
_plain: Final = partial(Console, highlight=False, markup=False, emoji=False)
_console = _plain(soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
_errors = _plain(stderr=True)


READER_LEFT: Final = 128 + signal.SIGPIPE
"""The exit code of a program whose reader stopped reading, as shells count it for every program."""


class OutputLost(Exception):
    """Standard output can't be written any more. Not an OSError: that could come from the work itself."""


class _Output(io.FileIO):
    """Standard output; once it has failed, it discards the rest, also what Python flushes as it ends."""

    lost = False

    def write(self, content: Any, /) -> int:
        if self.lost:
            return memoryview(content).nbytes
        try:
            return super().write(content)
        except OSError as fault:
            self.lost = True
            raise OutputLost from fault


@contextmanager
def writing_whole() -> Iterator[None]:
    """Ends the program if its output can't be written: with a line, or silently if its reader has left.

    Standard output is buffered even if PYTHONUNBUFFERED is set, as it is in most containers: Python then writes
    once, and loses the rest of a write that a signal interrupts.
    """
    raw = _Output(sys.stdout.fileno(), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=True)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputLost as lost:
        if isinstance(lost.__cause__, BrokenPipeError):
            sys.exit(READER_LEFT)
        fail(f"the output could not be written: {os.strerror(getattr(lost.__cause__, 'errno', 0))}")


def print_json(value: Any) -> None:
    """Prints one JSON document."""
    typer.echo(in_json(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()))


class JsonRows:
    """Prints one JSON array, whose items come in parts; an empty part ends it."""

    def __init__(self) -> None:
        self._before = "["

    def __call__(self, rows: Iterable[Any]) -> None:
        """Prints the next items."""
        ended = True
        for row in rows:
            ended = False
            typer.echo(f"{self._before}\n{in_json(orjson.dumps(row, option=orjson.OPT_INDENT_2).decode())}", nl=False)
            self._before = ","
        if ended:
            typer.echo("\n]")


def print_line(text: str) -> None:
    """Prints one line, whatever the text contains."""
    _console.print(on_a_line(text))


def print_bare(text: str) -> None:
    """Prints a line alone, for scripts."""
    typer.echo(on_a_line(text))


def fail(text: str, code: int = 1) -> NoReturn:
    """Ends the program with a line on standard error; `code` is 2 if the request was wrong."""
    with suppress(OSError):
        sys.stderr.write(f"registry: {on_a_line(text)}\n")
    sys.exit(code)


def print_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Prints rows of one shape as a table; says so if there are none."""
    if not rows:
        print_line(f"{title}: none")
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(on_a_line(name), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else on_a_line(str(value)) for value in row.values()))
    _console.print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Prints names and values, aligned."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print_line(f"{name:<{width}}  {value}")


def aside_row(one: SetAside) -> dict[str, Any]:
    """A row for a record that is set aside. A stream's name may be anything: it is written in ASCII."""
    return {
        "view": one.view,
        "position": str(one.position),
        "stream": ascii(one.stream)[1:-1][:100],
        "version": one.version,
        "event": one.type,
        "because": f"it waits behind {one.position.partition}:{one.cause}" if one.waits else one.reason,
    }


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Progress]:
    """A progress bar with one task, on standard error, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_errors, disable=not _errors.is_terminal) as bar:
        bar.add_task(title, total=total)
        yield bar


@contextmanager
def byte_progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar over bytes, likewise; call it with the number of bytes read since the last call."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=_errors, disable=not _errors.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda more: bar.advance(task, more)
