"""Whatever the schema accepts passes every stage: generated registrations, reports and imports at their limits."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.robustness.rounds import carry, drawn, tally_table

EXAMPLES = 2_000


@pytest.mark.timeout(900)
async def test_what_the_schema_accepts_everything_can_carry(database_url: str, tmp_path: Path) -> None:
    plans = drawn(EXAMPLES, 1)
    tally = await carry(plans, database_url, tmp_path)
    Console(width=150).print(tally_table(tally))

    assert len(plans) > 0.9 * EXAMPLES
    assert tally.outcomes["recorded"] > EXAMPLES
    assert tally.outcomes["taken in"] > 0.2 * EXAMPLES
    assert tally.outcomes["written for WHO"] > 0.2 * EXAMPLES
