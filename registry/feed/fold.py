"""How a reader of the feed gets the trials' documents: the whole rule, which any client can follow.

For a reader who may see everything, the documents are those of `registry dump`, with the sealed values in clear.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, TypeAlias

from events import changes

Documents: TypeAlias = Mapping[str, Mapping[str, Any]]
"""By the trial's id."""


def fold(documents: Documents, entries: Iterable[Mapping[str, Any]]) -> Documents:
    """The documents after the entries, in the order in which the feed gave them."""
    return reduce(after, entries, documents)


def after(documents: Documents, entry: Mapping[str, Any]) -> Documents:
    """The documents after one entry.

    `record` is the trial's whole document and replaces the earlier one. Otherwise `changes` give the differences:
    `new` is put at the JSON Pointer `field`, and null removes it; then the entry's version, position and time are the
    document's. A pointer into a list names a member by its `item`; see `events.changes`. A `closed` entry
    states that something changed, without the change.
    """
    trial = entry["trial"]
    if "record" in entry:
        return {**documents, trial: entry["record"]}
    if "changes" not in entry:
        return documents
    changed = changes.apply(documents[trial], ((one["field"], one["new"]) for one in entry["changes"]))
    place = {"version": entry["version"], "position": entry["position"], "last_recorded": entry["recorded"]}
    return {**documents, trial: {**changed, **place}}
