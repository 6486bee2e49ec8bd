"""Pages are made on a thread of their own.

A page of a large trial takes a part of a second to draw. On the loop, that would be time in which no command is
acknowledged and no probe answered; on one thread beside it, Python takes turns between the two.
"""

from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

from aiohttp import web

P = ParamSpec("P")
T = TypeVar("T")


class Drawing:
    """One thread: several would take their turns from one another, and from the loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work returns; raises what it raises."""
        return await get_running_loop().run_in_executor(self._thread, partial(work, *args, **kwargs))

    async def close(self) -> None:
        """Begins no further work; the thread ends with what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)


DRAWING: Final = web.AppKey("drawing", Drawing)
