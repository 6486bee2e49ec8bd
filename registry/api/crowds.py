"""Limits the number of concurrent reads. A further reader is asked to come again (429).

Readers without a token and bearers have shares of their own, and in each, searches, readers of the feed and other
reads: a crowd at one of them makes no reader of another wait. Commands and probes are not counted; they have their own
connections to the database (ADR 0028).
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from registry.api.addresses import sender
from registry.api.context import ACTOR, NODE, SEARCHES, STREAMS, UNMATCHED, template
from registry.api.problems import CROWDED, Problem
from registry.feed.feed import PAGES_AT_ONCE
from registry.settings import Settings

FREE: Final = frozenset(
    ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/assets/{digest}/{name}", "/en", UNMATCHED]
)
"""Operations that read no view of a trial."""
PAUSE: Final = 1.5
"""Seconds that a refusal is held back: a client that ignores it and asks again at once costs little."""


class Kind(Enum):
    """A kind of read."""

    SEARCH = auto()
    READ = auto()
    STREAM = auto()


class Share:
    """The reads of one kind and one sort of reader."""

    def __init__(self, at_once: int, most: int, each: int) -> None:
        """`at_once` of them run; with those that wait there are at most `most`, and `each` of one reader."""
        self._most, self._each = most, each
        self._under_way: Counter[str] = Counter()
        self.turn = asyncio.Semaphore(at_once)
        """Entered to run; waiting reads enter in the order in which they came."""

    @contextmanager
    def place(self, reader: str) -> Iterator[bool]:
        """Whether there is a place for one more, which is then held within the context."""
        admitted = self._under_way.total() < self._most and self._under_way[reader] < self._each
        if not admitted:
            yield False
            return
        self._under_way[reader] += 1
        try:
            yield True
        finally:
            self._under_way[reader] -= 1
            if not self._under_way[reader]:
                del self._under_way[reader]


class Crowds:
    """The shares of one node."""

    def __init__(self, settings: Settings) -> None:
        self._trusted = settings.trusted_proxies
        searches = (settings.searches_at_once, settings.searches_most, settings.searches_each)
        reads = (settings.reads_at_once, settings.reads_most, settings.reads_each)
        streams = (PAGES_AT_ONCE, settings.streams_most, settings.streams_each)
        kinds = {Kind.SEARCH: searches, Kind.READ: reads, Kind.STREAM: streams}
        self._shares = {(bearer, kind): Share(*kinds[kind]) for bearer in (False, True) for kind in Kind}

    def share(self, request: web.Request) -> Share | None:
        """The share in which the request takes a place, if any."""
        route = template(request)
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD) or route in FREE:
            return None
        return self._shares[_is_bearer(request), _kind(route)]

    def turn(self, request: web.Request) -> asyncio.Semaphore:
        """The turn for one read of the database, on a route that takes none for the whole request: see STREAMS."""
        return self._shares[_is_bearer(request), Kind.STREAM].turn

    def reader(self, request: web.Request) -> str:
        """The asker: a token's bearer, or an address."""
        if _is_bearer(request):
            return request[ACTOR].token
        return sender(request.remote or "", request.headers.getall("X-Forwarded-For", ()), self._trusted)


def _is_bearer(request: web.Request) -> bool:
    return request[ACTOR] != request.app[NODE].anonymous


def _kind(route: str) -> Kind:
    if route in STREAMS:
        return Kind.STREAM
    return Kind.SEARCH if route in SEARCHES else Kind.READ


CROWDS: Final = web.AppKey("crowds", Crowds)


@web.middleware
async def admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts the reads under way, and refuses further ones if there is no place."""
    crowds = request.app[CROWDS]
    share = crowds.share(request)
    if share is None:
        return await handler(request)
    with share.place(crowds.reader(request)) as admitted:
        if admitted:
            return await handler(request)
    await asyncio.sleep(PAUSE)
    raise Problem(CROWDED, "ask again later, and one after the other; a bearer token has places of its own")


@web.middleware
async def in_turn(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets as many reads run as have a connection to the database; one that waits for the views has no turn."""
    share = request.app[CROWDS].share(request)
    if share is None or template(request) in STREAMS:
        return await handler(request)
    async with share.turn:
        return await handler(request)
