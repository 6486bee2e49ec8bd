"""Each message with which a start can be refused is explained to operators."""

import re
from pathlib import Path

import pytest

from tests.support.refusals import REFUSING, messages

GUIDE = Path(__file__).parents[2] / "docs" / "operations" / "refusals.md"
EXPLAINED = set(re.findall(r"`([^`]+)`", GUIDE.read_text()))
MESSAGES = messages()


@pytest.mark.parametrize("message", MESSAGES)
def test_every_refusal_is_explained(message: str) -> None:
    assert message in EXPLAINED, f"docs/operations/refusals.md does not explain what {MESSAGES[message]} raises"


def test_every_kind_of_refusal_is_found_in_the_source() -> None:
    assert len(MESSAGES) > len(REFUSING) * 4
    assert "the views were made by another version of this program; run: registry rebuild" in MESSAGES
    assert (
        "…:… is taken by another program, perhaps by another registry; stop it, or set REGISTRY_PORT to another port"
        in MESSAGES
    )
