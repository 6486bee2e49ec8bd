"""A right command is not refused by a node that is behind: `make behind` sends 10,000 reports where these send 300."""

import sys

import pytest

from tests.support.behind import alternate, two_nodes
from tests.support.node import settings_for


@pytest.mark.parametrize("log", ["postgres", "kafka3"])
async def test_a_report_that_follows_from_one_acknowledged_elsewhere_is_never_refused(
    log: str, database_url: str, request: pytest.FixtureRequest
) -> None:
    kafka = "" if log == "postgres" else request.getfixturevalue(log).bootstrap
    async with two_nodes(settings_for(database_url, kafka)) as nodes:
        told = await alternate(nodes, request.config.getoption("--reports"))

    sys.stdout.write(
        f"{log}: {told.recorded:,} reports recorded, {len(told.refused):,} refused, in {told.seconds:.0f} s\n"
    )
    assert told.refused == []
