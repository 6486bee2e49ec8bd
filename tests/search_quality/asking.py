"""A registry with the invented trials and all samples, and the answers of its search over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from projections.trial.document import Document
from registry import wiring
from registry.server import serving
from tests.search_quality.judging import FIRST, Judged, Query, expected
from tests.support import demo
from tests.support.exchange import REAL_FILES, run_json
from tests.support.node import READ, settings_for

PATIENCE = 300.0
"""Seconds until the views hold all that was imported, and until a query is answered."""
BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Filled:
    """A running registry by its address, with every document in it."""

    session: aiohttp.ClientSession
    documents: Sequence[Document]

    async def ask(self, query: Query) -> tuple[str, ...]:
        """The ids of the first results of the search; repeats the request while the machine is too busy to answer."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.session.get(f"/v1/trials?{urlencode({'q': query.text, 'limit': FIRST})}") as answer:
                    if answer.status == 200:
                        return tuple(found["trial"] for found in (await answer.json())["trials"])
                    assert answer.status in BUSY, await answer.text()
                await asyncio.sleep(int(answer.headers["Retry-After"]))

    def expected(self, query: Query) -> frozenset[str]:
        """The ids that the query must find, by what the records state."""
        return expected(query, self.documents)

    async def judge(self, queries: Sequence[Query]) -> list[Judged]:
        """The queries, judged by the records' own statements."""
        return [Judged(query, self.expected(query), await self.ask(query)) for query in queries]


@asynccontextmanager
async def filled(database_url: str) -> AsyncIterator[Filled]:
    """Fills an empty database; takes a minute or two."""
    settings = settings_for(database_url)
    await demo.enter(settings, demo.planned())
    for source, files, _ in REAL_FILES.values():
        await run_json(settings, "import", source, *files)
    async with wiring.running(settings) as node:
        node.views._clock = lambda: READ
        await node.until_visible(PATIENCE)
        documents = [document async for document in node.views.documents()]
        async with (
            serving(node, "127.0.0.1", 0) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):
            yield Filled(session, documents)
