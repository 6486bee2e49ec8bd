"""The summary of a trial that a list shows on a day."""

from datetime import date
from typing import Any

from projections.trial import joining
from projections.trial.courses import Joining, on


def shown_on(summary: dict[str, Any], day: date) -> dict[str, Any]:
    """A summary as it is kept, with the answers of a day in the place of their course."""
    lasting = {name: value for name, value in summary.items() if name not in ("course", "open_sites")}
    course = tuple(map(Joining.from_stored, summary["course"]))
    return {
        **lasting,
        "joining": on(course, day).to_json(),
        "recruiting_sites": joining.open_on(summary["open_sites"], day),
    }
