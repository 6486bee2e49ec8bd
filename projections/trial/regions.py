"""A trial's parts by country, between the trial as a whole and its sites, from the rows of registers."""

from typing import Any, Final, TypeAlias

from events import changes
from events.identifiers.rows import region_of
from events.schemas.trial import source_key
from events.schemas.values import last_day

Stored: TypeAlias = dict[str, Any]
OF_ROW: Final = ("/status", "/registration/completion")


def row_of(known: Stored | None, data: Stored) -> Stored:
    """{region, status, completion} of a source that is one country's row, after an event of its own; else empty.

    `known` is the former view of the source, None for its first event.
    """
    if known is None:
        region = region_of(data["source"].get("record"), data["home"]["number"])
        return {} if region is None else _row(region, data)
    if "region" not in known:
        return {}
    before = {"status": known["status"], "registration": {"completion": known.get("completion")}}
    changed = [(one["field"], one.get("new")) for one in data["changes"] if _is_of_row(one["field"])]
    return _row(known["region"], changes.apply(before, changed))


def _row(region: str, stated: Stored) -> Stored:
    completion = stated["registration"].get("completion")
    return {"region": region, "status": stated["status"], **({"completion": completion} if completion else {})}


def _is_of_row(field: str) -> bool:
    return any(f"{field}/".startswith(f"{part}/") for part in OF_ROW)


def regions_of(sources: Stored) -> Stored:
    """{region: status} of all rows, by their names; of two rows for one country the newest."""
    rows = [one for one in sources.values() if "region" in one]
    newest_last = sorted(rows, key=lambda one: (_day(one), source_key(one)))
    return dict(sorted({one["region"]: one["status"] for one in newest_last}.items()))


def _day(source: Stored) -> int:
    return last_day(source["retrieved"]).toordinal() if "retrieved" in source else 0
