"""Damaged documents through every reader of input from outside: read or refused, and each in little time."""

import pytest

from tests.fuzz.targets import READ, TARGETS, fuzz

DOCUMENTS = 3_000
"""Documents in each run of the tests; `make fuzz` takes a hundred thousand."""
SLOWEST = 3.0
"""Seconds of the process's own time that one document may take; a busy machine has slow seconds."""


@pytest.mark.parametrize("reader", TARGETS)
def test_every_damaged_document_is_read_or_refused_in_little_time(reader: str) -> None:
    tally = fuzz(reader, DOCUMENTS)
    seconds, number = tally.slowest

    assert tally.documents == DOCUMENTS
    assert seconds < SLOWEST, f"document {number}"
    # If all were refused at the first byte, no code after that would have been tested.
    assert tally.outcomes[READ] > DOCUMENTS / 50
    assert tally.outcomes.total() - tally.outcomes[READ] > DOCUMENTS / 50
