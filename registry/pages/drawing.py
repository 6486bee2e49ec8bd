"""Renders pages on a thread of their own.

A page of a large trial takes a part of a second to render. On the loop, no command would be acknowledged and no probe
answered during that time; with one other thread, Python switches between the two.
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
    """One thread: several would take time from one another, and from the loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of the work; raises what it raises."""
        return await get_running_loop().run_in_executor(self._thread, partial(work, *args, **kwargs))

    async def close(self) -> None:
        """Begins no further work; the thread ends after its current one."""
        self._thread.shutdown(wait=False, cancel_futures=True)


DRAWING: Final = web.AppKey("drawing", Drawing)
