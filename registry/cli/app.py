"""The commands, put together, and what every one of them shares: settings, an event loop, errors in one line."""

import asyncio
import sys
import warnings
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
import typer
import uvloop
from pydantic import ValidationError

from events.port import LogError
from registry.commanding import OutcomeUnknown
from registry.domain.decider import Rejection
from registry.heads import NotReady
from registry.settings import Settings
from registry.states import NotInTime

T = TypeVar("T")
app = typer.Typer(help="A national clinical trial registry, kept in its log.", no_args_is_help=True)


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
        except* (Rejection, NotReady, NotInTime, OutcomeUnknown, LogError, LookupError) as group:
            lines = [str(fault) for fault in group.exceptions]
            sys.exit("registry: " + "; ".join(lines))


def log_to_stderr() -> None:
    """Logs as JSON lines on standard error, so that what a command prints stays clean."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """The console command `registry`."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    log_to_stderr()
    from registry.cli import exchange, inspecting, people, serving, viewing

    for part in (serving, people, exchange, viewing, inspecting):
        part.add_to(app)
    app()
