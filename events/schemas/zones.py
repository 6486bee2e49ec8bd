"""Time zones by their IANA names. The data is the `tzdata` package's, whose version the lock file pins."""

from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Annotated, Final, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from events.schemas.bounds import at_the_door

JAPAN: Final = timezone(timedelta(hours=9))
"""Japan Standard Time; a fixed offset, as Japan has had no other since 1951."""
_DATA: Final = files("tzdata").joinpath("zoneinfo")


def _lines(name: str) -> list[str]:
    return _DATA.joinpath(name).read_text("utf-8").splitlines()


def _places() -> frozenset[str]:
    """Zones of the tables of places, and older names of theirs that name an area and a place too."""
    rows = (line.split("\t") for table in ("zone.tab", "zone1970.tab") for line in _lines(table))
    listed = {row[2] for row in rows if not row[0].startswith("#")}
    links = (line.split()[1:3] for line in _lines("tzdata.zi") if line.startswith("L "))
    return frozenset(listed | {older for now, older in links if now in listed and "/" in older})


PLACES: Final = _places()
"""Zones that tell the time at a place. Not those of an offset alone (`UTC`, `Etc/GMT-9`), nor of rules without a place
(`EST5EDT`), nor `Factory`, which stands for a clock that nobody has set."""
UNSET: Final = "Factory"
NAMES: Final = frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - {UNSET}
"""Every zone that tells a time: what a log may hold from when any of them was taken."""
_WRITTEN: Final = r"^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$"
"""The form of a name, for readers of a schema. Which names there are changes with the data."""


@at_the_door
def _known(name: str) -> str:
    # A name that a later edition no longer has stays readable.
    if name not in PLACES:
        raise ValueError("give the time zone of a place by its IANA name, as Asia/Tokyo")
    return name


ZoneName: TypeAlias = Annotated[
    str,
    AfterValidator(_known),
    Field(max_length=64, json_schema_extra={"pattern": _WRITTEN, "examples": ["Asia/Tokyo", "Pacific/Apia"]}),
]
"""The zone of a place, of the IANA database."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of a name; raises LookupError where this edition of the data has none."""
    if name not in NAMES:
        raise LookupError(f"no zone {name}")
    return ZoneInfo.from_file(BytesIO(_DATA.joinpath(*name.split("/")).read_bytes()), key=name)


def day_in(name: str | None, moment: datetime) -> date:
    """The calendar date at a moment in the zone; in Japan where there is none, or none that this edition knows."""
    there = zone(name) if name in NAMES else JAPAN
    return moment.astimezone(there).date()
