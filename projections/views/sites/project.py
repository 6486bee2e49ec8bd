"""The sites of a trial as rows of the site board."""

from collections.abc import Iterator
from typing import Any, Final

from events.canonical import to_json
from events.event import Event
from projections.base.table import Put, Row, Table
from projections.trial.document import Document

SITE: Final = Table(
    "sites", "site", ("trial", "site", "organisation", "authorisation", "recruitment", "details"), latest=True
)


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """All of the trial's sites, whenever one of them changed."""
    if after is None or (before is not None and before["sites"] is after["sites"]):
        return
    if before is None or before["sites"] != after["sites"]:
        trial = after["trial"]
        yield Put(SITE, (trial,), tuple(_row(trial, site) for _, site in sorted(after["sites"].items())))


def _row(trial: str, site: dict[str, Any]) -> Row:
    return (
        trial,
        site["site"],
        site.get("organisation"),
        site["authorisation"],
        site["recruitment"],
        to_json(site).decode(),
    )
