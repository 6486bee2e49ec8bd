"""The commands, put together, and what every one of them shares: settings, an event loop, errors in one line."""

import asyncio
import logging
import sys
import warnings
from collections.abc import Coroutine, Iterator
from typing import Any, Final, TypeVar

import psycopg
import structlog
import typer
import uvloop
from pydantic import ValidationError

from events.admission import IntegrityAlarm
from events.port import LogError
from projections.rebuild import RebuildUnderway
from projections.schema import ViewsUnfit
from registry.commanding import OutcomeUnknown
from registry.domain.decider import Rejection
from registry.heads import NotReady
from registry.reader import ReaderDied
from registry.settings import Settings
from registry.states import NotInTime

T = TypeVar("T")
TELLING: Final = (
    Rejection,
    NotReady,
    NotInTime,
    OutcomeUnknown,
    IntegrityAlarm,
    LogError,
    LookupError,
    ReaderDied,
    RebuildUnderway,
    ViewsUnfit,
    psycopg.OperationalError,
    OSError,
)
"""What a person at the command line can act on; anything else is a fault of ours, and shows its trace."""
app = typer.Typer(help="A national clinical trial registry, kept in its log.", no_args_is_help=True)


FRAMES_ONLY: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, suppress=())
)
"""Tracebacks without local variables: these hold tokens, passwords and people's data."""


def settings() -> Settings:
    """The settings from the environment; ends the program with every fault named where they are wrong."""
    try:
        return Settings()
    except ValidationError as fault:
        faults = [f"{'.'.join(str(part) for part in one['loc']) or 'settings'}: {one['msg']}" for one in fault.errors()]
        sys.exit("registry: " + "; ".join(faults))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work to its end; what the user can act on ends the program in one line."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            return runner.run(work)
        except* TELLING as group:
            sys.exit("registry: " + "; ".join(_lines(group)))


def _lines(group: BaseExceptionGroup[Exception]) -> Iterator[str]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _lines(fault)
        else:
            yield str(fault).strip()


def log_to_stderr() -> None:
    """Logs as JSON lines on standard error, libraries' warnings too, so that what a command prints stays clean."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        FRAMES_ONLY,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*shared, render], logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    handler = logging.StreamHandler(sys.stderr)
    processors: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def main() -> None:
    """The console command `registry`."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    log_to_stderr()
    from registry.cli import exchange, inspecting, people, serving, viewing

    for part in (serving, people, exchange, viewing, inspecting):
        part.add_to(app)
    app()
