"""Stopping tasks for certain.

Before Python 3.12 `asyncio.wait_for`, which both clients of ours are built on, may swallow a cancellation that arrives
together with what was waited for. A caller that cancels once and waits may then wait for ever.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final, TypeVar

T = TypeVar("T")
AGAIN_AFTER: Final = 0.5
"""Seconds after which a task that has not ended is cancelled again."""


async def stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels the tasks, again and again, until all have ended; what they raise is theirs."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_AFTER)


def heed_cancellation() -> None:
    """Raises CancelledError where this task was cancelled, and went on because what it awaited swallowed that."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def all_of(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, in order, run at the same time. If one fails, its error is raised after the others ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await stop(tasks)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; raises TimeoutError after so many seconds, even where the work can't be cancelled.

    Work that ends as cancelled by itself is a TimeoutError, too: passed on, it would end the caller, and in silence.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait([task], timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise TimeoutError(f"not done within {seconds:g} s")
    if task.cancelled():
        raise TimeoutError("cancelled from within")
    return task.result()


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Waits for the work even where the caller is cancelled meanwhile; the cancellation is raised after it.

    For work that is bounded in time and frees what nobody else would.
    """
    task = asyncio.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as fault:
            cancellation = fault
    if cancellation is not None:
        raise cancellation
    task.result()
