"""Searches of the view, in process and over HTTP, beside tantivy over the same texts."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from projections.reading import Views
from projections.search.query import SearchQuery
from registry.demo import sources
from tests.bench.figures import quantile, ratio, spread, table
from tests.bench.indexing import Tantivy
from tests.bench.wire import Wire, get

Query: TypeAlias = Mapping[str, str]
Search: TypeAlias = Callable[[Query], Awaitable[int]]

PAGE: Final = 20
COMMON: Final = ("trial", "試験", "患者", "a trial of")
"""Words of nearly every trial: the worst search that a reader can make."""
QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def queries() -> list[Query]:
    """The searches: diseases and treatments in both languages, some with more words, every third for a status."""
    world = sources.read()
    found = [text for disease in world.diseases for text in (disease.ja, disease.en)]
    found += [text for way in world.treatments for text in (way.ja, way.en)]
    several = world.organisations.sponsors * len(world.diseases)
    found += [f"{disease.ja} {sponsor.ja}" for disease, sponsor in zip(world.diseases, several, strict=False)]
    found += [f"{disease.en} {disease.outcome_en}" for disease in world.diseases]
    found += COMMON
    return [{"q": q, "recruitment": "recruiting"} if at % 3 == 2 else {"q": q} for at, q in enumerate(found)]


async def searching(views: Views, port: int, rounds: int) -> tuple[dict[str, Any], dict[str, float]]:
    """The figures and ratios of so many rounds of all sides, by turns."""
    with tempfile.TemporaryDirectory(prefix="registry-bench-") as folder:
        index = Tantivy(folder, PAGE)
        trials = await index.fill(views)
        wire = await Wire.open(port)
        await _until_indexed(wire)

        async def over_http(query: Query) -> int:
            status, body = await wire.ask(get(f"/v1/trials?{urlencode(query)}"))
            assert status == 200, body
            return body.count(b'"rank"')

        async def in_process(query: Query) -> int:
            return len((await views.search(SearchQuery.model_validate(_typed(query)), None)).found)

        sides = {"over HTTP": over_http, "in process": in_process, "tantivy": index.search}
        figures = await _rounds(sides, rounds)
        wire.close()
    columns = [*QUANTILES, "mean"]
    rows = [[name, *(spread(one[column]) for column in columns), spread(one["hits"])] for name, one in figures.items()]
    title = f"{len(queries())} searches among {trials:,} trials, {PAGE} results, one at a time; milliseconds"
    table(title, ["side", *columns, "results"], rows)
    ratios = {"search_over_tantivy": ratio(figures["tantivy"]["mean"], figures["in process"]["mean"])}
    return {"trials": trials, "searches": len(queries()), "ms": figures}, ratios


async def _until_indexed(wire: Wire) -> None:
    """Returns when the server has made its index, without which searches are answered with 503."""
    while (await wire.ask(get("/v1/trials?limit=1")))[0] == 503:  # noqa: ASYNC110
        await asyncio.sleep(0.5)


def _typed(query: Query) -> dict[str, Any]:
    return {
        "q": query["q"],
        "limit": PAGE,
        **({"recruitment": [query["recruitment"]]} if "recruitment" in query else {}),
    }


async def _rounds(sides: Mapping[str, Search], rounds: int) -> dict[str, dict[str, list[float]]]:
    """By side, the quantiles of each round; a round before the first warms caches."""
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            for column, value in (await _round(side, queries())).items():
                if number:
                    figures[name].setdefault(column, []).append(value)
    return figures


async def _round(side: Search, queries: Sequence[Query]) -> dict[str, float]:
    took, hits = [], 0
    for query in queries:
        started = time.perf_counter()
        hits += await side(query)
        took.append((time.perf_counter() - started) * 1000)
    ordered = sorted(took)
    found = {name: quantile(ordered, of) for name, of in QUANTILES.items()}
    return {**found, "mean": sum(took) / len(took), "hits": hits}
