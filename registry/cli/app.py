"""The commands, put together."""

from importlib.metadata import version
from typing import Annotated, Final

import typer

from registry.cli import (
    backup,
    checking,
    exchange,
    inspecting,
    moving,
    people,
    programmes,
    raw_documents,
    serving,
    viewing,
)
from registry.cli.output import print_bare, writing_whole
from registry.cli.running import PACKAGE
from registry.process.logs import log_to_stderr

app = typer.Typer(help="A national clinical trial registry, derived from an append-only log.", no_args_is_help=True)
PARTS: Final = (serving, people, exchange, programmes, viewing, inspecting, raw_documents, checking, backup, moving)


def _print_version(value: bool) -> None:
    if value:
        print_bare(f"registry {version(PACKAGE)}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version of the program.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """A national clinical trial registry, derived from an append-only log."""


def main() -> None:
    """The console command `registry`."""
    log_to_stderr()
    with writing_whole():
        with_commands(app)()


def with_commands(program: typer.Typer) -> typer.Typer:
    """The program with every command there is."""
    for part in PARTS:
        part.add_to(program)
    return program
