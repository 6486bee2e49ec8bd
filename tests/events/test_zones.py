"""Zones by their names, the day there, and a moment with its offset and zone."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from events.schemas.moment import Moment
from events.schemas.trial import Site
from events.schemas.zones import NAMES, PLACES, day_in, zone

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Apia", date(2026, 11, 23)),
        ("Asia/Tokyo", date(2026, 11, 22)),
        ("Pacific/Pago_Pago", date(2026, 11, 22)),
        (None, date(2026, 11, 22)),
        ("Atlantis/Poseidonis", date(2026, 11, 22)),
        ("Etc/GMT-14", date(2026, 11, 23)),
        ("UTC", date(2026, 11, 22)),
    ],
)
def test_the_day_is_the_zones_own_and_japans_where_none_is_known(zone: str | None, day: date) -> None:
    assert day_in(zone, NOON) == day


@pytest.mark.parametrize(
    "zone",
    [
        "JST", "Asia/Kyoto", "+09:00", "", "../../etc/passwd", "asia/tokyo",
        "Factory", "localtime", "posixrules", "right/Asia/Tokyo", "posix/Asia/Tokyo",
        "UTC", "GMT", "Etc/UTC", "Etc/GMT-9", "EST", "EST5EDT", "CET", "Japan",
        "zone.tab", "tzdata.zi", "leapseconds",
    ],
)  # fmt: skip
def test_a_site_names_a_zone_that_there_is(zone: str) -> None:
    with pytest.raises(ValidationError, match="IANA"):
        Site.model_validate({"site": "a", "name": {"en": "A"}, "zone": zone})
    stored = Site.from_stored({"site": "a", "name": {"en": "A"}, "zone": zone})

    assert stored.zone == zone, "a name that the data no longer has stays readable"


def test_a_clock_that_nobody_has_set_is_no_zone_in_a_log_either() -> None:
    evening = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)

    assert day_in("Factory", evening) == day_in(None, evening) == date(2026, 11, 23)
    with pytest.raises(LookupError):
        zone("Factory")


@pytest.mark.parametrize(
    "name",
    ["Asia/Tokyo", "Asia/Seoul", "Asia/Calcutta", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "US/Pacific"],
)
def test_a_place_has_its_zone_and_older_names_of_it(name: str) -> None:
    site = Site.model_validate({"site": "a", "name": {"en": "A"}, "zone": name})

    assert site.zone == name


def test_each_zone_of_a_place_can_be_read_and_tells_a_day() -> None:
    assert len(PLACES) > 500
    assert PLACES <= NAMES
    assert {day_in(name, NOON) for name in PLACES} == {date(2026, 11, 22), date(2026, 11, 23)}
    assert {name for name in NAMES - PLACES if "/" in name and not name.startswith("Etc/")} == set()


@pytest.mark.parametrize(
    "moment",
    [
        {"date": "2026"},
        {"date": "2026-11-22", "zone": "Asia/Tokyo"},
        {"date": "2024-06-17", "at": "2024-06-17T12:42:53+02:00", "zone": "Europe/Berlin"},
        {"date": "2026-11-22", "at": "2026-11-22T00:00:00.123456Z"},
    ],
)
def test_a_moment_is_kept_as_it_was_said(moment: dict[str, str]) -> None:
    assert Moment.model_validate(moment).to_stored() == moment


@pytest.mark.parametrize(
    ("moment", "fault"),
    [
        ({"date": "2026-11-22", "at": "2026-11-22T09:30:00"}, "with its offset"),
        ({"date": "2026-11-22", "at": "2026-11-22T25:30:00Z"}, "write a time with"),
        ({"date": "2026-11-21", "at": "2026-11-22T09:30:00+09:00"}, "the time is on 2026-11-22"),
        ({"date": "2026-11", "at": "2026-11-22T09:30:00+09:00"}, "the time is on 2026-11-22"),
        ({"date": "2024-06-17", "at": "2024-06-17T12:42:53+01:00", "zone": "Europe/Berlin"}, "this offset"),
    ],
)
def test_a_moment_whose_parts_disagree_is_refused(moment: dict[str, str], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Moment.model_validate(moment)
    assert Moment.from_stored(moment).to_stored() == moment
