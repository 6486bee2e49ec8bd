"""`make search-quality`: fills a registry, runs every query, and prints the quality of the answers and their gaps."""

import asyncio
import logging
import warnings
from collections.abc import Sequence
from typing import Final

import structlog

from tests.bench.figures import console
from tests.search_quality.asking import filled
from tests.search_quality.drawing import drawn, write
from tests.search_quality.judging import FIRST, Judged, queries, summary
from tests.support.postgres import fresh_database, own_server
from tests.support.servers import ROOT

WHOLE: Final = 1.0


async def measure(database_url: str) -> None:
    """Prints both files."""
    async with filled(database_url) as registry:
        show("queries.csv", await registry.judge(queries()), misses=True)
        unseen = list(drawn(registry.documents))
        file = write([query for query, _ in unseen], ROOT)
        judged = [Judged(query, expected, await registry.ask(query)) for query, expected in unseen]
        show(str(file.relative_to(ROOT)), judged, misses=False)


def show(name: str, judged: Sequence[Judged], *, misses: bool) -> None:
    """Prints recall and precision by kind, and each query that did not find all; of drawn ones, only how many."""
    console.print(f"{name:32}{'queries':>8}{'recall@20':>11}{'precision@5':>13}")
    for kind, count, recall, precision in summary(judged):
        console.print(f"  {kind:30}{count:>8}{recall:>11.3f}{precision:>13.3f}")
    short = [one for one in judged if one.recall < WHOLE]
    console.print(f"  did not find all: {len(short)}")
    for one in short if misses else ():
        missing = len(one.expected) - len(one.expected & {*one.found})
        console.print(
            f"    {one.query.text} ({one.query.kind}, {' '.join(one.query.about)}): recall {one.recall:.2f}, "
            f"{len(one.expected)} expected, {missing} not among the first {FIRST}",
            markup=False,
        )


def main() -> None:
    """Runs it on a database of its own."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with own_server() as server, fresh_database(server) as url:
        asyncio.run(measure(url))


if __name__ == "__main__":
    main()
