"""Entries for an index without views: one of a published trial of ours, with what a test says of it."""

from datetime import UTC, datetime
from typing import Any

from projections.search.shape import Entry
from tests.projections.trials import trial_id

SINCE = datetime(2026, 4, 1, tzinfo=UTC)


def entry(number: int = 1, version: int = 1, **fields: Any) -> Entry:
    """The entry of a trial of this number, as it is from the version on."""
    plain: dict[str, Any] = {
        **dict.fromkeys(Entry._fields),
        **dict.fromkeys(("titles", "conditions", "sponsors", "rest", "beside"), ""),
        "trial": trial_id(number),
        "version": version,
        "partition": 0,
        "since": SINCE,
        "since_offset": number,
        "newest": SINCE,
        "public": True,
        "own": True,
        "identifiers": [f"J{number}"],
        "borne": 1,
        "authorisation": "published",
        "recruitment": "recruiting",
        "countries": [],
        "traits": [],
    }
    return Entry(**{**plain, **fields})
