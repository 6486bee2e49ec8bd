"""Work in a second process, for as long as this one lives: two interpreters use two cores."""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import aclosing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, NoReturn, TypeAlias

import structlog
import uvloop

from events.stopping import stop
from registry.process.cycles import seldom_sought
from registry.process.logs import log_to_stderr
from registry.process.memory import give_back

RECENT: Final = 60.0
"""Seconds; a process that ends twice within them counts as failing."""
AGAIN_AFTER: Final = 1.0
"""Seconds before a killed process is started again."""
YIELDING: Final = 5
"""Niceness of the work: if processors are short, the process that answers requests goes first (ADR 0019)."""
TURN: Final = 0.0005
"""Seconds after which a thread gives way to another: at Python's own 5 ms the loop waits ten times as long for each
packet as it takes, while another thread computes."""
Tell: TypeAlias = Callable[[Any], None]
Work: TypeAlias = Callable[..., Coroutine[Any, Any, None]]
"""It is called with the arguments and `tell`, which sends an object to the process that started it."""

log = structlog.get_logger()


@contextmanager
def spawned(function: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """A process that calls the function with the arguments and one end of a pipe, and is stopped at the end.

    Yields the pipe's other end. Function and arguments are pickled; nothing else is shared.
    """
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=function, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        # First: a thread may still wait at the pipe, and wakes once its other end is closed.
        process.terminate()
        process.join()
        ours.close()


class Beside:
    """Runs a coroutine function, which must be importable, in a process of its own."""

    def __init__(
        self,
        work: Work,
        arguments: tuple[Any, ...],
        on_message: Callable[[Any], Awaitable[None]],
        name: str = "a process of this node",
    ) -> None:
        """`on_message` gets each object that the work sends. `name`: for the message that it is killed repeatedly."""
        self._name = name
        self._work, self._arguments, self._on_message = work, arguments, on_message
        self._ends: deque[float] = deque(maxlen=2)

    @property
    def trouble(self) -> str:
        """Reports that the process is killed repeatedly; the work reports its own failures."""
        recent = [end for end in self._ends if time.monotonic() - end < RECENT]
        return f"{self._name} was ended {len(recent)} times in a minute" if len(recent) > 1 else ""

    async def run(self) -> NoReturn:
        """Runs until cancelled, and starts the process again if it was killed; raises what the work raised."""
        while True:
            await self._once()
            self._ends.append(time.monotonic())
            log.warning("process_ended", process=self._name, retry_in_seconds=AGAIN_AFTER)
            await asyncio.sleep(AGAIN_AFTER)

    async def _once(self) -> None:
        with spawned(_run, self._work, self._arguments) as pipe:
            async with aclosing(_messages_from(pipe)) as messages:
                async for message in messages:
                    if isinstance(message, Exception):
                        raise message
                    await self._on_message(message)


async def _messages_from(pipe: Connection) -> AsyncGenerator[Any, None]:
    """The process's messages, until it ends. They are small, so each arrives whole; no thread waits for them."""
    readable, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(pipe.fileno(), readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            while pipe.poll():
                yield pipe.recv()
    except (EOFError, OSError):  # it ended before or within a message
        return
    finally:
        loop.remove_reader(pipe.fileno())


def _run(work: Work, arguments: tuple[Any, ...], pipe: Connection) -> None:
    log_to_stderr()
    os.nice(YIELDING)
    sys.setswitchinterval(TURN)
    give_back()
    # The terminal sends the signal to both processes; the one that started this one decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with seldom_sought(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_while_heard(work, arguments, pipe))
        except BrokenPipeError:
            return
        except Exception as fault:
            pipe.send(fault)


async def _while_heard(work: Work, arguments: tuple[Any, ...], pipe: Connection) -> None:
    """Ends when the other process does, however that ends: it never sends, so the pipe is readable only then."""
    working = asyncio.ensure_future(work(*arguments, pipe.send))
    asyncio.get_running_loop().add_reader(pipe.fileno(), working.cancel)
    try:
        await asyncio.wait([working])
    finally:
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        await stop([working])
    if not working.cancelled():
        working.result()
