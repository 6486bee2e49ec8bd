"""The commands, put together, and what every one of them shares: settings, an event loop, errors in one line."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from difflib import get_close_matches
from importlib.metadata import version
from typing import Annotated, Any, Final, TypeVar

import psycopg
import typer
import uvloop
from pydantic import ValidationError

from events.admission import IntegrityAlarm
from events.moving import NotWhole
from events.port import LogError
from projections.rebuild import RebuildUnderway
from projections.schema import ViewsUnfit
from registry.backup.taking import NeverStill
from registry.cli.output import fail, print_bare, writing_whole
from registry.commanding import OutcomeUnknown
from registry.domain.decider import Rejection
from registry.heads import NotReady
from registry.logs import log_to_stderr
from registry.reader import ReaderDied
from registry.settings import Settings, unknown, variable
from registry.states import NotInTime

T = TypeVar("T")
TELLING: Final = (
    Rejection,
    NotReady,
    NotInTime,
    OutcomeUnknown,
    IntegrityAlarm,
    LogError,
    NotWhole,
    LookupError,
    NeverStill,
    ReaderDied,
    RebuildUnderway,
    ViewsUnfit,
    psycopg.OperationalError,
    OSError,
)
"""What a person at the command line can act on; anything else is a fault of ours, and shows its trace."""
app = typer.Typer(help="A national clinical trial registry, kept in its log.", no_args_is_help=True)
PACKAGE: Final = "clinical-trial-registry"


def _print_version(asked: bool) -> None:
    if asked:
        print_bare(f"registry {version(PACKAGE)}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version of the program.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """A national clinical trial registry, kept in its log."""


def settings() -> Settings:
    """The settings from the environment; ends the program with every fault named where they are wrong."""
    # A misspelt address of the database would otherwise start an empty registry beside the real one.
    faults = [f"{name}: there is no such setting{_perhaps(name)}" for name in unknown()]
    try:
        configured = Settings()
    except ValidationError as found:
        faults += [f"{_setting(one['loc'])}: {_plain(one['msg'])}" for one in found.errors()]
    if faults:
        fail("; ".join(faults))
    return configured


def _setting(place: tuple[int | str, ...]) -> str:
    return variable(str(place[0])) if place else "the settings"


def _perhaps(name: str) -> str:
    close = get_close_matches(name, map(variable, Settings.model_fields), n=1)
    return f"; do you mean {close[0]}?" if close else ""


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work to its end; what the user can act on ends the program in one line."""
    # As Ctrl-C does: what was begun is closed, and an embedded PostgreSQL that nobody else uses is stopped.
    # A shell that starts this in the background has it ignore SIGINT, and SIGTERM would do nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(work)
        except* (*TELLING, ValidationError) as group:
            fail("; ".join(_lines(group)))


def _lines(group: BaseExceptionGroup[Exception]) -> Iterator[str]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _lines(fault)
        elif isinstance(fault, ValidationError):
            yield from (f"{'.'.join(map(str, one['loc']))}: {_plain(one['msg'])}" for one in fault.errors())
        else:
            yield str(fault).strip()


def main() -> None:
    """The console command `registry`."""
    log_to_stderr()
    with writing_whole():
        with_commands(app)()


def with_commands(program: typer.Typer) -> typer.Typer:
    """The program with every command there is."""
    from registry.cli import backup, checking, exchange, inspecting, moving, people, serving, viewing

    for part in (serving, people, exchange, viewing, inspecting, checking, backup, moving):
        part.add_to(program)
    return program
