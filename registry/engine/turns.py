"""Long work that does no I/O, in a thread beside the loop, one piece at a time."""

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LONG: Final = 10_000
"""Bytes of a command, or of events, from which on the work they make leaves the loop: below, a thread costs more."""


class Turns:
    """Several threads would take their turns from one another, and from the loop; one at a time leaves it half."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def do(self, long: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work returns, at once unless it is long. A cancelled caller leaves the thread to finish alone."""
        if not long:
            return work(*args, **kwargs)
        async with self._turn:
            return await asyncio.to_thread(work, *args, **kwargs)
