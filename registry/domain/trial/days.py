"""The days that a sponsor or a site states: when something happened, and the dates of a registration."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

from events.schemas.registration import Registration, Results
from events.schemas.values import PartialDate, first_day, last_day
from registry.domain.decider import EARLIEST, Fault

FIRST: Final = EARLIEST.date()
"""No day before it is taken: it is a slip."""
_WRITTEN: Final = "^(19|[2-9][0-9])[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
"""The same for readers of a schema."""


def _too_early(on: str) -> str:
    """The fault of a date if each of its days is before the first; empty if one is not."""
    return f"{on} is before {FIRST.year}; give the right day" if last_day(on) < FIRST else ""


def _since_first(on: str) -> str:
    if fault := _too_early(on):
        raise ValueError(fault)
    return on


DayOfEvent: TypeAlias = Annotated[
    PartialDate,
    AfterValidator(_since_first),
    Field(
        description=f"When it happened, as precisely as it is known. Not before {FIRST.year}, and not in the future.",
        json_schema_extra={"pattern": _WRITTEN, "examples": ["2026", "2026-11", "2026-11-22"]},
    ),
]
"""A date as commands take it. Events have any date: stored events stay readable."""


def not_in_future(on: str, today: date, field: str) -> Iterator[Fault]:
    """A reported act has happened: some day of a partial date must not lie after today."""
    if first_day(on) > today:
        yield Fault("date-in-future", f"{on} is after today ({today}); report what has happened", field)


def stated_dates(registration: Registration, today: date) -> Iterator[Fault]:
    """No date is before 1900, and one that is called actual has come."""
    for field in ("first_enrolment", "completion", "primary_completion"):
        stated = getattr(registration, field)
        if stated is not None:
            yield from _since_1900(stated.date, f"/registration/{field}")
            if stated.kind == "actual":
                yield from not_in_future(stated.date, today, f"/registration/{field}")
    if registration.results is not None:
        yield from dates_of_results(registration.results, today, "/registration/results")
    for number, review in enumerate(registration.ethics_reviews or ()):
        if review.decided is not None:
            yield from _has_come(review.decided, today, f"/registration/ethics_reviews/{number}/decided")


def dates_of_results(results: Results, today: date, at: str) -> Iterator[Fault]:
    """Results are posted and published on days that have come."""
    for field in ("posted", "first_published"):
        if (day := getattr(results, field)) is not None:
            yield from _has_come(day, today, f"{at}/{field}")
    if results.protocol_date is not None:
        yield from _since_1900(results.protocol_date, f"{at}/protocol_date")


def _has_come(on: str, today: date, field: str) -> Iterator[Fault]:
    yield from _since_1900(on, field)
    yield from not_in_future(on, today, field)


def _since_1900(on: str, field: str) -> Iterator[Fault]:
    if fault := _too_early(on):
        yield Fault("date-too-early", fault, field)
