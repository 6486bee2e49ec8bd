"""When a recruitment status was last confirmed, and how long it can be relied on.

The rules are data, each with its source and its days in force.

A statement that has lapsed by one rule does not return because a later rule is longer: only a new confirmation
renews it. So each statement has one day from which it no longer counts.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from events.schemas.values import first_day, last_day
from events.schemas.zones import day_in
from projections.trial.at_home import sources_of_home

Stored: TypeAlias = Mapping[str, Any]

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Freshness:
    """A statement counts for so many months after it was last confirmed. `effective_to` is the last day of the rule."""

    rule: str
    months: int
    effective_from: date
    effective_to: date | None
    source: str
    verified_by: str


FRESHNESS: Final = (
    Freshness(
        rule="two-years",
        months=24,
        effective_from=date(2014, 12, 9),
        effective_to=None,
        source=(
            "ClinicalTrials.gov, Glossary, 'Last verified date' and 'Unknown' (clinicaltrials.gov/ct2/help/glossary/"
            "last-verified-date): recruiting, not yet recruiting, or active, and not confirmed within the past 2 years"
            " is shown as Unknown. The day is that of the oldest copy read (BMJ 2014;349:g6870, table 1). 42 CFR"
            " 11.64(a)(1)(i) asks for a verification every 12 months"
        ),
        verified_by="read by a developer on 2026-11-29; no lawyer has",
    ),
)


def day_after(day: date) -> date:
    """The next day; the last that there is stays."""
    return day if day == date.max else day + timedelta(days=1)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    year, month = day.year + years, month + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=4096)
def stale_from(confirmed: date, rules: tuple[Freshness, ...] = FRESHNESS) -> date | None:
    """The first day on which a statement confirmed on a day no longer counts; None where no rule ever ends it."""
    first = (
        (max(day_after(months_later(confirmed, rule.months)), rule.effective_from), rule.effective_to) for rule in rules
    )
    return min((day for day, last in first if last is None or day <= last), default=None)


class Confirmation(NamedTuple):
    """When something was last confirmed: the days that the date can mean. Not `certain` if only received then."""

    stated: str
    first: date
    last: date
    certain: bool = True


def confirmed_at(site: Stored) -> Confirmation | None:
    """When the site itself last reported its status or confirmed it; None where it never did.

    Decisions about it are not its own reports.
    """
    reports = (site.get("reported", site.get("changed")), site.get("verified"))
    stated = [_reported(one["on"], one.get("recorded")) for one in reports if one]
    return _latest(stated) if stated else None


@lru_cache(maxsize=16384)
def _reported(on: str, recorded: str | None) -> Confirmation:
    """A report is about no day after it was recorded: `2026`, reported in May, means no day after May."""
    return _confirmation(on, None if recorded is None else _day_of(recorded))


def confirmed_of(document: Stored) -> Confirmation | None:
    """When the trial's own status was last confirmed: here, or by its home.

    Where its home gives no such day, the day of the source's version counts, or else the day on which it was received.
    Once the trial is registered here, its partner's data no longer confirms anything.
    """
    if "confirmed_before" in document:
        return _confirmed_here(document, _confirmation(document["confirmed_before"]))
    sources = [one for one in sources_of_home(document) if _gives_its_status(document, one)]
    received = max((_day_of(source["recorded"]) for source in sources), default=None)
    stated = [
        *([_confirmation(document["confirmed"])] if "confirmed" in document else ()),
        *([_confirmation(document["status"]["verified"], received)] if "verified" in document["status"] else ()),
    ]
    if stated:
        return _latest(stated)
    dated = [_confirmation(source["retrieved"], received) for source in sources if "retrieved" in source]
    if received is None:
        return None
    return _latest(dated or [Confirmation(received.isoformat(), received, received)])._replace(certain=False)


def _confirmed_here(document: Stored, before: Confirmation) -> Confirmation:
    """A partner's day of verification counts for as long as the status that it verified."""
    stated = [
        *([_confirmation(document["confirmed"])] if "confirmed" in document else ()),
        *([before] if "verified" in document["status"] else ()),
    ]
    return _latest(stated) if stated else before._replace(certain=False)


def counted_until_here(document: Stored) -> str | None:
    """The day from which a partner's status counts once its trial is registered here, as precisely as it is known."""
    known = confirmed_of(document)
    if known is None:
        return None
    return known.stated if last_day(known.stated) == known.last else known.last.isoformat()


def _gives_its_status(document: Stored, source: Stored) -> bool:
    """Among a register's rows by country, only those with the trial's own status confirm it."""
    return "status" not in source or same_status(source["status"], document["status"])


def same_status(one: Stored, other: Stored) -> bool:
    """Whether two statuses say the same on both axes."""
    return all(one[axis] == other[axis] for axis in ("authorisation", "recruitment"))


def _latest(confirmations: list[Confirmation]) -> Confirmation:
    """The latest of them; it was not before the first day that any of them can mean."""
    if len(confirmations) == 1:
        return confirmations[0]
    latest = max(confirmations, key=lambda one: (one.last, one.first, one.stated))
    return latest._replace(first=max(one.first for one in confirmations))


def _confirmation(stated: str, received: date | None = None) -> Confirmation:
    """Nothing is confirmed after the day its record was received: otherwise a wrong year would count forever."""
    first, last = _days(stated)
    return Confirmation(stated, min(first, received or first), min(last, received or last))


@lru_cache(maxsize=4096)
def _days(stated: str) -> tuple[date, date]:
    return first_day(stated), last_day(stated)


@lru_cache(maxsize=4096)
def _day_of(recorded: str) -> date:
    """The day in Japan of a time in RFC 3339."""
    return day_in(None, datetime.fromisoformat(recorded))
