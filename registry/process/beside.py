"""Work in a process of its own, beside this one and for as long as this one lives: two interpreters use two cores."""

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
"""Seconds within which a process that ended twice is not well."""
AGAIN_AFTER: Final = 1.0
"""Seconds after which another process is started in place of one that was killed."""
YIELDING: Final = 5
"""How nice the work is: where processors are short, the process that answers requests goes first (ADR 0019)."""
TURN: Final = 0.0005
"""Seconds after which a thread gives way to another: at Python's own 5 ms the loop waits ten times as long for each
packet as it takes, while another thread computes."""
Tell: TypeAlias = Callable[[Any], None]
Work: TypeAlias = Callable[..., Coroutine[Any, Any, None]]
"""Is called with the arguments, then with `tell`, which sends an object to the process beside."""

log = structlog.get_logger()


@contextmanager
def spawned(function: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """A process that calls the function with the arguments and one end of a pipe, and is stopped at the end.

    Gives the pipe's other end. Function and arguments are pickled; nothing else is shared.
    """
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=function, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        # First: a thread may still wait at the pipe, and wakes when its other end is gone.
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
        """That the process is killed again and again; what the work fails at, it tells itself."""
        recent = [end for end in self._ends if time.monotonic() - end < RECENT]
        return f"{self._name} was ended {len(recent)} times in a minute" if len(recent) > 1 else ""

    async def run(self) -> NoReturn:
        """Runs until cancelled, and starts the process again where it was killed; raises what the work raised."""
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
    """What the process sends, until it ends. Messages are small, so that each comes whole; no thread waits for it."""
    readable, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(pipe.fileno(), readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            while pipe.poll():
                yield pipe.recv()
    except (EOFError, OSError):  # it ended before it told something, or in the middle of it
        return
    finally:
        loop.remove_reader(pipe.fileno())


def _run(work: Work, arguments: tuple[Any, ...], pipe: Connection) -> None:
    log_to_stderr()
    os.nice(YIELDING)
    sys.setswitchinterval(TURN)
    give_back()
    # The terminal sends it to both; the process beside says when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with seldom_sought(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_while_heard(work, arguments, pipe))
        except BrokenPipeError:
            return
        except Exception as fault:
            pipe.send(fault)


async def _while_heard(work: Work, arguments: tuple[Any, ...], pipe: Connection) -> None:
    """Ends with the process beside, however that ends: it never sends, so there is something to read only then."""
    working = asyncio.ensure_future(work(*arguments, pipe.send))
    asyncio.get_running_loop().add_reader(pipe.fileno(), working.cancel)
    try:
        await asyncio.wait([working])
    finally:
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        await stop([working])
    if not working.cancelled():
        working.result()
