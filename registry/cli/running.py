"""The common parts of all commands: settings, an event loop, errors in one line."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from difflib import get_close_matches
from typing import Any, Final, TypeVar

import psycopg
import uvloop
from pydantic import ValidationError

from events.admission import IntegrityAlarm
from events.moving import NotWhole
from events.port import LogError
from projections.engine.rebuild import RebuildUnderway
from projections.engine.schema import ViewsUnfit
from registry.backup.taking import NeverStill
from registry.cli.output import fail
from registry.domain.decider import Rejection
from registry.engine.commanding import OutcomeUnknown
from registry.engine.heads import NotReady
from registry.engine.states import NotInTime
from registry.exchange.reading import ReaderDied
from registry.settings import Settings, unknown, variable

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
"""Errors that a person at the command line can act on; any other is a fault of ours, and shows its trace."""
PACKAGE: Final = "clinical-trial-registry"


def settings() -> Settings:
    """The settings from the environment; ends the program and names every fault if they are wrong."""
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
    """Runs a command's work to its end; an error that the user can act on ends the program with one line."""
    # As Ctrl-C does: everything is closed, and an embedded PostgreSQL that no other process uses is stopped.
    # A shell that starts this in the background makes it ignore SIGINT; SIGTERM would then do nothing.
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
