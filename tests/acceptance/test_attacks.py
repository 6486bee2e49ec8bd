"""`make attacks` in short: while a node is attacked it answers probes, acknowledges reports and stays small."""

import pytest

from tests.attacks.attackers import ATTACKS
from tests.attacks.measuring import Plan, measure
from tests.bench.stand import settings_on

PLAN = Plan(
    trials=200,
    seconds=5,
    connections=200,
    attacks=ATTACKS,
    report_limit=3_000,
    probe_limit=1_500,
    memory_limit=2,
    times_quiet=25,
)
"""A second and 250 ms are kept by a machine that does nothing else; a loop that is held takes longer than these."""


@pytest.mark.alone
async def test_a_node_that_is_attacked_goes_on(database_url: str) -> None:
    assert await measure(settings_on(database_url), PLAN) == []
