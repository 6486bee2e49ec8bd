"""Nothing is called unknown before the views hold all that any node had acknowledged when the request came.

A node reads the log a moment after another has acknowledged, and the views follow a moment later. A client that got a
receipt from one node and asked another would otherwise get the answer that there is no such trial or command.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeVar

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from registry.api.context import NODE
from registry.api.problems import (
    COMMAND_UNKNOWN,
    IMPORT_UNKNOWN,
    PROGRAMME_UNKNOWN,
    REGION_UNKNOWN,
    TRIAL_UNKNOWN,
    Kind,
    Problem,
)

T = TypeVar("T")

UNKNOWN: Final = frozenset([TRIAL_UNKNOWN, COMMAND_UNKNOWN, IMPORT_UNKNOWN, PROGRAMME_UNKNOWN, REGION_UNKNOWN])


SETTLED: Final = web.RequestKey("settled", bool)
"""Whether the views have been waited for."""


def once_settled(request: web.Request) -> None:
    """Has a read begin again, unless it has, once the views hold all that any node had acknowledged."""
    if SETTLED not in request:
        raise Problem(TRIAL_UNKNOWN)


async def surely(request: web.Request, ask: Callable[[], Awaitable[T]], unsure: Collection[Kind] = UNKNOWN) -> T:
    """The answer; where it is a problem of these kinds, the answer that views which are up to date give.

    Raises Problem, NotInTime where the views don't come so far in time, LogUnavailable.
    """
    try:
        return await ask()
    except Problem as fault:
        if fault.kind not in unsure:
            raise
    node = request.app[NODE]
    await node.until_settled(node.settings.read_deadline)
    request[SETTLED] = True
    return await ask()


@web.middleware
async def settled(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reads again what was unknown. Stands around `in_turn`: a wait for the views keeps no other reader waiting."""
    if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
        return await handler(request)
    return await surely(request, lambda: handler(request))
