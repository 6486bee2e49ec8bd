"""The memory that JSON takes once it is read, estimated from its bytes: texts as they are, each value as an object."""

from collections.abc import Mapping
from typing import Any, Final

from events import canonical

VALUE: Final = 100
"""Bytes of a value, at most: a trial of 8,000 references with one member each has 97 for each of its values."""
MOST: Final = 50_000
"""Values that count; what has more has them in its texts, as commas."""


def values(text: bytes) -> int:
    """No fewer than the values in JSON but one: each follows a comma or a bracket, and texts have commas, too."""
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def weight(text: bytes) -> int:
    """Bytes that the values of JSON take in memory, as `json.loads` makes them, or somewhat fewer."""
    return len(text) + VALUE * min(values(text), MOST)


def growth(event: bytes, data: Mapping[str, Any]) -> int:
    """Bytes that an event adds to a state, by its JSON and its data: negative if the state shrinks.

    A change replaces its old value by the new one. Everything else in the event is added in full.
    """
    return weight(event) + sum(
        _weight(change.get("new")) - _weight(change.get("old")) - _weight(change) for change in data.get("changes", ())
    )


def _weight(value: Any) -> int:
    return weight(canonical.to_json(value))
