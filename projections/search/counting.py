"""How many documents of an index have each value of each facet."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from tantivy import Query, Searcher

from projections.search import shape
from projections.search.facets import HOLDS_UNTIL
from projections.search.query import Counts

ALL_VALUES: Final = 100_000
"""Of a facet. With more, tantivy would leave out some and count the others wrongly."""


def counted(searcher: Searcher, query: Query, facets: Sequence[str], day: date) -> Counts:
    """By facet and value, of the documents that the query finds; recruitment as it can be relied on, on the day."""
    if not facets:
        return {}
    aggregations = {facet: _by_day(day) if facet == "recruitment" else _values(facet) for facet in facets}
    found = searcher.aggregate(query, aggregations)
    return {
        facet: _statuses(found[facet])
        if facet == "recruitment"
        else {bucket["key"]: bucket["doc_count"] for bucket in found[facet]["buckets"]}
        for facet in facets
    }


def _values(field_name: str) -> dict[str, Any]:
    return {"terms": {"field": field_name, "size": ALL_VALUES}}


def _by_day(day: date) -> dict[str, Any]:
    """Recruitment by the day until which it holds, nested: the first one counts."""
    made: dict[str, Any] = {"stated": _values("recruitment")}
    for name in reversed(HOLDS_UNTIL.values()):
        after = shape.number_of(day) + 1
        ranges = {"field": name, "ranges": [{"from": after, "key": "lasting"}, {"to": after, "key": "past"}]}
        made = {name: {"range": ranges, "aggs": made}}
    [(_, outermost)] = made.items()
    return dict(outermost)


def _statuses(found: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for status, following in zip(HOLDS_UNTIL, [*HOLDS_UNTIL.values(), "stated"][1:], strict=True):
        buckets = {bucket["key"]: bucket for bucket in found["buckets"]}
        if lasting := buckets.get("lasting", {}).get("doc_count"):
            counts[status.value] = lasting
        found = buckets["past"][following]
    for bucket in found["buckets"]:
        counts[bucket["key"]] = counts.get(bucket["key"], 0) + bucket["doc_count"]
    return counts
