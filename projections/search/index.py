"""The index as readers of this process get it: kept by this process itself, or by another beside it."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Final, Protocol, TypeVar

import structlog
from tantivy import Index

from projections.base.connecting import Connection
from projections.search import entries
from projections.search.finding import IndexState
from projections.search.folder import Folder, Memory
from projections.search.follower import Follower, Standing, Verify, refuse_unfit
from projections.search.mark import Mark
from projections.search.writing import IndexFailed, IndexUnfit, guarded, mark_in

log = structlog.get_logger()

Result = TypeVar("Result")
Connected = Callable[[], AbstractAsyncContextManager[Connection]]
THREADS: Final = 4
GRACE: Final = 2.0
"""Seconds that a search waits for an index where there is none yet."""


class SearchUnready(Exception):
    """There is no index that can be searched; it is being made."""


class SearchBehind(Exception):
    """The index does not yet hold the requested records."""


class SearchIndex(Protocol):
    """An index, for those who ask it."""

    standing: Standing

    async def state_at(self, positions: Mapping[int, int], patience: float) -> IndexState:
        """The index as it stands, once it holds all below these next offsets.

        Raises SearchUnready where there is none, SearchBehind after so many seconds.
        """
        ...

    async def on_thread(self, work: Callable[[], Result]) -> Result:
        """The result of the work, which runs on a thread, some at a time."""
        ...

    async def close(self) -> None:
        """Ends its threads."""
        ...


class _OnThreads:
    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "search")

    async def on_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(guarded, work))

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def index_state(index: Index) -> IndexState:
    """The index as it stands; raises IndexUnfit where it has no mark."""
    return IndexState(index, index.searcher(), mark_in(index))


def standing_of(folder: Folder) -> tuple[str, Mark | None]:
    """The standing of the index in a folder, and its mark, for a process that neither writes nor searches it."""
    try:
        mark = mark_in(guarded(folder.opener(folder.in_use())))
    except (IndexFailed, IndexUnfit) as fault:
        return str(fault), None
    return "", mark


class OwnIndex(_OnThreads):
    """An index in memory, brought to where the views are whenever somebody searches: for commands and for tests."""

    def __init__(self, connected: Connected, threads: int = THREADS) -> None:
        super().__init__(threads)
        self._connected = connected
        self._follower = Follower(Memory())
        self._turn = asyncio.Lock()
        self.standing = Standing({})

    async def state_at(self, positions: Mapping[int, int], patience: float) -> IndexState:
        """As of now, so that there is nothing to wait for but the views."""
        del patience
        async with self._turn, self._connected() as connection:
            try:
                await self._follower.catch_up(connection)
            except IndexFailed as fault:
                raise SearchUnready(str(fault)) from fault
            writer = self._follower.writer
        self.standing = self._follower.standing
        if writer is None:
            raise SearchUnready("the search index is not open")
        state = index_state(writer.index)
        if not state.mark.includes(positions):
            raise SearchBehind("the views are behind")
        return state


class SharedIndex(_OnThreads):
    """An index in a folder, which a process beside this one writes; it tells when there is more."""

    def __init__(self, folder: Folder, threads: int = THREADS) -> None:
        super().__init__(threads)
        self._folder = folder
        self._open: tuple[str, Index] | None = None
        self._state: IndexState | None = None
        self._shown = asyncio.Condition()
        self.standing = Standing({}, unfit="the search index is not looked at yet")

    async def adopt(self, connection: Connection, verify: Verify) -> None:
        """Answers from the existing index, if it fits the views and the log; raises LogUnavailable, psycopg.Error.

        Otherwise the writer makes another, and tells.
        """
        try:
            state = await asyncio.to_thread(guarded, self._looked)
            await refuse_unfit(state.mark, await entries.state(connection), verify)
        except (IndexFailed, IndexUnfit) as fault:
            self._open = None
            log.info("search_index_not_adopted", reason=str(fault))
            return
        self.standing = Standing.at(state.mark)
        await self._show(state)

    async def hear(self, standing: Standing) -> None:
        """Notes the writer's report, and shows its commit."""
        self.standing = standing
        if standing.unfit:
            self._open = self._state = None
            return
        try:
            state = await asyncio.to_thread(guarded, self._looked)
        except (IndexFailed, IndexUnfit) as fault:
            # The writer is about to find the same, and to make another.
            log.warning("search_index_unread", error=str(fault))
            return
        await self._show(state)

    async def _show(self, state: IndexState) -> None:
        async with self._shown:
            self._state = state
            self._shown.notify_all()

    def _looked(self) -> IndexState:
        name = self._folder.in_use()
        if self._open is None or self._open[0] != name:
            self._open = (name, self._folder.opener(name)())
        else:
            self._open[1].reload()
        return index_state(self._open[1])

    async def state_at(self, positions: Mapping[int, int], patience: float) -> IndexState:
        """The state of the last commit, after a wait for one that includes the positions."""

        def includes() -> bool:
            return self._state is not None and self._state.mark.includes(positions)

        # If there is none, it comes a moment after a start, or else takes long.
        with suppress(TimeoutError):
            async with asyncio.timeout(patience if self._state else min(patience, GRACE)), self._shown:
                await self._shown.wait_for(includes)
        if self._state is None:
            raise SearchUnready(self.standing.unfit or "the search index is not open yet")
        if not includes():
            raise SearchBehind("the search index is behind the views")
        return self._state
