"""How a moment is written."""

from datetime import UTC, datetime

import pytest

from events.record import Position
from projections.base.moments import Moment, moment_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T09:30:00+09:00", Moment(datetime(2026, 11, 22, 0, 30, tzinfo=UTC))),
        ("2026-11-22T09:30:00 09:00", Moment(datetime(2026, 11, 22, 0, 30, tzinfo=UTC))),
        ("2026-11-22t00:30:00.125z", Moment(datetime(2026, 11, 22, 0, 30, 0, 125_000, tzinfo=UTC))),
        ("2026-11-22", Moment(datetime(2026, 11, 22, 14, 59, 59, 999_000, tzinfo=UTC))),
        ("3:141", Moment(position=Position(3, 141))),
    ],
)
def test_a_moment_is_a_time_a_day_in_japan_or_a_position(text: str, expected: Moment) -> None:
    read = moment_of(text)
    assert read == expected
    assert read.recorded is None or read.recorded.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "2026-13-01",
        "2026-11-22T09:30:00",
        "2026-11-22T25:00:00Z",
        "3:",
        "-1:2",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text)


def test_a_moment_beyond_all_years_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"^beyond the years 1 to 9999$"):
        moment_of("9999-12-31T23:59:59-23:59")
