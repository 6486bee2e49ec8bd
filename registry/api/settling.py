"""A read answers "unknown" only once the views hold everything that any node had acknowledged when the request came.

A node reads the log a moment after another has acknowledged, and the views follow a moment later. Without this, a
client with a receipt from one node could learn from another that there is no such trial or command.
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
    """Makes a read begin again, once only, after the views hold all that any node had acknowledged."""
    if SETTLED not in request:
        raise Problem(TRIAL_UNKNOWN)


async def surely(request: web.Request, ask: Callable[[], Awaitable[T]], unsure: Collection[Kind] = UNKNOWN) -> T:
    """The answer; if it is a problem of these kinds, the answer from views that are up to date.

    Raises Problem, NotInTime if the views don't come so far in time, LogUnavailable.
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
    """Repeats a read whose answer was "unknown". Outside of `in_turn`: while it waits for the views, it has no turn."""
    if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
        return await handler(request)
    return await surely(request, lambda: handler(request))
