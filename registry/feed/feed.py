"""The feed of one node: one page after a place, or all later entries as they come."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Final, NamedTuple

from events.vault import Vault
from projections.reading import Views
from registry.domain.permissions import Actor
from registry.feed import cursor
from registry.feed.pages import Entry, Pages
from registry.feed.tail import FellBehind, Tail

PAGES_AT_ONCE: Final = 1
"""Pages that are read from the views at a time for readers without a token; those of bearers are as many again."""
SCANNED: Final = 20
"""After so many pages without an entry for the reader, an answer ends anyway; it gives the place to read on from."""


class Piece(NamedTuple):
    """Entries in order, perhaps none, and the place after them as a token."""

    entries: list[Entry]
    cursor: str


class Feed:
    """Serves any number of readers. Raises psycopg.OperationalError if the database is away."""

    def __init__(self, views: Views, vault: Vault, log: str, heartbeat: float) -> None:
        """`log`: its id; `heartbeat`: seconds after which a follower gets a piece, even if nothing came."""
        self._views, self._log, self._heartbeat = views, log, heartbeat
        self._pages = Pages(views, vault, log)
        self._tail = Tail(views, self._pages)

    async def close(self) -> None:
        """Ends each reader's stream at the end of an entry."""
        await self._tail.close()

    async def page(self, asker: Actor, at: Mapping[int, int], turn: asyncio.Semaphore) -> Piece:
        """The entries of the first page that has some, as far as the views have come."""
        horizon = await self._views.positions()
        for _ in range(SCANNED):
            piece, at, more = await self._read(asker, at, horizon, turn)
            if piece.entries or not more:
                break
        return piece

    async def follow(self, asker: Actor, at: Mapping[int, int], turn: asyncio.Semaphore) -> AsyncGenerator[Piece]:
        """All entries after a place, as they come, and a piece without any at least at each heartbeat.

        A reader first reads pages of its own, in turn, and follows the node's tail once it has come up to it. One that
        is slower than the tail goes back to pages of its own.
        """
        tail = self._tail
        with tail.followed():
            while not tail.closed:
                number, horizon = tail.next, tail.at
                piece, at, more = await self._read(asker, at, horizon, turn)
                yield piece
                if more:
                    continue
                if at != horizon:  # the tail is not there yet
                    await tail.moved(number, self._heartbeat)
                    continue
                try:
                    async for come in tail.pages(number, self._heartbeat):
                        at = at if come is None else come.end
                        entries = [] if come is None else await come.entries(asker)
                        del come  # its reader may be slow, and an old page must be freed
                        yield Piece(entries, cursor.encode(self._log, at))
                except FellBehind:
                    continue

    async def _read(
        self, asker: Actor, low: Mapping[int, int], high: Mapping[int, int], turn: asyncio.Semaphore
    ) -> tuple[Piece, Mapping[int, int], bool]:
        """A page's entries, its end, and whether more follows. The page is not kept alive: its reader may be slow."""
        async with turn:
            page = await self._pages.read(low, high)
            entries = await page.entries(asker)
        return Piece(entries, cursor.encode(self._log, page.end)), page.end, page.more
