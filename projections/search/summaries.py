"""The summaries that lists show of found trials, as the views store them for each entry."""

from collections.abc import Sequence
from typing import Any, Final

from projections.base.connecting import Connection

SELECT: Final = (
    "select trial, version, summary, octet_length(summary::text) from search_shown"
    " join unnest(%s::text[], %s::integer[]) as found (trial, version) using (trial, version)"
)
Summary = tuple[dict[str, Any], int]


async def summaries(connection: Connection, names: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Summary]:
    """The summaries of the entries, by trial and version, each with how many bytes it has."""
    trials, versions = [trial for trial, _ in names], [version for _, version in names]
    rows = await (await connection.execute(SELECT, (trials, versions))).fetchall()
    return {(trial, version): (summary, size) for trial, version, summary, size in rows}
